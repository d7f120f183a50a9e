#include "docker_api/image_reference.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "docker_api/ascii.hpp"
#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::size_t k_name_limit = 255;
constexpr std::size_t k_tag_limit = 128;
constexpr std::size_t k_hex_digits = 64;
constexpr std::string_view k_digest_prefix = "sha256:";
constexpr std::string_view k_default_registry = "docker.io";

bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_alphanumeric(char c) noexcept { return is_lower(c) || is_upper(c) || is_digit(c); }

bool is_hex_64(std::string_view text) noexcept {
  return text.size() == k_hex_digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

[[noreturn]] void reject_reference(std::string_view text, std::string_view rule) {
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = fmt::format("image reference \"{}\"", text),
               .explanation = std::string(rule)});
}

/// One path component: lower-case words joined by '.', '_', "__" or any number of '-'.
bool is_path_component(std::string_view text) noexcept {
  const auto is_word = [](char c) { return is_lower(c) || is_digit(c); };
  if (text.empty() || !is_word(text.front()) || !is_word(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    if (is_word(text[i])) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    while (i < text.size() && text[i] == text[start]) ++i;
    const std::size_t length = i - start;
    const char separator = text[start];
    const bool allowed =
        separator == '-' || (separator == '.' && length == 1) || (separator == '_' && length <= 2);
    // Two different separators in a row ("a-_b") are not one separator.
    if (!allowed || !is_word(text[i])) return false;
  }
  return true;
}

bool is_domain_component(std::string_view text) noexcept {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_registry(std::string_view text) noexcept {
  std::size_t host_end = text.size();
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    const auto is_v6 = [](char c) {
      return is_digit(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    if (close < 3 ||
        !std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(close), is_v6)) {
      return false;
    }
    host_end = close + 1;
  } else {
    host_end = std::min(text.find(':'), text.size());
    for (std::string_view host = text.substr(0, host_end);;) {
      const std::size_t dot = host.find('.');
      if (!is_domain_component(host.substr(0, dot))) return false;
      if (dot == std::string_view::npos) break;
      host.remove_prefix(dot + 1);
    }
  }
  if (host_end == text.size()) return true;
  const std::string_view port = text.substr(host_end + 1);
  return text[host_end] == ':' && !port.empty() && std::all_of(port.begin(), port.end(), is_digit);
}

/// Fills in the registry and `library/`, as the docker CLI does.
std::string normalise_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  const std::string_view first = name.substr(0, slash);
  const bool has_registry = slash != std::string_view::npos &&
                            (first.find_first_of(".:") != std::string_view::npos || first == "localhost");
  std::string_view registry = has_registry ? first : k_default_registry;
  const std::string_view path = has_registry ? name.substr(slash + 1) : name;
  if (registry == "index.docker.io") registry = k_default_registry;
  const bool official = registry == k_default_registry && path.find('/') == std::string_view::npos;
  return fmt::format("{}/{}{}", registry, official ? "library/" : "", path);
}

void check_repository(std::string_view text, std::string_view repository) {
  const std::size_t slash = repository.find('/');
  if (!is_registry(repository.substr(0, slash)))
    reject_reference(text, "the registry is not host or host:port");
  std::string_view path = repository.substr(slash + 1);
  if (std::any_of(path.begin(), path.end(), is_upper)) reject_reference(text, "the name must be lower case");
  for (;;) {
    const std::size_t end = path.find('/');
    if (!is_path_component(path.substr(0, end))) {
      reject_reference(
          text,
          "each part of the name must be words of a-z and 0-9, joined by one '.', one or two '_' or any "
          "number of '-'");
    }
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  if (repository.size() > k_name_limit) reject_reference(text, "the name is longer than 255 characters");
}

}  // namespace

std::string ImageReference::registry() const { return repository.substr(0, repository.find('/')); }

std::string ImageReference::to_string() const {
  std::string text = repository;
  if (tag) text += ':' + *tag;
  if (digest) text += '@' + digest->value;
  return text;
}

ImageReference parse_image_reference(std::string_view text) {
  if (text.empty()) reject_reference(text, "is empty");
  if (text.find_first_of(" \t\r\n\v\f") != std::string_view::npos)
    reject_reference(text, "holds white space");
  if (is_hex_64(text))
    reject_reference(text, "is an image id, not a name: write name:tag or name@sha256:...");
  ImageReference reference;
  std::string_view name = text;
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    const std::string_view digest = name.substr(at + 1);
    if (!is_digest(digest)) reject_reference(text, "the digest must be sha256: and 64 lower-case hex digits");
    reference.digest = Digest(std::string(digest));
    name = name.substr(0, at);
  }
  const std::size_t colon = name.rfind(':');
  const std::size_t slash = name.rfind('/');
  // A colon before the last slash belongs to the registry's port.
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    const std::string_view tag = name.substr(colon + 1);
    if (tag.size() > k_tag_limit) reject_reference(text, "the tag is longer than 128 characters");
    if (!is_tag(tag))
      reject_reference(text,
                       "the tag must be letters, digits, '_', '.' and '-', and not begin with '.' or '-'");
    reference.tag = std::string(tag);
    name = name.substr(0, colon);
  }
  if (name.empty()) reject_reference(text, "has no name");
  reference.repository = normalise_name(name);
  check_repository(text, reference.repository);
  return reference;
}

bool is_digest(std::string_view text) noexcept {
  return text.starts_with(k_digest_prefix) && is_hex_64(text.substr(k_digest_prefix.size()));
}

bool is_tag(std::string_view text) noexcept {
  if (text.empty() || text.size() > k_tag_limit) return false;
  if (!is_alphanumeric(text.front()) && text.front() != '_') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

}  // namespace halcyon::docker_api
