// Base64 in the two alphabets that Docker uses (RFC 4648). Private to docker_api.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "docker_api/secret.hpp"

namespace halcyon::docker_api {

/// Section 5, '-' and '_', with padding: what the engine decodes. The other alphabet fails for some passwords
/// only (G26).
std::string encode_base64url(std::string_view bytes);
/// The same for what must not stay in memory.
Secret encode_base64url_secret(std::string_view bytes);

/// Section 4, '+' and '/', with padding.
std::string encode_base64(std::string_view bytes);
/// The same for what must not stay in memory.
Secret encode_base64_secret(std::string_view bytes);
/// Section 4. Nothing for another alphabet, wrong padding, anything between.
std::optional<std::string> decode_base64(std::string_view text);
/// The same for what must not stay in memory; line ends are skipped as Go does.
std::optional<Secret> decode_base64_secret(std::string_view text);

}  // namespace halcyon::docker_api
