#include <gtest/gtest.h>

#include "docker_api/filters.hpp"
#include "docker_api/http.hpp"
#include "docker_api/request_text.hpp"
#include "docker_api/resource_path.hpp"
#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

TEST(HttpTextTest, everything_but_unreserved_characters_is_percent_encoded) {
  EXPECT_EQ(percent_encode_query("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode_query("a b&c=d?e#f/g%+:@"), "a%20b%26c%3Dd%3Fe%23f%2Fg%25%2B%3A%40");
  EXPECT_EQ(percent_encode_query("ä\n\x7f"), "%C3%A4%0A%7F");
  EXPECT_EQ(percent_encode_query(std::string_view("\0", 1)), "%00");
  EXPECT_EQ(percent_encode_path("r.io:5000/shop/web@sha256:ab?#"), "r.io:5000/shop/web@sha256:ab%3F%23");
}

TEST(HttpTextTest, headers_are_found_without_regard_to_case) {
  const HttpResponse response{
      .status = 200, .headers = {{"Api-Version", "1.41"}, {"API-VERSION", "9.9"}, {"Api", "x"}}, .body = ""};
  EXPECT_EQ(response.find_header("api-version"), "1.41");
  EXPECT_EQ(response.find_header("Api-Versio"), std::nullopt);
  EXPECT_EQ(response.find_header("Api-Versions"), std::nullopt);
}

std::string head_of(const HttpRequest& request) {
  std::string text;
  append_request_head(text, request);
  return text;
}

TEST(HttpTextTest, a_request_without_body_says_so_only_where_one_is_expected) {
  EXPECT_EQ(head_of({}), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(head_of({.method = "POST", .target = "/x"}),
            "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(head_of({.method = "DELETE", .target = "/x", .keep_alive = false}),
            "DELETE /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(
      head_of({.method = "PUT", .target = "/x", .host = "app", .headers = {{"A", "b"}}, .body = "12345"}),
      "PUT /x HTTP/1.1\r\nHost: app\r\nA: b\r\nContent-Length: 5\r\n\r\n");
}

TEST(HttpTextTest, what_would_split_a_request_in_two_is_refused) {
  const HttpRequest requests[] = {
      {.method = "GET X"},
      {.target = ""},
      {.target = "/a b"},
      {.target = "/a\r\nX: y"},
      {.host = "a\nb"},
      {.headers = {{"A\r\nB", "c"}}},
      {.headers = {{"A", "b\r\nC: d"}}},
  };
  for (const HttpRequest& request : requests) {
    EXPECT_EQ(expect_error([&] { check_request_text(request); }).kind(), ErrorKind::invalid_argument);
  }
  EXPECT_NO_THROW(check_request_text({.headers = {{"A", "b c"}}}));
}

TEST(HttpTextTest, durations_are_readable) {
  EXPECT_EQ(describe(std::chrono::milliseconds{250}), "250 ms");
  EXPECT_EQ(describe(std::chrono::milliseconds{30'000}), "30 s");
}

TEST(ResourcePathTest, ids_are_encoded_and_empty_ones_are_never_sent) {
  EXPECT_EQ(resource_path("/containers/", "a/b?c#d", "/json"), "/containers/a%2Fb%3Fc%23d/json");
  EXPECT_EQ(image_path("/images/", "r.io/shop/web:7", "/json"), "/images/r.io/shop/web:7/json");
  for (const char* id : {"", ".", ".."}) {
    expect_error([&] { resource_path("/containers/", id, "/json"); }, ErrorKind::invalid_argument,
                 "nothing was sent");
    expect_error([&] { image_path("/images/", id); }, ErrorKind::invalid_argument, "nothing was sent");
  }
}

TEST(ResourcePathTest, labels_become_the_list_form_of_filters) {
  using Query = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(filter_query({}), Query{});
  EXPECT_EQ(filter_query({{"label", {"a", "b=c"}}}), (Query{{"filters", R"({"label":["a","b=c"]})"}}));
}

}  // namespace
}  // namespace halcyon::docker_api
