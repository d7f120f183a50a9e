#include "docker_api/go_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/ascii.hpp"
#include "docker_api/error.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

/// The depth is limited by parse_json().
void cleanse_strings(json& value) noexcept {
  if (value.is_string()) {
    cleanse(value.get_ref<std::string&>());
  } else if (value.is_structured()) {
    for (json& element : value) cleanse_strings(element);
  }
}

/// The member, or null: first by its exact name, then whatever the case.
const json& find_member(const json& object, std::string_view key) {
  static const json k_null;
  if (const auto exact = object.find(key); exact != object.end()) return *exact;
  for (const auto& [name, value] : object.items()) {
    if (is_same_name(name, key)) return value;
  }
  return k_null;
}

/// What is wrong; the parser's own words would quote the text.
std::string describe_mistake(std::string_view text) {
  std::size_t bytes = text.size();
  try {
    static_cast<void>(json::parse(text));
  } catch (const json::parse_error& error) {
    bytes = std::min(error.byte, text.size());
  } catch (const json::out_of_range&) {
    return "a number in it is too large";
  }
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bytes), '\n');
  return fmt::format("it is not JSON (line {})", line);
}

}  // namespace

CleanseJsonAtEnd::~CleanseJsonAtEnd() { cleanse_strings(value); }

GoJson::GoJson(std::string_view text, JsonOrigin origin)
    : root_(std::make_unique<json>(json::object())), origin_(std::move(origin)) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
  try {
    *root_ = parse_json(text, origin_.where);
  } catch (const Error&) {
    refuse(describe_mistake(text));
  }
  if (root_->is_null()) *root_ = json::object();
  if (root_->is_object()) return;
  cleanse_strings(*root_);
  refuse(fmt::format("it should be an object and is {}", root_->type_name()));
}

GoJson::~GoJson() { cleanse_strings(*root_); }

const json& GoJson::get_object(const json& object, std::string_view key) const {
  static const json k_empty = json::object();
  const json& member = find_member(object, key);
  if (member.is_null()) return k_empty;
  if (!member.is_object()) refuse(fmt::format("{} should be an object and is {}", key, member.type_name()));
  return member;
}

std::string_view GoJson::view_text(const json& object, std::string_view key) const {
  const json& member = find_member(object, key);
  if (member.is_null()) return {};
  if (!member.is_string()) refuse(fmt::format("{} should be a string and is {}", key, member.type_name()));
  return member.get_ref<const std::string&>();
}

std::string GoJson::get_text(const json& object, std::string_view key) const {
  return std::string(view_text(object, key));
}

Secret GoJson::get_secret(const json& object, std::string_view key) const {
  return Secret(view_text(object, key));
}

bool GoJson::get_flag(const json& object, std::string_view key) const {
  const json& member = find_member(object, key);
  if (member.is_null()) return false;
  if (!member.is_boolean()) refuse(fmt::format("{} should be a boolean and is {}", key, member.type_name()));
  return member.get<bool>();
}

std::map<std::string, std::string> GoJson::get_texts(const json& object, std::string_view key) const {
  std::map<std::string, std::string> texts;
  const json& member = get_object(object, key);
  for (const auto& [name, value] : member.items()) texts.emplace(name, view_text(member, name));
  return texts;
}

void GoJson::refuse(std::string_view why) const {
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = origin_.where,
               .explanation = fmt::format("{}; {}", why, origin_.remedy)});
}

}  // namespace halcyon::docker_api
