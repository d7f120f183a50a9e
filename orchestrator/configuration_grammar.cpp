#include "orchestrator/configuration_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace halcyon::orchestrator {
namespace {

constexpr std::size_t k_max_path = 200;  // of anything in nginx's files

bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) noexcept { return is_lower(c) || is_upper(c) || is_digit(c); }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_made_of(std::string_view text, bool (*allowed)(char) noexcept) noexcept {
  return std::all_of(text.begin(), text.end(), allowed);
}

bool is_one_of(char c, std::string_view set) noexcept { return set.find(c) != std::string_view::npos; }

/// '/' first, no empty, "." or ".." segment; a '/' at the end is up to the caller.
bool has_clean_segments(std::string_view path) noexcept {
  if (path.empty() || path.front() != '/') return false;
  std::size_t begin = 1;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment.empty() || segment == "." || segment == "..") return false;
    begin = end + 1;
  }
  return true;
}

bool is_label(std::string_view label) noexcept {
  if (label.empty() || label.size() > 63) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return is_made_of(label, [](char c) noexcept { return is_alphanumeric(c) || c == '-'; });
}

bool is_host_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > 253) return false;
  std::size_t begin = 0;
  std::string_view label;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    label = text.substr(begin, end - begin);
    if (!is_label(label)) return false;
    begin = end + 1;
  }
  return !is_made_of(label, is_digit);  // a number at the end would be a malformed address
}

std::optional<std::array<unsigned, 4>> parse_ipv4(std::string_view text) noexcept {
  std::array<unsigned, 4> octets{};
  std::size_t begin = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t end = i < 3 ? text.find('.', begin) : text.size();
    if (end == std::string_view::npos || end < begin) return std::nullopt;
    const std::string_view part = text.substr(begin, end - begin);
    if (part.empty() || part.size() > 3 || !is_made_of(part, is_digit)) return std::nullopt;
    if (part.size() > 1 && part.front() == '0') return std::nullopt;  // octal to some, decimal to others
    std::from_chars(part.data(), part.data() + part.size(), octets[i]);
    if (octets[i] > 255) return std::nullopt;
    begin = end + 1;
  }
  return octets;
}

}  // namespace

bool is_route(std::string_view text) noexcept {
  return text.size() <= k_max_path && has_clean_segments(text) &&
         is_made_of(text, [](char c) noexcept { return is_alphanumeric(c) || is_one_of(c, "._~/-"); });
}

bool is_plain_path(std::string_view text) noexcept {
  return text.size() > 1 && text.size() <= k_max_path && text.back() != '/' && has_clean_segments(text) &&
         is_made_of(text, [](char c) noexcept { return is_alphanumeric(c) || is_one_of(c, "._/+@~-"); });
}

bool is_domain(std::string_view text) noexcept {
  if (is_ipv4(text)) return true;
  if (text.starts_with("*.")) return is_host_name(text.substr(2));
  return is_host_name(text);
}

bool is_host_header(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  return is_ipv4(host) || is_host_name(host);
}

bool is_ipv4(std::string_view text) noexcept { return parse_ipv4(text).has_value(); }

bool is_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || text.front() == '0' || !is_made_of(text, is_digit)) return false;
  unsigned port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port <= 65535;
}

bool is_listen(std::string_view text) noexcept { return is_port(text) || is_ipv4_and_port(text); }

bool is_ipv4_and_port(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && is_ipv4(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

bool is_private_subnet(std::string_view text) noexcept {
  if (!text.ends_with("/24")) return false;
  const auto octets = parse_ipv4(text.substr(0, text.size() - 3));
  if (!octets || (*octets)[3] != 0) return false;
  const unsigned first = (*octets)[0];
  const unsigned second = (*octets)[1];
  return first == 10 || (first == 172 && second >= 16 && second <= 31) || (first == 192 && second == 168);
}

bool is_request_target(std::string_view text) noexcept {
  if (text.empty() || text.size() > 1000 || text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_alphanumeric(text[i]) && !is_one_of(text[i], "-._~!$&'()*+,;=:@/?")) {
      return false;
    }
  }
  return true;
}

bool is_volume_short_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > 41 || is_one_of(text.front(), "_-")) return false;
  return is_made_of(text, [](char c) noexcept { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; });
}

bool is_mount_target(std::string_view text) noexcept {
  return text.size() > 1 && text.size() <= 4000 && has_clean_segments(text) && is_printable(text) &&
         !is_one_of(':', text);
}

bool is_environment_variable_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 200 && !is_digit(text.front()) &&
         is_made_of(text, [](char c) noexcept { return is_alphanumeric(c) || c == '_'; });
}

bool is_stop_signal(std::string_view text) noexcept {
  return text.size() > 3 && text.size() <= 20 && text.starts_with("SIG") &&
         is_made_of(text, [](char c) noexcept { return is_upper(c) || is_digit(c); });
}

bool is_capability(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 40 &&
         is_made_of(text, [](char c) noexcept { return is_upper(c) || c == '_'; });
}

bool is_container_user(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 100 &&
         is_made_of(text, [](char c) noexcept { return is_lower(c) || is_digit(c) || is_one_of(c, "_.:-"); });
}

bool is_header_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 100 &&
         is_made_of(text, [](char c) noexcept { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

bool is_printable(std::string_view text) noexcept {
  return is_made_of(text, [](char c) noexcept { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

}  // namespace halcyon::orchestrator
