#include "docker_api/registry_auth.hpp"

#include "docker_api/base64.hpp"
#include "docker_api/secret_json.hpp"

namespace halcyon::docker_api {
namespace {

SecretText to_json(const RegistryCredentials& credentials) {
  SecretJson object;
  object.add("identitytoken", credentials.identity_token.reveal());
  object.add("password", credentials.password.reveal());
  object.add("registrytoken", credentials.registry_token.reveal());
  object.add("serveraddress", credentials.server_address);
  object.add("username", credentials.username);
  return object.take();
}

Secret encode_object(const SecretText& object) {
  return encode_base64url_secret({object.data(), object.size()});
}

}  // namespace

Secret encode_registry_auth(const std::optional<RegistryCredentials>& credentials) {
  return encode_object(to_json(credentials.value_or(RegistryCredentials{})));
}

Secret encode_registry_config(const std::map<std::string, RegistryCredentials>& credentials) {
  SecretJson object;
  for (const auto& [registry, account] : credentials) object.add_object(registry, to_json(account));
  return encode_object(object.take());
}

}  // namespace halcyon::docker_api
