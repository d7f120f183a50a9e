// Sends a password to an engine that does not answer: a process for test_secret_memory.cpp to look into.
//
// usage: secret_holder pull|auth ADDRESS [CA_FILE]
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string_view>

#include "docker_api/auth.hpp"
#include "docker_api/engine.hpp"
#include "docker_api/images.hpp"
#include "tests/docker_api/secret_holder.hpp"
#include "tests/support/run_coroutine.hpp"

namespace docker = halcyon::docker_api;

namespace {

docker::Secret make_password() {
  docker::SecretText letters;
  for (std::size_t i = 0; i < docker::k_held_letters; ++i)
    letters.push_back(docker::letter_of(docker::HeldText::password, i));
  return docker::Secret(std::move(letters));
}

boost::asio::awaitable<void> send(docker::Engine& engine, std::string_view how) {
  const docker::RegistryCredentials account{
      .username = "u", .password = make_password(), .server_address = "r.io"};
  if (how == "pull")
    co_await docker::pull_image(engine, docker::parse_image_reference("r.io/app:1"),
                                {.credentials = account, .idle = std::chrono::hours(1)});
  if (how == "auth") co_await docker::check_credentials(engine, account);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  // Kept in ordinary memory: whoever does not find this has not looked.
  const std::string marker = docker::text_of(docker::HeldText::marker);
  docker::AddressRules rules;
  if (argc > 3) rules.tls = docker::TlsSettings{.ca_file = argv[3]};
  boost::asio::io_context io;
  docker::Engine engine(io.get_executor(), docker::parse_engine_address(argv[2], rules));
  halcyon::test_support::run(io, send(engine, argv[1]));
  return marker.empty() ? 1 : 0;
}
