// config.json and DOCKER_AUTH_CONFIG: no message holds a secret, and what is read is encoded so that an
// engine reads the same.
#include <nlohmann/json.hpp>

#include "docker_api/base64.hpp"
#include "docker_api/docker_config.hpp"
#include "docker_api/error.hpp"
#include "docker_api/registry_auth.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using docker_api::Error;

namespace {

std::string decode_base64url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const auto bytes = docker_api::decode_base64(text);
  fuzz::require(bytes.has_value(), "X-Registry-Auth is base64url with padding");
  return bytes.value_or("");
}

void check_encoding(const docker_api::RegistryCredentials& credentials) {
  std::string header;
  if (!fuzz::succeeds<Error>([&] { header = encode_registry_auth(credentials).reveal(); }))
    return;  // not UTF-8
  const auto json = nlohmann::json::parse(decode_base64url(header));
  fuzz::require(json.value("username", "") == credentials.username,
                "the engine gets the user name as it was");
  fuzz::require(json.value("password", "") == credentials.password.reveal(),
                "the engine gets the password as it was");
  fuzz::require(json.value("identitytoken", "") == credentials.identity_token.reveal(), "and the token");
}

void check_config(const std::string& text) {
  // A header's name is shown on purpose, so the password must not stand where one could be.
  const bool may_be_a_name = text.find("eaders") != std::string::npos ||
                             text.find("EADERS") != std::string::npos || text.find('\\') != std::string::npos;
  docker_api::DockerConfig config;
  docker_api::RegistryAccounts accounts;
  const std::string first = fuzz::words_of<Error>(
      [&] { config = docker_api::parse_docker_config(text, "/home/u/.docker/config.json"); });
  const std::string second = fuzz::words_of<Error>([&] { accounts = docker_api::parse_auth_config(text); });
  fuzz::require(may_be_a_name || !fuzz::shows_password(first), "config.json: " + first);
  fuzz::require(!fuzz::shows_password(second), "DOCKER_AUTH_CONFIG: " + second);
  for (const auto& [key, credentials] : config.auths) check_encoding(credentials);
  for (const auto& [key, credentials] : accounts) check_encoding(credentials);
}

}  // namespace

HALCYON_FUZZ_TARGET(docker_config, input) {
  if (fuzz::knows_password(input)) return;
  fuzz::Choices choices(input);
  check_config(std::string(choices.rest()));
  const std::string before(choices.part());
  const std::string after(choices.rest());
  check_config(before + std::string(fuzz::k_password) + after);
}
