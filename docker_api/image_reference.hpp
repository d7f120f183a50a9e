// Image references as people write them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "docker_api/ids.hpp"

namespace halcyon::docker_api {

/// A parsed reference: `[registry/]path[:tag][@digest]`.
///
/// Shape: `repository` is fully spelled out ("docker.io/library/redis"), tag and digest as given.
struct ImageReference {
  std::string repository;
  std::optional<std::string> tag;
  std::optional<Digest> digest;

  bool operator==(const ImageReference&) const = default;

  /// The registry part, "docker.io" or "127.0.0.1:5000".
  std::string registry() const;
  /// `repository[:tag][@digest]`.
  std::string to_string() const;
};

/// Parses and normalises a reference by the grammar of the distribution project: docker.io and library/ are
/// filled in, a first component is a registry only if it holds '.' or ':' or is "localhost"; no tag is
/// invented.
///
/// Errors: invalid_argument with the rule that is broken (upper case in the path, tag over 128 characters,
///         malformed digest, a bare 64-digit id, empty text, white space, over 255 characters in the name).
/// Source: distribution/reference grammar; third_party_docs/docker_engine_api.md#references.
ImageReference parse_image_reference(std::string_view text);

/// True for `sha256:` and 64 lower-case hex digits.
bool is_digest(std::string_view text) noexcept;
/// True for a valid tag: [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}.
bool is_tag(std::string_view text) noexcept;

}  // namespace halcyon::docker_api
