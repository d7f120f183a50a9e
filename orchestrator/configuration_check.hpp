// The closed grammars of everything that reaches nginx, the engine or the file system. Every function allows
// characters and never excludes them: what is not named here does not pass. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::orchestrator {

/// A path prefix of a web service: '/', then [A-Za-z0-9._~/-], no ".." segment, no "//".
bool is_route(std::string_view text) noexcept;
/// An absolute path nginx can be given unquoted: [A-Za-z0-9._/+@~-], no "..", no "//", no '/' at the end.
bool is_plain_path(std::string_view text) noexcept;
/// A host name (RFC 1123), `*.` before one, or a literal IPv4 address.
bool is_domain(std::string_view text) noexcept;
/// A Host header: a domain without '*', with or without a port.
bool is_host_header(std::string_view text) noexcept;
bool is_ipv4(std::string_view text) noexcept;
/// 1 to 65535 without sign or leading zero.
bool is_port(std::string_view text) noexcept;
/// `80` or `127.0.0.1:80`.
bool is_listen(std::string_view text) noexcept;
/// `127.0.0.1:80`.
bool is_ipv4_and_port(std::string_view text) noexcept;
/// A private /24 by its network address: `10.201.7.0/24`.
bool is_private_subnet(std::string_view text) noexcept;
/// Path and query of a request line: '/', then what RFC 3986 allows there.
bool is_request_target(std::string_view text) noexcept;
/// A volume's short name: [a-z0-9][a-z0-9_-]{0,40}.
bool is_volume_short_name(std::string_view text) noexcept;
/// Where something is mounted in a container: absolute, not '/', no "..", no ':' and no control characters.
bool is_mount_target(std::string_view text) noexcept;
bool is_environment_variable_name(std::string_view text) noexcept;
bool is_stop_signal(std::string_view text) noexcept;
bool is_capability(std::string_view text) noexcept;
bool is_container_user(std::string_view text) noexcept;
bool is_header_name(std::string_view text) noexcept;
/// No NUL and no other control character.
bool is_printable(std::string_view text) noexcept;

bool is_utf8(std::string_view text) noexcept;

/// What is written in the place of a value that is secret.
inline constexpr std::string_view k_not_shown = "(not shown)";
/// True if the name of a variable or key, or its value, suggests that the value must not be shown.
bool looks_secret(std::string_view name, std::string_view value) noexcept;

/// Why mounting this absolute, normalised host path would let a container take over the host; empty if it
/// would not. Text only: a symbolic link on the way is not seen here.
std::string_view dangerous_bind(std::string_view path, bool read_only) noexcept;

/// `250ms`, `5s`, `2m`, `1h`. Nothing if it is not one, or over 24 h. Zero is a duration.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;
/// The shortest text that parse_duration reads as the same.
std::string duration_text(std::chrono::milliseconds duration);
inline constexpr std::uint64_t k_kib = 1024;
/// `64KiB`, `256MiB`, `1GiB`, also k, m, g (all powers of 1024). Nothing if it is not one, or over 1 PiB.
std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;
/// The shortest text that parse_size reads as the same, or plain digits if there is none.
std::string size_text(std::uint64_t bytes);

/// The words of a space-separated list, as Environment::domain holds it.
std::vector<std::string_view> split_words(std::string_view text);
/// The known word that `text` most probably was meant to be; nothing if none is near.
std::optional<std::string_view> nearest_word(std::string_view text,
                                             const std::vector<std::string_view>& known);

}  // namespace halcyon::orchestrator
