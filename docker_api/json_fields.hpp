// Reads JSON the way the engine writes it: null and missing are the same, integers are 64 bit (G35, G36).
// Private.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::docker_api {

inline constexpr std::size_t k_json_depth_limit = 64;

using Milliseconds = std::chrono::sys_time<std::chrono::milliseconds>;

/// Parses one JSON text. `endpoint` is for the message. Errors: protocol (malformed, deeper than 64).
nlohmann::json parse_json(std::string_view text, std::string_view endpoint);

/// Calls `visit` with each element of a JSON array, one at a time, so that a long list costs no more than one
/// element.
///
/// null is an empty array (Go's nil slice). Errors: protocol.
void for_each_element(std::string_view array_text, std::string_view endpoint,
                      const std::function<void(const nlohmann::json&)>& visit);

/// Writes JSON for the engine. Errors: invalid_argument for text that is not UTF-8.
std::string dump_json(const nlohmann::json& json);

/// The member, or null if `object` has none or is no object.
const nlohmann::json& get_field(const nlohmann::json& object, const char* key);

// Missing, null: the empty value. Another type: Error protocol naming the key.
std::string get_string(const nlohmann::json& object, const char* key);
std::int64_t get_int64(const nlohmann::json& object, const char* key);
std::uint64_t get_uint64(const nlohmann::json& object, const char* key);
bool get_bool(const nlohmann::json& object, const char* key);
std::vector<std::string> get_strings(const nlohmann::json& object, const char* key);
/// A list to go through.
const nlohmann::json& get_list(const nlohmann::json& object, const char* key);
std::map<std::string, std::string> get_string_map(const nlohmann::json& object, const char* key);
/// Missing, null: nothing.
std::optional<std::int64_t> find_int64(const nlohmann::json& object, const char* key);
std::optional<std::uint64_t> find_uint64(const nlohmann::json& object, const char* key);
/// A size that the engine may not know: nothing for null, missing and negative numbers.
std::optional<std::uint64_t> find_size(const nlohmann::json& object, const char* key);
/// The keys of an object used as a set, such as {"80/tcp": {}}.
std::vector<std::string> get_keys(const nlohmann::json& object, const char* key);
/// Nothing for Go's zero time "0001-01-01T00:00:00Z" and for text that is no RFC 3339 time.
std::optional<Milliseconds> get_time(const nlohmann::json& object, const char* key);

/// A time that is UNIX seconds in one answer and RFC 3339 text in another (G36); 0 and Go's zero time are
/// nothing.
std::optional<Milliseconds> get_any_time(const nlohmann::json& object, const char* key);

/// RFC 3339 with any fraction and offset; nothing for Go's zero time and anything else.
std::optional<Milliseconds> parse_time(std::string_view text);

}  // namespace halcyon::docker_api
