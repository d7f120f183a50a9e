#include "db/database_url.hpp"

#include <gtest/gtest.h>

namespace halcyon::db {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

DatabaseUrl url(std::string_view text) {
  const ParsedDatabaseUrl parsed = parse_database_url(text);
  EXPECT_TRUE(parsed.url) << text << ": " << parsed.problem;
  EXPECT_EQ(parsed.problem, "");
  return parsed.url.value_or(DatabaseUrl{});
}

std::string problem(std::string_view text) {
  const ParsedDatabaseUrl parsed = parse_database_url(text);
  EXPECT_FALSE(parsed.url) << text;
  return parsed.problem;
}

TEST(DatabaseUrl, of_postgresql_has_all_its_parts) {
  for (const std::string scheme : {"postgres", "postgresql"}) {
    const DatabaseUrl all =
        url(scheme + "://app:hunter2@db.example.com:6543/shop?sslmode=require&connect_timeout=5");
    EXPECT_EQ(all.kind, DatabaseKind::postgresql);
    EXPECT_EQ(all.user, "app");
    EXPECT_EQ(all.password, "hunter2");
    EXPECT_EQ(all.host, "db.example.com");
    EXPECT_EQ(all.port, 6543);
    EXPECT_EQ(all.database, "shop");
    EXPECT_EQ(all.options, (Options{{"sslmode", "require"}, {"connect_timeout", "5"}}));
  }
}

TEST(DatabaseUrl, may_leave_out_every_part) {
  const DatabaseUrl none = url("postgresql://");
  EXPECT_EQ(none.host, "");
  EXPECT_EQ(none.port, k_default_postgresql_port);
  EXPECT_EQ(none.user, "");
  EXPECT_EQ(none.password, std::nullopt);
  EXPECT_EQ(none.database, "");
  EXPECT_EQ(url("postgres://db").host, "db");
  EXPECT_EQ(url("postgres://db:/shop").port, k_default_postgresql_port);
  EXPECT_EQ(url("postgres://app@/shop").user, "app");
  EXPECT_EQ(url("postgres://app:@db").password, "");
  EXPECT_EQ(url("postgres://?dbname=shop").database, "shop");
}

TEST(DatabaseUrl, is_percent_decoded) {
  const DatabaseUrl decoded =
      url("postgres://a%40b:p%3Aw%2F%25%c3%a9@db/my%20shop?application_name=a%26b%3d");
  EXPECT_EQ(decoded.user, "a@b");
  EXPECT_EQ(decoded.password, "p:w/%\xc3\xa9");
  EXPECT_EQ(decoded.database, "my shop");
  EXPECT_EQ(decoded.options, (Options{{"application_name", "a&b="}}));
  EXPECT_EQ(url("postgres://a:b:c@db").password, "b:c") << "only the first ':' separates";
}

TEST(DatabaseUrl, may_have_an_ipv6_address) {
  const DatabaseUrl address = url("postgres://app:x@[2001:db8::1]:6543/shop");
  EXPECT_EQ(address.host, "2001:db8::1");
  EXPECT_EQ(address.port, 6543);
  EXPECT_EQ(url("postgres://[::1]/shop").host, "::1");
  EXPECT_EQ(url("postgres://[fe80::1%25eth0]/shop").host, "fe80::1%eth0");
}

TEST(DatabaseUrl, may_mean_a_unix_socket) {
  const DatabaseUrl by_option = url("postgresql:///shop?host=/run/postgresql&port=5433&user=app&password=x");
  EXPECT_TRUE(by_option.is_unix_socket());
  EXPECT_EQ(by_option.host, "/run/postgresql");
  EXPECT_EQ(by_option.port, 5433);
  EXPECT_EQ(by_option.user, "app");
  EXPECT_EQ(by_option.password, "x");
  EXPECT_EQ(by_option.options, Options{});
  EXPECT_EQ(url("postgresql://%2Frun%2Fpostgresql/shop").host, "/run/postgresql");
  EXPECT_FALSE(url("postgres://db/shop").is_unix_socket());
}

TEST(DatabaseUrl, has_options_that_win_over_its_parts) {
  EXPECT_EQ(url("postgres://a:b@c:1/d?host=h&port=2&user=u&password=p&dbname=e").host, "h");
  EXPECT_EQ(url("postgres://a:b@c:1/d?dbname=e").database, "e");
  EXPECT_EQ(url("postgres://c/d?ssl=true").options, (Options{{"sslmode", "require"}}));
}

TEST(DatabaseUrl, of_sqlite_is_an_absolute_path) {
  const DatabaseUrl file = url("sqlite:///srv/my%20shop.sqlite?mode=ro&host=x");
  EXPECT_EQ(file.kind, DatabaseKind::sqlite);
  EXPECT_EQ(file.database, "/srv/my shop.sqlite");
  EXPECT_EQ(file.options, (Options{{"mode", "ro"}, {"host", "x"}}));
  EXPECT_EQ(file.host, "");
  EXPECT_EQ(url("sqlite:////srv/shop.sqlite").database, "/srv/shop.sqlite");
}

TEST(DatabaseUrl, that_is_none_says_why) {
  EXPECT_EQ(problem(""), "it must begin with postgresql://, postgres:// or sqlite://");
  EXPECT_EQ(problem("mysql://db/shop"), "it must begin with postgresql://, postgres:// or sqlite://");
  for (const std::string_view port : {"0", "65536", "x", "5432x", "-1"}) {
    EXPECT_EQ(problem("postgres://db:" + std::string(port) + "/shop"), "the port must be 1 to 65535");
    EXPECT_EQ(problem("postgres://db/shop?port=" + std::string(port)), "the port must be 1 to 65535");
  }
  EXPECT_EQ(problem("postgres://a,b/shop"), "there must be one host only");
  EXPECT_EQ(problem("postgres://a b/shop"),
            "the host must be a name, an address or the directory of a unix socket");
  EXPECT_EQ(problem("postgres://[::1/shop"), "an IPv6 address needs a ']' behind it");
  EXPECT_EQ(problem("postgres://[db]/shop"), "what stands in [] must be an IPv6 address");
  EXPECT_EQ(problem("postgres://[::1]x/shop"), "behind the host there may only be a port, such as :5432");
  EXPECT_EQ(problem("postgres://a:%zz@db"),
            "a '%' in the password needs two hexadecimal digits behind it; a '%' itself is written as %25");
  EXPECT_EQ(problem("postgres://db/a%"),
            "a '%' in the database needs two hexadecimal digits behind it; a '%' itself is written as %25");
  EXPECT_EQ(problem("postgres://a:b%00@db"), "the password must not hold a NUL");
  for (const std::string_view options : {"x", "=x", "", "a=b&", "a=b&&c=d"})
    EXPECT_EQ(problem("postgres://db/shop?" + std::string(options)),
              "what stands behind '?' must be name=value, joined by '&'")
        << options;
  EXPECT_EQ(problem("sqlite://shop.sqlite"),
            "a SQLite file is written with three slashes: sqlite:///path/to/file");
  EXPECT_EQ(problem("sqlite:///"), "the path must be that of a file");
}

TEST(DatabaseUrl, with_an_at_sign_that_is_not_escaped_is_refused_not_guessed) {
  for (const std::string_view text : {"postgres://a:b@c@db/shop", "postgres://a:b/c@db/shop",
                                      "postgres://a:1?x=c@db/shop", "postgres://db/shop@x"})
    EXPECT_EQ(
        problem(text),
        "an '@' inside user, password, database or option is written as %40 (and '/' as %2F, '?' as %3F)");
}

TEST(DatabaseUrl, that_is_wrong_never_tells_its_password) {
  for (const std::string_view text :
       {"postgres://a:hunter2@db:x", "postgres://a:hunter2%@db", "postgres://a:hun@ter2@db",
        "postgres://a:hunter2@[x]", "mysql://a:hunter2@db", "postgres://db/x?password=hunter2&port=y"})
    EXPECT_EQ(problem(text).find("ter2"), std::string::npos);
}

TEST(DatabaseUrl, every_beginning_and_every_changed_byte_is_an_answer_and_no_crash) {
  const std::string text = "postgres://a%40:b%2f@[::1]:6543/s%20h?sslmode=require&host=/run";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const ParsedDatabaseUrl parsed = parse_database_url(std::string_view(text).substr(0, length));
    EXPECT_EQ(parsed.url.has_value(), parsed.problem.empty());
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char c : {'%', '@', ':', '/', '?', '&', '=', '[', ']', '\0', '\xff'}) {
      std::string changed = text;
      changed[at] = c;
      const ParsedDatabaseUrl parsed = parse_database_url(changed);
      EXPECT_EQ(parsed.url.has_value(), parsed.problem.empty());
    }
  }
}

}  // namespace
}  // namespace halcyon::db
