// DOCKER_HOST: what is understood is written so that it is understood as the same, completing it twice
// changes nothing, and no message shows a password that somebody put there.
#include "docker_api/docker_host.hpp"
#include "docker_api/engine_address.hpp"
#include "docker_api/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using docker_api::Error;

HALCYON_FUZZ_TARGET(engine_address, input) {
  fuzz::Choices choices(input);
  const bool anywhere = choices.byte() % 2 == 1;
  const std::string text(choices.rest());
  if (fuzz::knows_password(text)) return;
  const docker_api::AddressRules rules{.plain_tcp_anywhere = anywhere};
  docker_api::EngineAddress address;
  if (fuzz::succeeds<Error>([&] { address = docker_api::parse_engine_address(text, rules); })) {
    fuzz::require(parse_engine_address(to_string(address), rules) == address,
                  "the text of an address is the same address: " + to_string(address));
  }
  std::string completed;
  if (fuzz::succeeds<Error>([&] { completed = docker_api::complete_docker_host(text); })) {
    std::string again = "an error";
    fuzz::succeeds<Error>([&] { again = docker_api::complete_docker_host(completed); });
    fuzz::require(again == completed, "what is complete stays as it is: " + completed + " -> " + again);
  }
  for (const std::string_view scheme : {"ssh://", "tcp://", "https://", ""}) {
    const std::string secret = std::string(scheme) + "deploy:" + std::string(fuzz::k_password) + "@" + text;
    const std::string parsed =
        fuzz::words_of<Error>([&] { docker_api::parse_engine_address(secret, rules); });
    fuzz::require(!parsed.empty(), "an address with a password is refused");
    fuzz::require(!fuzz::shows_password(parsed), "the password is not shown: " + parsed);
    const std::string words = fuzz::words_of<Error>([&] { docker_api::complete_docker_host(secret); });
    fuzz::require(!fuzz::shows_password(words), "nor while it is completed: " + words);
  }
}
