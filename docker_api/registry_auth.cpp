// The X-Registry-Auth header.
#include <nlohmann/json.hpp>

#include "docker_api/images.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace {

/// base64url with padding: what the engine decodes. The other alphabet fails for some passwords only (G26).
std::string encode_base64url(std::string_view bytes) {
  constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text.push_back(k <= count ? k_alphabet[group >> (18 - 6 * k) & 63] : '=');
    }
  }
  return text;
}

}  // namespace

std::string encode_registry_auth(const std::optional<RegistryCredentials>& credentials) {
  if (!credentials) return encode_base64url("{}");
  const nlohmann::json auth{{"username", credentials->username},
                            {"password", credentials->password},
                            {"serveraddress", credentials->server_address}};
  return encode_base64url(dump_json(auth));
}

}  // namespace halcyon::docker_api
