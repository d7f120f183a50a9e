// Versions, and what is settled by the answer to the first ping.
#include "docker_api/api_version.hpp"
#include "docker_api/error.hpp"
#include "docker_api/negotiation.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;

HALCYON_FUZZ_TARGET(api_version, input) {
  const auto version = docker_api::parse_api_version(input);
  if (version) {
    fuzz::require(docker_api::parse_api_version(to_string(*version)) == version,
                  "the text of a version is that version");
    fuzz::require(version->major >= 0 && version->minor >= 0, "a version has no sign");
  }
  const docker_api::HttpResponse ping{.status = 200, .headers = {{"Api-Version", std::string(input)}}};
  docker_api::Peer peer;
  if (!fuzz::succeeds<docker_api::Error>([&] { peer = docker_api::negotiate(ping); })) return;
  fuzz::require(version.has_value() && peer.version <= *version,
                "never a version that the engine does not have");
  fuzz::require(
      peer.version >= docker_api::k_oldest_api_version && peer.version <= docker_api::k_newest_api_version,
      "only versions that we have");
}
