// What the tests of HttpClient share: servers that keep their connections, and a client.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <utility>

#include "docker_api/http_client.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/tls_front.hpp"

namespace halcyon::docker_api {

/// Takes two requests on its first connection and answers only the first.
inline test_support::Script deaf_from_the_second_on() {
  return [](test_support::ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test_support::answer(200, "first"));
    peer.read_request();
    peer.close();
  };
}

/// Answers every request with what `reply` makes of it, on a kept connection.
inline test_support::Script keep(std::function<std::string(const test_support::SeenRequest&)> reply) {
  return [reply = std::move(reply)](test_support::ScriptedPeer& peer) {
    while (peer.read_request()) peer.send(reply(peer.request()));
  };
}
inline test_support::Script say(std::string bytes) {
  return keep([bytes = std::move(bytes)](const test_support::SeenRequest&) { return bytes; });
}
inline std::string redirect_to(const std::string& location, int status = 302) {
  return test_support::answer(status, "moved", "Location: " + location + "\r\n");
}

class HttpClientFixture : public ::testing::Test {
 protected:
  static Url url_of(const test_support::ScriptedServer& server, const std::string& target = "/") {
    const auto& address = server.address();
    if (const auto* tcp = std::get_if<TcpAddress>(&address))
      return parse_url("http://127.0.0.1:" + std::to_string(tcp->port) + target);
    return parse_url("http+unix://" + percent_encode_query(std::get<UnixAddress>(address).path) + target);
  }
  static Url url_of(const test_support::TlsFront& front, const std::string& host,
                    const std::string& target = "/") {
    return parse_url("https://" + host + ":" + std::to_string(front.port()) + target);
  }
  UrlAnswer ask(UrlRequest request) { return run(client_.request(std::move(request))); }
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test_support::run(io_, std::move(work));
  }

  boost::asio::io_context io_;
  HttpClient client_{io_.get_executor()};
};

}  // namespace halcyon::docker_api
