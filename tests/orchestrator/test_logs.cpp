// What logs asks the engine for, and what it does when it is told to stop.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <set>

#include "orchestrator/environment_state.hpp"
#include "orchestrator/journal.hpp"
#include "orchestrator/log_since.hpp"
#include "orchestrator/operations.hpp"
#include "tests/orchestrator/quiet_run.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using namespace test_support;

std::optional<std::string> since(std::string_view text) {
  // 2026-11-20T12:00:00Z
  return resolve_log_since(text, std::chrono::sys_seconds{std::chrono::seconds{1'795'176'000}});
}

TEST(LogSince, an_age_is_counted_back_from_now) {
  EXPECT_EQ(since("10s"), "1795175990");
  EXPECT_EQ(since("10m"), "1795175400");
  EXPECT_EQ(since("1h30m"), "1795170600");
  EXPECT_EQ(since("2d"), "1795003200");
  EXPECT_EQ(since("9999999999d"), "0");
}

TEST(LogSince, an_rfc_3339_time_becomes_unix_seconds) {
  EXPECT_EQ(since("2026-11-20T10:00:00Z"), "1795168800");
  EXPECT_EQ(since("2026-11-20T12:00:00+02:00"), "1795168800");
  EXPECT_EQ(since("2026-11-20T10:00:00.25Z"), "1795168800.250");
  EXPECT_EQ(since("1960-01-01T00:00:00Z"), "0");
}

TEST(LogSince, unix_seconds_stay_as_they_are) {
  EXPECT_EQ(since("1795168800"), "1795168800");
  EXPECT_EQ(since("1795168800.123456789"), "1795168800.123456789");
}

TEST(LogSince, nonsense_is_no_time) {
  for (const std::string_view text : {"", "yesterday", "10x", "m", "-10m", "10m ", "1.5h", "1795168800.",
                                      "1795168800.x", "99999999999", "2026-11-20", "2026-11-20 10:00:00",
                                      "2026-13-20T10:00:00Z", "4052-11-20T10:00:00Z", "10m&follow=1"}) {
    EXPECT_EQ(since(text), std::nullopt) << text;
  }
}

class Stop final : public Interrupt {
 public:
  bool requested() const noexcept override { return requested_; }
  std::string reason() const override { return "test"; }
  void on_request(std::function<void()> action) override { action_ = std::move(action); }
  void request() {
    requested_ = true;
    if (action_) action_();
  }

 private:
  bool requested_ = false;
  std::function<void()> action_;
};

std::string container(const std::string& id, const std::string& labels) {
  return R"({"Id":")" + id + R"(","Names":["/)" + id +
         R"("],"Image":"x","ImageID":"sha256:0","State":"running",)" +
         R"("Labels":{"halcyon.app":"shop","halcyon.environment":"production",)" + labels + "}}";
}

std::string web(const std::string& id, const std::string& slot, const std::string& release) {
  return container(id, R"("halcyon.kind":"web","halcyon.service":"web","halcyon.slot":")" + slot +
                           R"(","halcyon.release":")" + release + R"(")");
}

std::string stdout_frame(const std::string& text) {
  return std::string("\1\0\0\0\0\0\0", 7) + static_cast<char>(text.size()) + text;
}

/// r2 serves in green, r1 is kept in blue, a database is beside them; an engine answers from a script.
class Logs : public ::testing::Test {
 protected:
  Logs() {
    environment.state_directory = directory.path();
    environment.services.push_back({.name = *Name::parse("web")});
    environment.services.push_back({.name = *Name::parse("db"), .kind = ServiceKind::accessory});
    Journal journal(directory / "journal");
    journal.append(RecordType::environment, environment_body("10.201.7.0/24"));
    commit(journal, "p1", "r1", Slot::blue);
    commit(journal, "p2", "r2", Slot::green);
    journal.sync();
  }

  static void commit(Journal& journal, const std::string& promotion, const std::string& release, Slot slot) {
    journal.append(RecordType::begin, begin_body({.id = promotion, .release = release}));
    journal.append(RecordType::commit, commit_body(release, {{"web", {slot, release}}}));
    journal.append(RecordType::end, end_body("deployed", ""));
  }

  std::string reply(const SeenRequest& request) const {
    if (request.target.find("/containers/json") != std::string::npos) return answer(200, containers);
    if (request.target.find("/logs?") != std::string::npos) return chunked_answer({stdout_frame("a line\n")});
    return answer(200, R"({"Id":"c","Name":"/c","Config":{"Tty":false},"State":{"Status":"running"}})");
  }

  /// Who is read, in the order of their names.
  std::set<std::string> readers(LogRequest request) {
    const ScriptedServer server(engine_script([this](const SeenRequest& seen) { return reply(seen); }));
    docker_api::Engine engine(io.get_executor(), server.address());
    std::set<std::string> names;
    run(io, stream_logs({engine, environment, events, stop, "anna"}, std::move(request),
                        [&](const std::string& name, docker_api::LogStream, std::string_view line) {
                          EXPECT_EQ(line, "a line");
                          names.insert(name);
                        }));
    return names;
  }

  const halcyon::testing::TemporaryDirectory directory;
  Environment environment{.app = *Name::parse("shop"), .name = *Name::parse("production")};
  std::string containers = "[" + web("old", "blue", "r1") + "," + web("new", "green", "r2") + "," +
                           container("data", R"("halcyon.kind":"accessory","halcyon.service":"db")") + "]";
  asio::io_context io;
  NoEvents events;
  Stop stop;
};

using Names = std::set<std::string>;

TEST_F(Logs, are_those_of_what_serves_and_of_accessories) {
  EXPECT_EQ(readers({}), (Names{"new", "data"}));
  EXPECT_EQ(readers({.services = {"web"}}), Names{"new"});
}

TEST_F(Logs, of_all_releases_have_the_stopped_slot_too) {
  EXPECT_EQ(readers({.all_releases = true}), (Names{"new", "old", "data"}));
  EXPECT_EQ(readers({.services = {"web"}, .all_releases = true}), (Names{"new", "old"}));
}

TEST_F(Logs, of_a_service_whose_serving_container_is_gone_are_those_that_there_are) {
  containers = "[" + web("old", "blue", "r1") + "]";
  EXPECT_EQ(readers({}), Names{"old"});
}

TEST_F(Logs, since_nonsense_are_refused_before_the_engine_is_asked) {
  docker_api::Engine engine(io.get_executor(),
                            docker_api::parse_engine_address("unix:///nonexistent/socket"));
  try {
    run(io, stream_logs({engine, environment, events, stop, "anna"}, {.since = "yester\nday"}, {}));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.outcome(), Outcome::usage);
    EXPECT_STREQ(error.what(),
                 "cannot show logs since \"yester\\nday\": that is no time; write how long ago (10m, 1h30m, "
                 "2d), an RFC 3339 time (2026-11-20T10:00:00Z) or UNIX seconds");
  }
}

TEST_F(Logs, give_nothing_to_a_caller_who_was_interrupted_and_has_gone) {
  containers = "[" + web("new", "green", "r2") + "]";
  const Script script = [this](ScriptedPeer& peer) {
    while (peer.read_request()) {
      const std::string& target = peer.request().target;
      if (target == "/_ping") {
        peer.send(pong());
      } else if (target.find("/events?") != std::string::npos) {
        peer.send(k_chunked_head);
        peer.wait_for_client_to_close();
      } else if (target.find("/logs?") == std::string::npos) {
        peer.send(reply(peer.request()));
      } else {
        peer.send(std::string(k_chunked_head) + chunk(stdout_frame("first\n")));
        asio::post(io, [this] { stop.request(); });
        peer.wait_for_client_to_close();
      }
    }
  };
  const ScriptedServer server(script);
  docker_api::Engine engine(io.get_executor(), server.address());
  auto caller = std::make_unique<std::vector<std::string>>();
  const std::weak_ptr<int> alive = [&] {
    auto token = std::make_shared<int>(0);
    std::weak_ptr<int> watched = token;
    run(io, stream_logs({engine, environment, events, stop, "anna"}, {.follow = true},
                        [lines = caller.get(), token](const std::string&, docker_api::LogStream,
                                                      std::string_view line) { lines->emplace_back(line); }));
    return watched;
  }();
  // run() returns only when nothing is left on `io`: the reader has ended, although the engine goes on.
  EXPECT_TRUE(alive.expired()) << "a reader still holds the caller's sink";
}

/// "new" serves; "next" is there from the second time on that the engine is asked, and its start is an event.
Script engine_where_next_starts(std::string serving, std::string next) {
  return [serving = std::move(serving), next = std::move(next),
          asked = std::make_shared<std::atomic<int>>(0)](ScriptedPeer& peer) {
    while (peer.read_request()) {
      const std::string& target = peer.request().target;
      if (target == "/_ping") {
        peer.send(pong());
      } else if (target.find("/events?") != std::string::npos) {
        peer.send(
            std::string(k_chunked_head) +
            chunk(
                R"({"Type":"container","Action":"start","Actor":{"ID":"next"},"time":1,"timeNano":1000000000})"
                "\n"));
        peer.wait_for_client_to_close();
      } else if (target.find("/containers/json") != std::string::npos) {
        peer.send(answer(200, "[" + serving + (asked->fetch_add(1) == 0 ? "" : "," + next) + "]"));
      } else if (target.find("/logs?") != std::string::npos) {
        peer.send(
            chunked_answer({stdout_frame(target.find("next") == std::string::npos ? "old\n" : "new\n")}));
      } else {
        peer.send(
            answer(200, R"({"Id":"c","Name":"/c","Config":{"Tty":false},"State":{"Status":"running"}})"));
      }
    }
  };
}

TEST_F(Logs, that_are_followed_go_on_with_the_container_that_is_started_next) {
  const ScriptedServer server(engine_where_next_starts(web("new", "green", "r2"), web("next", "blue", "r3")));
  docker_api::Engine engine(io.get_executor(), server.address());
  std::set<std::string> lines;
  run(io, stream_logs({engine, environment, events, stop, "anna"}, {.services = {"web"}, .follow = true},
                      [&](const std::string& name, docker_api::LogStream, std::string_view line) {
                        lines.insert(name + " " + std::string(line));
                        if (lines.size() == 2) asio::post(io, [this] { stop.request(); });
                      }));
  EXPECT_EQ(lines, (std::set<std::string>{"new old", "next new"}));
  std::string of_next;
  for (const SeenRequest& request : server.requests()) {
    if (request.target.find("/next/logs?") != std::string::npos) of_next = request.target;
  }
  // Its first words may be older than the engine's news of its start.
  EXPECT_EQ(of_next.find("since="), std::string::npos) << of_next;
  EXPECT_EQ(of_next.find("tail="), std::string::npos) << of_next << ": nothing that it said is left out";
}

}  // namespace
}  // namespace halcyon::orchestrator
