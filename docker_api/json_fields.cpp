#include "docker_api/json_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/ascii.hpp"
#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

[[noreturn]] void fail_field(std::string_view endpoint, std::string why) {
  throw Error(
      {.kind = ErrorKind::protocol, .endpoint = std::string(endpoint), .explanation = std::move(why)});
}

[[noreturn]] void fail_type(const char* key, const char* wanted, const json& found) {
  fail_field("", fmt::format("field {} of the engine's answer should be {} and is {}", key, wanted,
                             found.type_name()));
}

/// Some engines write an empty list where an empty object is meant (G36).
bool is_empty_list(const json& value) { return value.is_array() && value.empty(); }

/// Where the first bracketed value ends (the text's size if it does not), and how deep it nests.
struct Extent {
  std::size_t end = 0;
  std::size_t deepest = 0;
};

/// Looks only at brackets outside strings: cheap, and done before a parser could build anything deep.
Extent measure(std::string_view text) {
  Extent extent;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      extent.deepest = std::max(extent.deepest, ++depth);
    } else if ((c == '}' || c == ']') && (depth == 0 || --depth == 0)) {
      extent.end = i + 1;
      return extent;
    }
  }
  extent.end = text.size();
  return extent;
}

constexpr std::string_view k_space = " \t\r\n";

}  // namespace

json parse_json(std::string_view text, std::string_view endpoint) {
  // Only the first value is measured: whatever follows it makes the parser refuse before it nests.
  if (measure(text).deepest > k_json_depth_limit) {
    fail_field(endpoint, fmt::format("the answer nests deeper than {}", k_json_depth_limit));
  }
  json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  // The parser takes a NUL for the end and does not look behind it.
  const bool is_cut = text.find('\0') != std::string_view::npos;
  if (parsed.is_discarded() || is_cut) fail_field(endpoint, "the answer is not JSON");
  return parsed;
}

void for_each_element(std::string_view array_text, std::string_view endpoint,
                      const std::function<void(const json&)>& visit) {
  array_text = trim(array_text, k_space);
  if (array_text == "null") return;
  if (!array_text.starts_with('[') || !array_text.ends_with(']'))
    fail_field(endpoint, "the answer is not a list");
  array_text = trim(array_text.substr(1, array_text.size() - 2), k_space);
  while (!array_text.empty()) {
    const std::size_t end = measure(array_text).end;
    visit(parse_json(array_text.substr(0, end), endpoint));
    array_text = trim(array_text.substr(end), k_space);
    if (array_text.empty()) return;
    if (array_text.front() != ',' || array_text.size() == 1) fail_field(endpoint, "the answer is not a list");
    array_text = trim(array_text.substr(1), k_space);
  }
}

std::string dump_json(const json& value) {
  try {
    return value.dump();
  } catch (const json::exception&) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "JSON request",
                 .explanation = "a text in the request is not UTF-8"});
  }
}

const json& get_field(const json& object, const char* key) {
  static const json k_null;
  if (object.is_null() || is_empty_list(object)) return k_null;
  if (!object.is_object()) {
    fail_field("", fmt::format("the part of the engine's answer that holds {} should be an object and is {}",
                               key, object.type_name()));
  }
  const auto found = object.find(key);
  return found == object.end() ? k_null : *found;
}

const json& get_list(const json& object, const char* key) {
  static const json k_empty = json::array();
  const json& field = get_field(object, key);
  if (field.is_null()) return k_empty;
  if (!field.is_array()) fail_type(key, "a list", field);
  return field;
}

std::string get_string(const json& object, const char* key) {
  const json& field = get_field(object, key);
  if (field.is_null()) return {};
  if (!field.is_string()) fail_type(key, "a string", field);
  return field.get_ref<const std::string&>();
}

std::int64_t get_int64(const json& object, const char* key) {
  const json& field = get_field(object, key);
  if (field.is_null()) return 0;
  if (!field.is_number_integer()) fail_type(key, "an integer", field);
  if (field.is_number_unsigned() && field.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
    fail_type(key, "a signed 64-bit integer", field);
  }
  return field.get<std::int64_t>();
}

std::uint64_t get_uint64(const json& object, const char* key) {
  const json& field = get_field(object, key);
  if (field.is_null()) return 0;
  if (!field.is_number_unsigned()) fail_type(key, "an unsigned integer", field);
  return field.get<std::uint64_t>();
}

std::optional<std::int64_t> find_int64(const json& object, const char* key) {
  if (get_field(object, key).is_null()) return std::nullopt;
  return get_int64(object, key);
}

std::optional<std::uint64_t> find_uint64(const json& object, const char* key) {
  if (get_field(object, key).is_null()) return std::nullopt;
  return get_uint64(object, key);
}

std::optional<std::uint64_t> find_size(const json& object, const char* key) {
  const json& field = get_field(object, key);
  if (field.is_null() || (field.is_number_integer() && !field.is_number_unsigned())) return std::nullopt;
  return get_uint64(object, key);
}

bool get_bool(const json& object, const char* key) {
  const json& field = get_field(object, key);
  if (field.is_null()) return false;
  if (!field.is_boolean()) fail_type(key, "a boolean", field);
  return field.get<bool>();
}

std::vector<std::string> get_strings(const json& object, const char* key) {
  const json& field = get_field(object, key);
  std::vector<std::string> texts;
  if (field.is_null()) return texts;
  if (!field.is_array()) fail_type(key, "a list of strings", field);
  texts.reserve(field.size());
  for (const json& element : field) {
    if (!element.is_string()) fail_type(key, "a list of strings", element);
    texts.push_back(element.get_ref<const std::string&>());
  }
  return texts;
}

std::map<std::string, std::string> get_string_map(const json& object, const char* key) {
  const json& field = get_field(object, key);
  std::map<std::string, std::string> texts;
  if (field.is_null() || is_empty_list(field)) return texts;
  if (!field.is_object()) fail_type(key, "an object of strings", field);
  for (const auto& [name, value] : field.items()) texts.emplace(name, get_string(field, name.c_str()));
  return texts;
}

std::vector<std::string> get_keys(const json& object, const char* key) {
  const json& field = get_field(object, key);
  std::vector<std::string> keys;
  if (field.is_null() || is_empty_list(field)) return keys;
  if (!field.is_object()) fail_type(key, "an object", field);
  for (const auto& [name, value] : field.items()) keys.push_back(name);
  return keys;
}

std::optional<Milliseconds> get_time(const json& object, const char* key) {
  return parse_time(get_string(object, key));
}

std::optional<Milliseconds> get_any_time(const json& object, const char* key) {
  if (!get_field(object, key).is_number()) return get_time(object, key);
  const std::int64_t seconds = get_int64(object, key);
  // Farther from 1970 than the clock counts: a number that means something else.
  constexpr std::int64_t k_most_seconds = std::int64_t{1} << 40;
  if (seconds <= 0 || seconds > k_most_seconds) return std::nullopt;
  return Milliseconds(std::chrono::seconds(seconds));
}

}  // namespace halcyon::docker_api
