#include "docker_api/url.hpp"

#include <gtest/gtest.h>

#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

TEST(UrlTest, urls_are_taken_apart) {
  struct Row {
    const char* text;
    Url url;
    const char* host_header;
  };
  const Row rows[] = {
      {"http://example.org", {UrlScheme::http, "example.org", 80, "/"}, "example.org"},
      {"HTTPS://Example.ORG", {UrlScheme::https, "example.org", 443, "/"}, "example.org"},
      {"https://h:8443/a%2Fb?c=d&e", {UrlScheme::https, "h", 8443, "/a%2Fb?c=d&e"}, "h:8443"},
      {"http://h:443/", {UrlScheme::http, "h", 443, "/"}, "h:443"},
      {"http://h:80/", {UrlScheme::http, "h", 80, "/"}, "h"},
      {"http://h:/x", {UrlScheme::http, "h", 80, "/x"}, "h"},
      {"http://h?q", {UrlScheme::http, "h", 80, "/?q"}, "h"},
      {"http://h/p?q#fragment", {UrlScheme::http, "h", 80, "/p?q"}, "h"},
      {"http://h#f/x", {UrlScheme::http, "h", 80, "/"}, "h"},
      {"http://h/..//./a", {UrlScheme::http, "h", 80, "/..//./a"}, "h"},
      {"http://10.0.0.1/", {UrlScheme::http, "10.0.0.1", 80, "/"}, "10.0.0.1"},
      {"http://[::1]:81/x", {UrlScheme::http, "::1", 81, "/x"}, "[::1]:81"},
      {"http://[FE80::1]", {UrlScheme::http, "fe80::1", 80, "/"}, "[fe80::1]"},
      {"http://h/@x?u=a@b", {UrlScheme::http, "h", 80, "/@x?u=a@b"}, "h"},
      {"http+unix://%2Frun%2Fapp.sock/v1?q",
       {UrlScheme::http_unix, "/run/app.sock", 0, "/v1?q"},
       "localhost"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Url url = parse_url(row.text);
    EXPECT_EQ(url, row.url) << to_string(url);
    EXPECT_EQ(host_header(url), row.host_header);
    EXPECT_EQ(parse_url(to_string(url)), url);
  }
}

TEST(UrlTest, what_is_no_url_of_ours_is_refused) {
  for (const std::string text : {"",
                                 "h",
                                 "//h/",
                                 "/p",
                                 "ftp://h/",
                                 "file:///etc/passwd",
                                 "http:/h",
                                 "http:h",
                                 "http://",
                                 "http:///p",
                                 "http://:80/",
                                 "http://h:0/",
                                 "http://h:65536/",
                                 "http://h:x/",
                                 "http://h:-1/",
                                 "http://.h/",
                                 "http://-h/",
                                 "http://h h/",
                                 "http://h/a b",
                                 "http://h/\r\nX: y",
                                 "http://h/\xc3\xa4",
                                 "http://b\xc3\xbc.de/",
                                 "http://h/%",
                                 "http://h/%4",
                                 "http://h/%zz",
                                 "http://[::1",
                                 "http://[1.2.3.4]/",
                                 "http://[::1]x/",
                                 "http://a,b/",
                                 "http://h%41/",
                                 "http+unix://run/x",
                                 "http+unix:///run/x"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(expect_error([&] { parse_url(text); }).kind(), ErrorKind::invalid_argument);
  }
  expect_error([] { parse_url("http://b\xc3\xbc.de/"); }, ErrorKind::invalid_argument, "xn--");
  expect_error([] { parse_url("http+unix://%2F" + std::string(110, 'p') + "/"); },
               ErrorKind::invalid_argument, "107 bytes");
  EXPECT_EQ(parse_url("http://xn--bcher-kva.de/").host, "xn--bcher-kva.de");
}

TEST(UrlTest, no_password_and_no_signature_gets_into_a_message) {
  for (const char* text : {"https://user:hunter2@h/", "https://hunter2@h/?x", "ftp://user:hunter2@h/",
                           "https://h/ ?signature=hunter2", "https://a:hunter2@[::1/"}) {
    SCOPED_TRACE(text);
    const Error error = expect_error([&] { parse_url(text); });
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
  }
  expect_error([] { parse_url("https://user:x@h/"); }, ErrorKind::invalid_argument, "user or password");
  EXPECT_EQ(to_shown_string(parse_url("https://h/a?signature=x")), "https://h/a");
}

// The examples of RFC 3986, 5.4, without those that depend on another scheme's own rules.
TEST(UrlTest, references_are_resolved_as_the_rfc_says) {
  const Url base = parse_url("http://a/b/c/d;p?q");
  const std::pair<const char*, const char*> rows[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {";x", "http://a/b/c/;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"https://x/y", "https://x/y"},
  };
  for (const auto& [reference, wanted] : rows)
    EXPECT_EQ(to_string(resolve_url(base, reference)), wanted) << reference;
  EXPECT_EQ(to_string(resolve_url(parse_url("http+unix://%2Fs/a"), "/b")), "http+unix://%2Fs/b");
  EXPECT_EQ(expect_error([&] { resolve_url(base, "javascript:x"); }).kind(), ErrorKind::invalid_argument);
}

TEST(UrlTest, origins_are_scheme_host_and_port) {
  const auto same = [](const char* a, const char* b) {
    return origin_of(parse_url(a)) == origin_of(parse_url(b));
  };
  EXPECT_TRUE(same("http://H/a", "http://h:80/b?c"));
  EXPECT_FALSE(same("http://h/", "https://h/"));
  EXPECT_FALSE(same("http://h/", "http://h:81/"));
  EXPECT_FALSE(same("http://h/", "http://h.x/"));
  EXPECT_FALSE(same("http+unix://%2Fa/", "http+unix://%2Fb/"));
}

}  // namespace
}  // namespace halcyon::docker_api
