// What a credential helper says is taken or refused, and never repeated.
#include "docker_api/credential_helper.hpp"
#include "docker_api/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;

HALCYON_FUZZ_TARGET(credential_helper, input) {
  if (fuzz::knows_password(input)) return;
  std::string output(input);
  // A secret wherever the fuzzer wants one.
  for (std::size_t at = output.find('@'); at != std::string::npos; at = output.find('@', at + 1))
    output.replace(at, 1, fuzz::k_password);
  try {
    const auto found = docker_api::parse_helper_answer("docker-credential-pass", "r.io", output);
    if (!found) return;
    fuzz::require(!found->username.empty() || !found->password.empty() || !found->identity_token.empty(),
                  "credentials of nobody are none");
    fuzz::require(found->username != "<token>" && found->server_address == "r.io", "a token is no user");
  } catch (const docker_api::Error& error) {
    fuzz::require(error.kind() == docker_api::ErrorKind::invalid_argument, "one kind of error");
    fuzz::require(!fuzz::shows_password(error.what()), std::string("no secret in: ") + error.what());
  }
}
