// DATABASE_URL as values. Pure: nothing is looked up or connected to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halcyon::db {

inline constexpr std::uint16_t k_default_postgresql_port = 5432;

enum class DatabaseKind { postgresql, sqlite };

/// One database, percent-decoded.
struct DatabaseUrl {
  DatabaseKind kind = DatabaseKind::postgresql;
  std::string host;  ///< name or address, IPv6 without brackets; a unix socket's directory if it begins with
                     ///< '/'; empty: the client library's own default
  std::uint16_t port = k_default_postgresql_port;
  std::string user;                     ///< empty: the client library's own default
  std::optional<std::string> password;  ///< never to be printed
  std::string database;  ///< name; empty: as the user is called. sqlite: the absolute path of the file
  std::vector<std::pair<std::string, std::string>> options;  ///< "sslmode" and the like, in their order

  bool is_unix_socket() const noexcept { return host.starts_with('/'); }
};

/// A URL, or why it is none: never both, never neither. `problem` has no part of the password in it.
struct ParsedDatabaseUrl {
  std::optional<DatabaseUrl> url;
  std::string problem;  ///< "the port must be 1 to 65535"
};

/// Reads a database URL.
///
/// Shape:  postgresql://[user[:password]@][host][:port][/database][?name=value&...], also postgres://. The
///         names host, port, user, password and dbname stand for those parts, and win over them. `[::1]` is
///         an IPv6 address; `%2Frun%2Fpostgresql` or ?host=/run/postgresql a unix socket's directory.
///         ssl=true is sslmode=require. sqlite:///path/to/file: the path is absolute; sqlite:////path is the
///         same.
/// Errors: `problem` for another scheme; several hosts; a host, port or option that is none; a '%' without
/// two
///         hexadecimal digits; a NUL; an '@' that is not written as %40.
/// Source: PostgreSQL 16 documentation, 34.1.1.2 "Connection URIs"; RFC 3986.
ParsedDatabaseUrl parse_database_url(std::string_view text);

}  // namespace halcyon::db
