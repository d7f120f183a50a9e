#include "db/redacted_url.hpp"

#include <gtest/gtest.h>

namespace halcyon::db {
namespace {

TEST(RedactedUrl, has_no_password_and_everything_else) {
  EXPECT_EQ(redact_urls("postgres://app:hunter2@db:5432/shop?sslmode=require"),
            "postgres://app:***@db:5432/shop?sslmode=require");
  EXPECT_EQ(redact_urls("postgres://app:hunter2@[::1]:5432/shop"), "postgres://app:***@[::1]:5432/shop");
  EXPECT_EQ(redact_urls("postgres://app:x?y@db/shop&password=hunter2"),
            "postgres://app:***@db/shop&password=***");
  EXPECT_EQ(redact_urls("redis://:hunter2@cache:6379/0"), "redis://:***@cache:6379/0");
  EXPECT_EQ(redact_urls("postgresql:///shop?host=/run/postgresql&password=hunter2&user=app"),
            "postgresql:///shop?host=/run/postgresql&password=***&user=app");
  EXPECT_EQ(redact_urls("postgresql://db/shop?SSLPassword=hunter2&sslkey=/k"),
            "postgresql://db/shop?SSLPassword=***&sslkey=/k");
}

TEST(RedactedUrl, without_a_password_stays_as_it_is) {
  for (const std::string text :
       {"", "plain text", "postgres://db/shop", "postgres://app@db/shop", "postgres://app:@db/shop",
        "http://db:5432/x?page=2", "sqlite:///srv/shop.sqlite", "a://b://c", "://", "x?password=y",
        "mail anna@example.com: now"})
    EXPECT_EQ(redact_urls(text), text);
}

TEST(RedactedUrl, inside_a_longer_text_is_found_each_time) {
  EXPECT_EQ(redact_urls("--from=postgres://a:hunter2@b/c --to 'postgres://d:hunter2@e/f' end"),
            "--from=postgres://a:***@b/c --to 'postgres://d:***@e/f' end");
}

TEST(RedactedUrl, that_is_written_wrongly_hides_too_much_rather_than_too_little) {
  for (const std::string text : {"postgres://app:hun/ter2@db/shop", "postgres://app:hun?ter2@db/shop",
                                 "postgres://app:hun@ter2@db/shop", "postgres://app:1?hunter2@db",
                                 "postgres://app:hun#ter2@db", "postgres://app:hunter2@db:port/shop",
                                 "postgres://app:%zzhunter2@db/shop", "postgres://a:b:hunter2@db"}) {
    const std::string shown = redact_urls(text);
    EXPECT_EQ(shown.find("ter2"), std::string::npos) << shown;
    EXPECT_NE(shown.find("***"), std::string::npos) << shown;
  }
}

}  // namespace
}  // namespace halcyon::db
