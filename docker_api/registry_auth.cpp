#include "docker_api/registry_auth.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/base64.hpp"
#include "docker_api/go_json.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

void add_text(json& object, const char* key, std::string_view value) {
  if (value.empty()) return;
  json& field = object[key] = "";
  field.get_ref<std::string&>() = value;
}

/// Fields are added one by one: an initializer list would leave copies of the secrets behind.
json to_json(const RegistryCredentials& credentials) {
  json object = json::object();
  add_text(object, "username", credentials.username);
  add_text(object, "password", credentials.password.reveal());
  add_text(object, "serveraddress", credentials.server_address);
  add_text(object, "identitytoken", credentials.identity_token.reveal());
  return object;
}

std::string encode(json& object) {
  const CleanseJsonAtEnd cleanse_object(object);
  std::string text = dump_json(object);
  const CleanseAtEnd cleanse_text(text);
  return encode_base64url(text);
}

}  // namespace

std::string encode_registry_auth(const std::optional<RegistryCredentials>& credentials) {
  json object = credentials ? to_json(*credentials) : json::object();
  return encode(object);
}

std::string encode_registry_config(const std::map<std::string, RegistryCredentials>& credentials) {
  json object = json::object();
  for (const auto& [registry, account] : credentials) object[registry] = to_json(account);
  return encode(object);
}

}  // namespace halcyon::docker_api
