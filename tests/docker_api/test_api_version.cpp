#include "docker_api/api_version.hpp"

#include <gtest/gtest.h>

#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

TEST(ApiVersionTest, two_numbers_and_a_dot_are_a_version) {
  EXPECT_EQ(parse_api_version("1.41"), (ApiVersion{1, 41}));
  EXPECT_EQ(parse_api_version("2.0"), (ApiVersion{2, 0}));
}

TEST(ApiVersionTest, other_shapes_are_no_version) {
  for (const char* text : {"", ".", "1", "1.", ".41", "1.41.0", "v1.41", " 1.41", "1.41 ", "1.-1", "-1.4",
                           "+1.4", "1.99999999999999999999", "1,41"}) {
    EXPECT_EQ(parse_api_version(text), std::nullopt) << text;
  }
}

TEST(ApiVersionTest, minor_versions_compare_as_numbers) {
  EXPECT_LT((ApiVersion{1, 9}), (ApiVersion{1, 40}));
  EXPECT_LT((ApiVersion{1, 55}), (ApiVersion{2, 0}));
}

TEST(ApiVersionTest, the_older_of_both_newest_versions_is_spoken) {
  EXPECT_EQ(negotiate_api_version({1, 40}), (ApiVersion{1, 40}));
  EXPECT_EQ(negotiate_api_version({1, 44}), (ApiVersion{1, 44}));
  EXPECT_EQ(negotiate_api_version({1, 55}), (ApiVersion{1, 55}));
  EXPECT_EQ(negotiate_api_version({1, 56}), (ApiVersion{1, 55}));
  EXPECT_EQ(negotiate_api_version({2, 0}), (ApiVersion{1, 55}));
}

TEST(ApiVersionTest, an_engine_older_than_1_40_is_unsupported_and_the_text_says_both_numbers) {
  const Error error = expect_error([] { negotiate_api_version({1, 39}); });
  EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  EXPECT_STREQ(
      error.what(),
      "GET /_ping: the engine speaks API 1.39 at most, Halcyon needs 1.40 or newer: upgrade the engine "
      "(Docker 19.03 was the first with 1.40)");
}

TEST(ApiVersionTest, an_option_that_is_too_new_is_refused_before_it_is_silently_dropped) {
  EXPECT_NO_THROW(require_api_version({1, 44}, {1, 44}, "StartInterval"));
  expect_error(
      [] {
        require_api_version({1, 41}, {1, 44}, "StartInterval");
      },
      ErrorKind::unsupported, "StartInterval needs API 1.44, this engine speaks 1.41");
}

}  // namespace
}  // namespace halcyon::docker_api
