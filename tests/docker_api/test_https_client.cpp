// HttpClient over TLS: who is trusted, and what a redirect may do.
#include <cstdlib>

#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/http_client_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using test_support::ScriptedServer;
using test_support::TlsFront;

class HttpsClientTest : public HttpClientFixture {
 protected:
  const testing::TemporaryDirectory directory_;
  const test_support::Certificates certificates_{directory_.path()};
  const ScriptedServer server_{say(answer(200, "secured"))};
};

TEST_F(HttpsClientTest, the_servers_name_is_verified_and_sent_along) {
  const TlsFront front(certificates_, server_.address());
  HttpClient client(io_.get_executor(), {.ca_file = certificates_.ca});
  for (const char* host : {"localhost", "127.0.0.1", "LOCALHOST"})
    EXPECT_EQ(run(client.request({.url = url_of(front, host)})).response.body, "secured");
  EXPECT_EQ(front.server_name(), "localhost") << "sent for a name, not for an address";
  EXPECT_EQ(server_.connections(), 2U);
  HttpClient for_other(io_.get_executor(), {.ca_file = certificates_.ca, .server_name = "example.org"});
  expect_error([&] { run(for_other.request({.url = url_of(front, "localhost")})); }, ErrorKind::unreachable,
               "certificate is not accepted");
}

TEST_F(HttpsClientTest, the_systems_authorities_are_asked_if_there_are_no_others) {
  const TlsFront front(certificates_, server_.address());
  expect_error([&] { ask({.url = url_of(front, "localhost")}); }, ErrorKind::unreachable,
               "certificate is not accepted");
  // OpenSSL's own variable for where the system's authorities are.
  ::setenv("SSL_CERT_FILE", certificates_.ca.c_str(), 1);
  HttpClient client(io_.get_executor());
  const UrlAnswer result = run(client.request({.url = url_of(front, "localhost")}));
  ::unsetenv("SSL_CERT_FILE");
  EXPECT_EQ(result.response.body, "secured");
}

TEST_F(HttpsClientTest, a_client_certificate_is_shown) {
  const TlsFront front(certificates_, server_.address(), {.wants_client_certificate = true});
  HttpClient with(io_.get_executor(), {.ca_file = certificates_.ca,
                                       .certificate_file = certificates_.client_certificate,
                                       .key_file = certificates_.client_key});
  EXPECT_EQ(run(with.request({.url = url_of(front, "localhost")})).response.body, "secured");
  HttpClient without(io_.get_executor(), {.ca_file = certificates_.ca});
  EXPECT_EQ(expect_error([&] { run(without.request({.url = url_of(front, "localhost")})); }).kind(),
            ErrorKind::unreachable);
}

TEST_F(HttpsClientTest, a_redirect_leads_to_https_but_never_away_from_it) {
  const TlsFront front(certificates_, server_.address());
  HttpClient client(io_.get_executor(), {.ca_file = certificates_.ca});
  const ScriptedServer plain(say(redirect_to(to_string(url_of(front, "localhost")))),
                             ScriptedServer::Transport::tcp);
  EXPECT_EQ(run(client.request({.url = url_of(plain), .redirects = 1})).response.body, "secured");
  const ScriptedServer behind(say(redirect_to(to_string(url_of(plain)))));
  const TlsFront back(certificates_, behind.address());
  expect_error([&] { run(client.request({.url = url_of(back, "localhost"), .redirects = 1})); },
               ErrorKind::protocol, "from https to http://");
  EXPECT_EQ(plain.requests().size(), 1U);
}

TEST_F(HttpsClientTest, a_kept_connection_that_ends_without_notice_is_replaced) {
  const ScriptedServer server({deaf_from_the_second_on(), say(answer(200, "second"))});
  const TlsFront front(certificates_, server.address(), {.ends_without_notice = true});
  HttpClient client(io_.get_executor(), {.ca_file = certificates_.ca});
  EXPECT_EQ(run(client.request({.url = url_of(front, "localhost")})).response.body, "first");
  EXPECT_EQ(run(client.request({.url = url_of(front, "localhost")})).response.body, "second");
}

}  // namespace
}  // namespace halcyon::docker_api
