// Which version is spoken, as one table: what the engine offers x what stands in between x how many ask at
// once. Our own range is k_oldest_api_version to k_newest_api_version.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/detached.hpp>

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using test_support::answer;
using test_support::pong;
using test_support::ScriptedPeer;
using test_support::SeenRequest;
using Words = std::vector<std::string>;

/// What an engine with these limits says to a request for `target`, as dockerd does: its middleware refuses
/// what is outside of them.
std::string engine_says(const SeenRequest& request, ApiVersion oldest, ApiVersion newest) {
  if (request.target == "/_ping") return pong(to_string(newest));
  const std::size_t end = request.target.find('/', 1);
  const auto asked = parse_api_version(std::string_view(request.target).substr(2, end - 2));
  if (asked && *asked >= oldest && *asked <= newest) return answer(200, to_string(*asked));
  const std::string words =
      !asked ? "no version"
      : *asked < oldest
          ? fmt::format("client version {} is too old. Minimum supported API version is {}, please upgrade",
                        to_string(*asked), to_string(oldest))
          : fmt::format("client version {} is too new. Maximum supported API version is {}",
                        to_string(*asked), to_string(newest));
  return answer(400, fmt::format(R"({{"message":"{}"}})", words));
}

asio::awaitable<void> ask(Engine& engine, Words& heard) {
  try {
    const HttpResponse response = co_await engine.call({.path = "/info"});
    heard.push_back(response.body);
  } catch (const Error& error) {
    heard.push_back(std::string(to_string(error.kind())) + ": " + error.what());
  }
}

class NegotiationTable : public EngineFixture {
 protected:
  /// What `callers` first calls at once make of it.
  Words ask_at_once(int callers) {
    Words heard;
    for (int i = 0; i < callers; ++i) asio::co_spawn(io_, ask(*engine_, heard), asio::detached);
    io_.restart();
    io_.run();
    return heard;
  }
  std::ptrdiff_t pings() const {
    const Words lines = seen();
    return std::count(lines.begin(), lines.end(), "GET /_ping");
  }
};

struct Limits {
  ApiVersion oldest;
  ApiVersion newest;
  const char* result;  ///< the version that a call is made with, or how its error begins
};
const Limits k_limits[] = {
    {{1, 12}, {1, 24}, "unsupported: GET /_ping: the engine speaks API 1.24 at most"},
    {{1, 12}, {1, 39}, "unsupported: GET /_ping: the engine speaks API 1.39 at most"},
    {{1, 12}, {1, 40}, "1.40"},
    {{1, 12}, {1, 41}, "1.41"},
    {{1, 12}, {1, 43}, "1.43"},
    {{1, 24}, {1, 44}, "1.44"},
    {{1, 24}, {1, 51}, "1.51"},
    {{1, 44}, {1, 52}, "1.52"},
    {{1, 40}, {1, 54}, "1.54"},
    {{1, 40}, {1, 55}, "1.55"},
    {{1, 40}, {1, 56}, "1.55"},
    {{1, 55}, {1, 60}, "1.55"},
    {{1, 55}, {1, 55}, "1.55"},
    {{1, 56},
     {1, 60},
     "bad_request: GET /info: the engine answered 400: client version 1.55 is too old. "
     "Minimum supported API version is 1.56"},
    {{2, 0}, {2, 1}, "bad_request: GET /info: the engine answered 400: client version 1.55 is too old"},
};

enum class Between { nothing, head_is_403, head_is_405 };

TEST_F(NegotiationTable, the_newest_version_of_both_is_spoken_or_the_limits_are_told) {
  for (const Limits& limits : k_limits) {
    for (const Between between : {Between::nothing, Between::head_is_403, Between::head_is_405}) {
      for (const int callers : {1, 5}) {
        SCOPED_TRACE(
            fmt::format("{} to {}, {} callers", to_string(limits.oldest), to_string(limits.newest), callers));
        serve_script([limits, between](ScriptedPeer& peer) {
          while (peer.read_request()) {
            // A proxy that lets no HEAD through must not matter: none is needed.
            const bool is_stopped = between != Between::nothing && peer.request().method == "HEAD";
            peer.send(is_stopped ? answer(between == Between::head_is_403 ? 403 : 405, "")
                                 : engine_says(peer.request(), limits.oldest, limits.newest));
          }
        });
        for (const std::string& heard : ask_at_once(callers)) {
          EXPECT_TRUE(heard.starts_with(limits.result)) << heard;
        }
        EXPECT_EQ(pings(), 1);
        const bool is_spoken = limits.newest >= k_oldest_api_version;
        EXPECT_EQ(server_->requests().size(), is_spoken ? 1U + static_cast<std::size_t>(callers) : 1U);
      }
    }
  }
}

struct Failure {
  const char* name;
  std::string ping;  ///< what comes instead of a pong; empty: the connection is closed
  const char* result;
};
const std::vector<Failure>& failures() {
  static const std::vector<Failure> all{
      {"header missing", answer(200, "OK"), "protocol: GET /_ping: the answer names no Api-Version"},
      {"header empty", pong(""), "protocol: GET /_ping: the answer names no Api-Version"},
      {"header garbled", pong("latest"), "protocol: GET /_ping: the answer names no Api-Version"},
      {"500 without header", answer(500, "starting up"),
       "refused: GET /_ping: the engine answered 500: starting up"},
      {"500 with header", answer(500, "unwell", "Api-Version: 1.41\r\n"),
       "refused: GET /_ping: the engine answered 500: unwell"},
      {"403 of a proxy", answer(403, "<h1>403 Forbidden</h1>"),
       "unauthorized: GET /_ping: the engine answered 403: 403 Forbidden"},
      {"404", answer(404, "404 page not found"),
       "unsupported: GET /_ping: the engine does not know this call (status 404)"},
      {"a redirect", answer(302, "", "Location: /elsewhere\r\n"),
       "protocol: GET /_ping: the answer is a redirect"},
      {"closed", "", "truncated: GET /_ping: the connection was closed before an answer came"},
      {"no HTTP", "SSH-2.0-OpenSSH_9.2p1\r\n", "protocol: GET /_ping: the answer is not HTTP"},
  };
  return all;
}

TEST_F(NegotiationTable, a_ping_that_fails_is_told_to_all_who_wait_and_asked_again_by_the_next_call) {
  for (const Failure& failure : failures()) {
    for (const int callers : {1, 5}) {
      SCOPED_TRACE(fmt::format("{}, {} callers", failure.name, callers));
      const auto pings_left = std::make_shared<std::atomic<int>>(1);
      serve_script([&failure, pings_left](ScriptedPeer& peer) {
        while (peer.read_request()) {
          if (peer.request().target != "/_ping" || --*pings_left < 0) {
            peer.send(engine_says(peer.request(), {1, 12}, {1, 41}));
            continue;
          }
          peer.send(failure.ping);
          if (failure.ping.empty()) return peer.close();
        }
      });
      for (const std::string& heard : ask_at_once(callers)) {
        EXPECT_TRUE(heard.starts_with(failure.result)) << heard;
      }
      EXPECT_EQ(pings(), 1);
      EXPECT_EQ(server_->requests().size(), 1U) << "no call without a version";
      for (const std::string& heard : ask_at_once(callers)) EXPECT_EQ(heard, "1.41");
      EXPECT_EQ(pings(), 2);
    }
  }
}

TEST_F(NegotiationTable, an_engine_that_is_not_there_is_told_to_all_who_ask) {
  for (const int callers : {1, 5}) {
    serve_bytes(answer(200, "1.41"));
    const EngineAddress address = server_->address();
    server_.reset();
    engine_ = std::make_unique<Engine>(io_.get_executor(), address);
    const Words heard = ask_at_once(callers);
    EXPECT_EQ(heard.size(), static_cast<std::size_t>(callers));
    for (const std::string& line : heard) {
      EXPECT_TRUE(line.starts_with("unreachable: GET /_ping: cannot connect to unix://")) << line;
    }
  }
}

}  // namespace
}  // namespace halcyon::docker_api
