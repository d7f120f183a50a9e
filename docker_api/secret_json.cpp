#include "docker_api/secret_json.hpp"

#include <array>
#include <cstdint>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

/// How many bytes the UTF-8 sequence at the front of `text` has; 0 if it is none (RFC 3629).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool is_overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool is_surrogate = first == 0xed && second >= 0xa0;
  const bool is_too_big = first == 0xf4 && second >= 0x90;
  return is_overlong || is_surrogate || is_too_big ? 0 : length;
}

void append_escaped(SecretText& out, char c) {
  constexpr std::string_view k_named = "\"\\\b\f\n\r\t";
  constexpr std::string_view k_names = "\"\\bfnrt";
  constexpr std::string_view k_hex = "0123456789abcdef";
  out.push_back('\\');
  if (const std::size_t at = k_named.find(c); at != std::string_view::npos) {
    out.push_back(k_names[at]);
    return;
  }
  append(out, "u00");
  out.push_back(k_hex[static_cast<unsigned char>(c) >> 4]);
  out.push_back(k_hex[static_cast<unsigned char>(c) & 15]);
}

}  // namespace

SecretJson::SecretJson() { text_.push_back('{'); }

void SecretJson::begin_member(std::string_view name) {
  if (text_.size() > 1) text_.push_back(',');
  append_string(name);
  text_.push_back(':');
}

void SecretJson::add(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  begin_member(name);
  append_string(value);
}

void SecretJson::add_object(std::string_view name, const SecretText& object) {
  begin_member(name);
  append(text_, {object.data(), object.size()});
}

void SecretJson::add_json(std::string_view name, std::string_view json_text) {
  begin_member(name);
  append(text_, json_text);
}

SecretText SecretJson::take() {
  text_.push_back('}');
  return std::move(text_);
}

void SecretJson::append_string(std::string_view text) {
  text_.push_back('"');
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      throw Error({.kind = ErrorKind::invalid_argument,
                   .endpoint = "JSON request",
                   .explanation = "a text in the request is not UTF-8"});
    }
    const char c = text.front();
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) {
      append_escaped(text_, c);
    } else {
      append(text_, text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  text_.push_back('"');
}

}  // namespace halcyon::docker_api
