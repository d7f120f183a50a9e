// Engine API versions and the negotiation rule. Pure.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::docker_api {

/// An Engine API version such as 1.41; ordered.
struct ApiVersion {
  int major = 1;
  int minor = 0;
  auto operator<=>(const ApiVersion&) const = default;
};

/// The oldest version that is asked for: Engine 19.03.
inline constexpr ApiVersion k_oldest_api_version{1, 40};
/// The newest version that this library knows.
inline constexpr ApiVersion k_newest_api_version{1, 55};

/// Parses "1.41"; nothing for any other shape.
std::optional<ApiVersion> parse_api_version(std::string_view text) noexcept;
/// Writes it as in a path: "1.41".
std::string to_string(ApiVersion version);

/// Chooses the version to speak with an engine whose newest is `engine_newest`.
///
/// Errors: unsupported if the engine's newest is older than 1.40, saying both numbers and to upgrade the
/// engine. Source: third_party_docs/docker_engine_api.md#versions (G34: never mask, never fall back to
/// unversioned paths).
ApiVersion negotiate_api_version(ApiVersion engine_newest);

/// Throws unsupported ("StartInterval needs API 1.44, this engine speaks 1.41") if `negotiated` is older than
/// `needed`.
void require_api_version(ApiVersion negotiated, ApiVersion needed, std::string_view what);

}  // namespace halcyon::docker_api
