#include "db/database_url.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace halcyon::db {
namespace {

/// Why a part is wrong; caught by parse_database_url() and never seen outside of this file.
struct Wrong {
  std::string problem;
};

bool take_front(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

/// Takes what stands before the first of `ends`, or everything.
std::string_view take_until(std::string_view& text, std::string_view ends) {
  const std::string_view taken = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(taken.size());
  return taken;
}

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text, std::string_view what) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hexadecimal(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hexadecimal(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        throw Wrong{
            fmt::format("a '%' in the {} needs two hexadecimal digits behind it; a '%' itself is "
                        "written as %25",
                        what)};
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') throw Wrong{fmt::format("the {} must not hold a NUL", what)};
    decoded += c;
  }
  return decoded;
}

std::uint16_t parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0)
    throw Wrong{"the port must be 1 to 65535"};
  return port;
}

bool is_ipv6(std::string_view text) {
  const std::string address(text.substr(0, text.find('%')));  // without the zone of "fe80::1%eth0"
  in6_addr parsed{};
  return ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

void check_host(std::string_view host) {
  const bool has_bad = std::any_of(host.begin(), host.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == ',' || c == '@' || c == '?';
  });
  if (host.find(',') != std::string_view::npos) throw Wrong{"there must be one host only"};
  if (has_bad) throw Wrong{"the host must be a name, an address or the directory of a unix socket"};
}

void read_host(std::string_view& text, DatabaseUrl& url) {
  if (take_front(text, "[")) {
    const std::string_view address = take_until(text, "]");
    if (!take_front(text, "]")) throw Wrong{"an IPv6 address needs a ']' behind it"};
    url.host = decode(address, "host");
    if (!is_ipv6(url.host)) throw Wrong{"what stands in [] must be an IPv6 address"};
  } else {
    url.host = decode(take_until(text, ":"), "host");
    check_host(url.host);
  }
  if (text.empty()) return;
  if (!take_front(text, ":")) throw Wrong{"behind the host there may only be a port, such as :5432"};
  if (!text.empty()) url.port = parse_port(text);
}

void read_authority(std::string_view text, DatabaseUrl& url) {
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    std::string_view credentials = text.substr(0, at);
    text.remove_prefix(at + 1);
    url.user = decode(take_until(credentials, ":"), "user");
    if (take_front(credentials, ":")) url.password = decode(credentials, "password");
  }
  read_host(text, url);
}

struct Option {
  std::string name;
  std::string value;
};

Option parse_option(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos)
    throw Wrong{"what stands behind '?' must be name=value, joined by '&'"};
  return {decode(text.substr(0, equals), "name of an option"),
          decode(text.substr(equals + 1), "value of an option")};
}

/// libpq's names for parts of the URL stand for those parts.
void take_option(const Option& option, DatabaseUrl& url) {
  const auto& [name, value] = option;
  if (name == "host") {
    check_host(value);
    url.host = value;
  } else if (name == "port") {
    url.port = parse_port(value);
  } else if (name == "user") {
    url.user = value;
  } else if (name == "password") {
    url.password = value;
  } else if (name == "dbname") {
    url.database = value;
  } else if (name == "ssl" && value == "true") {
    url.options.emplace_back("sslmode", "require");
  } else {
    url.options.emplace_back(name, value);
  }
}

std::vector<Option> parse_options(std::string_view text) {
  std::vector<Option> options;
  if (!take_front(text, "?")) return options;
  do {
    options.push_back(parse_option(take_until(text, "&")));
  } while (take_front(text, "&"));
  return options;
}

DatabaseUrl parse_postgresql(std::string_view text) {
  DatabaseUrl url;
  std::string_view authority = take_until(text, "/?");
  const auto at = authority.find('@');
  const std::string_view behind = at == std::string_view::npos ? authority : authority.substr(at + 1);
  if (behind.find('@') != std::string_view::npos || text.find('@') != std::string_view::npos)
    throw Wrong{
        "an '@' inside user, password, database or option is written as %40 (and '/' as %2F, '?' as "
        "%3F)"};
  read_authority(authority, url);
  if (take_front(text, "/")) url.database = decode(take_until(text, "?"), "database");
  for (const Option& option : parse_options(text)) take_option(option, url);
  return url;
}

DatabaseUrl parse_sqlite(std::string_view text) {
  DatabaseUrl url{.kind = DatabaseKind::sqlite, .port = 0};
  if (!text.starts_with('/'))
    throw Wrong{"a SQLite file is written with three slashes: sqlite:///path/to/file"};
  url.database = decode(take_until(text, "?"), "path");
  if (url.database.starts_with("//")) url.database.erase(0, 1);  // how other tools write an absolute path
  if (url.database.ends_with('/')) throw Wrong{"the path must be that of a file"};
  for (Option& option : parse_options(text))
    url.options.emplace_back(std::move(option.name), std::move(option.value));
  return url;
}

}  // namespace

ParsedDatabaseUrl parse_database_url(std::string_view text) {
  try {
    if (take_front(text, "postgresql://") || take_front(text, "postgres://"))
      return {parse_postgresql(text), {}};
    if (take_front(text, "sqlite://")) return {parse_sqlite(text), {}};
    throw Wrong{"it must begin with postgresql://, postgres:// or sqlite://"};
  } catch (const Wrong& wrong) {
    return {std::nullopt, wrong.problem};
  }
}

}  // namespace halcyon::db
