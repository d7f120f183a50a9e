// base64 with the standard alphabet. Private to docker_api; registry_auth.cpp has the other one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halcyon::docker_api {

std::string encode_base64(std::string_view bytes);
/// Nothing for text that is not base64: another alphabet, wrong padding, anything between.
std::optional<std::string> decode_base64_text(std::string_view text);

}  // namespace halcyon::docker_api
