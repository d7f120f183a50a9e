#include "docker_api/error.hpp"

#include <gtest/gtest.h>

namespace halcyon::docker_api {
namespace {

TEST(ErrorTest, the_text_says_what_was_attempted_and_what_happened) {
  EXPECT_STREQ(Error({.kind = ErrorKind::conflict,
                      .endpoint = "POST /containers/create",
                      .http_status = 409,
                      .engine_text = "name in use"})
                   .what(),
               "POST /containers/create: the engine answered 409: name in use");
  EXPECT_STREQ(
      Error({.kind = ErrorKind::in_stream, .endpoint = "POST /build", .engine_text = "exit 1"}).what(),
      "POST /build: the engine reported an error: exit 1");
  EXPECT_STREQ(Error({.kind = ErrorKind::truncated}).what(), "docker engine: truncated");
}

TEST(ErrorTest, the_text_says_what_to_do_next) {
  EXPECT_STREQ(
      Error({.kind = ErrorKind::timeout,
             .endpoint = "POST /containers/x/start",
             .in_doubt = true,
             .explanation = "no answer within 30 s"})
          .what(),
      "POST /containers/x/start: no answer within 30 s; the request was sent, so look whether it took effect "
      "before you repeat it");
  EXPECT_STREQ(
      Error({.kind = ErrorKind::unauthorized, .endpoint = "POST /images/create", .http_status = 401}).what(),
      "POST /images/create: the engine answered 401; check the credentials for that registry");
}

TEST(ErrorTest, what_may_pass_by_itself_is_transient) {
  for (const ErrorKind kind : {ErrorKind::unreachable, ErrorKind::timeout, ErrorKind::truncated}) {
    EXPECT_TRUE(Error({.kind = kind}).is_transient()) << to_string(kind);
  }
  for (const ErrorKind kind : {ErrorKind::cancelled, ErrorKind::protocol, ErrorKind::bad_request,
                               ErrorKind::unauthorized, ErrorKind::not_found, ErrorKind::conflict,
                               ErrorKind::in_stream, ErrorKind::unsupported, ErrorKind::invalid_argument}) {
    EXPECT_FALSE(Error({.kind = kind}).is_transient()) << to_string(kind);
  }
  for (const int status : {429, 500, 502, 503, 504}) {
    EXPECT_TRUE(Error({.kind = ErrorKind::refused, .http_status = status}).is_transient()) << status;
  }
  for (const int status : {403, 406, 410, 501}) {
    EXPECT_FALSE(Error({.kind = ErrorKind::refused, .http_status = status}).is_transient()) << status;
  }
}

TEST(ErrorTest, the_facts_can_be_asked_for) {
  const Error error({.kind = ErrorKind::refused,
                     .endpoint = "GET /x",
                     .http_status = 500,
                     .engine_text = "words",
                     .api_version = "1.41",
                     .in_doubt = true});
  EXPECT_EQ(error.kind(), ErrorKind::refused);
  EXPECT_EQ(error.endpoint(), "GET /x");
  EXPECT_EQ(error.http_status(), 500);
  EXPECT_EQ(error.engine_text(), "words");
  EXPECT_EQ(error.api_version(), "1.41");
  EXPECT_TRUE(error.in_doubt());
  EXPECT_EQ(to_string(ErrorKind::in_stream), "in_stream");
}

}  // namespace
}  // namespace halcyon::docker_api
