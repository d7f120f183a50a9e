// An engine whose JSON means harm: nesting, sizes, NULs, duplicates, and every field of every typed answer
// with every wrong type.
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "docker_api/containers.hpp"
#include "docker_api/events.hpp"
#include "docker_api/images.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/system.hpp"
#include "tests/docker_api/hostile_fixture.hpp"
#include "tests/support/engine_calls.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using test_support::answer;
using test_support::AnswerShape;
using test_support::engine_calls;
using test_support::EngineCall;

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string nested(std::size_t depth) { return repeated("[", depth) + repeated("]", depth); }

/// An engine whose answer changes from call to call, on connections that are kept.
class HostileJsonTest : public HostileFixture {
 protected:
  void serve_current() {
    serve([this](const auto&) { return current_; }, "1.55");
  }
  std::optional<Error> answer_of(const EngineCall& call, const std::string& body) {
    current_ = answer(200, body);
    return run_hostile(call.run(*engine_));
  }

  // Set before a call and read by the server's thread after its request: the socket orders the two.
  std::string current_;
};

TEST_F(HostileJsonTest, nesting_of_a_million_levels_is_refused_before_it_is_built) {
  constexpr std::size_t k_deep = 1'000'000;
  serve_current();
  for (const std::string& body :
       {nested(k_deep), repeated("[", k_deep), repeated(R"({"a":)", k_deep) + "1" + repeated("}", k_deep),
        "[" + nested(k_deep) + "]", R"({"Id":"x","Config":)" + repeated("[{\"a\":", k_deep / 2)}) {
    for (const EngineCall& call : engine_calls()) {
      if (call.shape != AnswerShape::json) continue;
      const std::string_view name = call.name;
      if (name != "inspect_container" && name != "list_containers" && name != "inspect_info") continue;
      const HeapMeter meter;
      const auto error = answer_of(call, body);
      ASSERT_TRUE(error) << name;
      EXPECT_EQ(to_string(error->kind()), "protocol") << error->what();
      EXPECT_LT(meter.peak_bytes(), 10 * body.size()) << "the bytes, but no tree of them";
    }
  }
}

TEST_F(HostileJsonTest, every_call_ends_with_an_error_whatever_the_body_is) {
  using namespace std::string_literals;
  serve_current();
  for (const std::string& body : {""s,
                                  " "s,
                                  "\0"s,
                                  "{"s,
                                  "[{"s,
                                  "[{}"s,
                                  "{\"Id\":"s,
                                  "nul"s,
                                  "<html>no</html>"s,
                                  "{\"Id\":\"\xff\"}"s,
                                  "\"\0\""s,
                                  "{\"Id\":\"a\0\"}"s,
                                  "[{},]"s,
                                  "[,{}]"s,
                                  "[{} {}]"s,
                                  "[{}]]"s,
                                  "{}{}"s,
                                  "[{}]x"s,
                                  "1e999"s,
                                  "-"s,
                                  "\xef\xbb\xbf{"s,
                                  "{\"a\":1e999}"s,
                                  nested(100)}) {
    for (const EngineCall& call : engine_calls()) {
      if (call.shape != AnswerShape::json) continue;
      // Podman's stats of a stopped container, and an engine's 204 to a login, have no body.
      const std::string_view name = call.name;
      if (body.empty() && (name == "read_stats" || name == "check_credentials")) continue;
      const auto error = answer_of(call, body);
      ASSERT_TRUE(error) << call.name << " takes this for a success: "
                         << json(body).dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 50);
      EXPECT_LT(std::string(error->what()).size(), 1000U);
    }
  }
}

/// One place in an answer.
struct Place {
  json::json_pointer at;
  std::string member;  ///< its name; the index in a list
};

void collect_places(const json& value, const Place& place, std::vector<Place>& places) {
  places.push_back(place);
  if (!value.is_structured()) return;
  std::size_t index = 0;
  for (const auto& [name, child] : value.items()) {
    const std::string member = value.is_array() ? std::to_string(index++) : name;
    collect_places(child, {place.at / member, member}, places);
  }
}

bool is_one_of(std::string_view word, std::string_view words) {
  std::istringstream all{std::string(words)};
  for (std::string each; all >> each;) {
    if (each == word) return true;
  }
  return false;
}

constexpr std::array<const char*, 12> k_replacements{
    "null",      "7",           "-1",  "18446744073709551615", "1.5", "true",
    R"("text")", R"("\u0000")", "[1]", R"({"x":1})",           "{}",  "1e400"};

/// Whether what stands at `place` may be replaced by `with` without an error.
bool may_pass(const EngineCall& call, const Place& place, const json& was, const json& with) {
  if (with.is_null()) return true;  // missing
  if (is_one_of(place.member, call.free_members)) return true;
  if (was.is_number() && with.is_number_integer()) return true;  // may be out of range, may be unknown
  if (was.is_object() && with.is_object()) return true;
  if (was.is_array() && with.is_object()) return false;
  return was.type() == with.type();
}

TEST_F(HostileJsonTest, a_wrong_type_in_any_field_of_any_answer_is_an_error_that_names_it) {
  serve_current();
  std::size_t tried = 0;
  for (const EngineCall& call : engine_calls()) {
    if (call.shape != AnswerShape::json && call.shape != AnswerShape::messages) continue;
    const json sample = json::parse(call.answer);
    const auto good = answer_of(call, sample.dump());
    ASSERT_FALSE(good) << call.name << ": " << good->what();
    std::vector<Place> places;
    collect_places(sample, {json::json_pointer(""), ""}, places);
    for (const Place& place : places) {
      for (const std::string replacement : k_replacements) {
        const std::string where = std::string(call.name) + " " + place.at.to_string() + " = " + replacement;
        json changed = sample;
        changed[place.at] = "@";
        std::string body = changed.dump();
        body.replace(body.find("\"@\""), 3, replacement);
        const auto error = answer_of(call, body);
        ++tried;
        const json with = json::parse(replacement, nullptr, false);
        const bool passes = !with.is_discarded() && may_pass(call, place, sample[place.at], with);
        EXPECT_TRUE(error || passes) << where << " is taken for a success";
        if (!error) continue;
        const bool in_stream = error->kind() == ErrorKind::in_stream;
        EXPECT_TRUE(error->kind() == ErrorKind::protocol || in_stream) << where << ": " << error->what();
        EXPECT_FALSE(error->endpoint().empty()) << where;
        EXPECT_EQ(error->http_status(), 200) << where;
        EXPECT_EQ(error->api_version(), "1.55") << where << ": " << error->what();
      }
    }
  }
  EXPECT_GT(tried, 4000U);
}

TEST_F(HostileJsonTest, of_a_key_that_comes_twice_the_last_counts_as_it_does_for_docker) {
  serve_bytes(answer(200, R"({"Id":1,"Id":"a","Id":"b","Name":"/n","Name":null})"));
  const ContainerDetails details = run(inspect_container(*engine_, ContainerId("x")));
  EXPECT_EQ(details.id.value, "b");
  EXPECT_EQ(details.name, "");
}

TEST_F(HostileJsonTest, nuls_in_texts_stay_what_they_are_and_reach_no_path) {
  serve_bytes(answer(200, R"({"Id":"a\u0000/../b","Name":"/\u0000"})"));
  const ContainerDetails details = run(inspect_container(*engine_, ContainerId("x")));
  EXPECT_EQ(details.id.value, std::string("a\0/../b", 7));
  run(inspect_container(*engine_, details.id));
  EXPECT_EQ(seen().back(), "GET /v1.41/containers/a%00%2F..%2Fb/json");
}

TEST_F(HostileJsonTest, an_errors_words_are_made_harmless) {
  serve_bytes(answer(500, R"({"message":"a\u0000b\u001b[2Jc\nd"})"));
  const auto error = run_hostile(get());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->engine_text(), "a b [2Jc d");
  serve_bytes(answer(500, repeated("[", 100'000)));
  expect_refused(get(), {.kind = ErrorKind::refused, .part = "[[["});
  serve_bytes(answer(500, R"({"message":)" + nested(50'000) + "}"));
  expect_refused(get(), {.kind = ErrorKind::refused, .part = "message"});
  serve_bytes(answer(500, R"({"message":{"a":1},"cause":["x"]})"));
  expect_refused(get(), {.kind = ErrorKind::refused, .part = "message"});
}

asio::awaitable<void> read_hostile_events(Engine& engine) {
  EventStream events = co_await open_events(engine);
  while (co_await events.next()) {
  }
}

TEST_F(HostileJsonTest, a_line_of_64_mib_is_refused) {
  const auto send_line = [](Peer& peer) {
    const std::string block(k_mib, 'x');
    bool going = peer.send("HTTP/1.1 200 OK\r\n\r\n{\"Id\":\"");
    for (int i = 0; going && i < 64; ++i) going = peer.send(block);
    peer.send("\"}\n");
  };
  serve_attack(send_line);
  expect_refused(read_hostile_events(*engine_),
                 {.part = "a message over the limit of 4194304 bytes", .peak_bytes = 20 * k_mib});
  serve_attack(send_line);
  expect_refused(get(), {.part = "the answer is longer than 33554432 bytes", .peak_bytes = 100 * k_mib});
}

TEST_F(HostileJsonTest, events_need_no_end_of_line_but_an_end) {
  const std::string event = R"({"Type":"container","Action":"start","Actor":{"ID":"c"},"timeNano":5})";
  serve_bytes_and_close("HTTP/1.1 200 OK\r\n\r\n" + event + event);
  EXPECT_FALSE(run_hostile(read_hostile_events(*engine_)));
  serve_bytes_and_close("HTTP/1.1 200 OK\r\n\r\n" + event + event.substr(0, 20));
  expect_refused(read_hostile_events(*engine_),
                 {.kind = ErrorKind::truncated, .part = "in the middle of a message"});
  serve_bytes_and_close("HTTP/1.1 200 OK\r\n\r\n" + event + "data: 1\n");
  expect_refused(read_hostile_events(*engine_), {.part = "byte 0x64 cannot start a message"});
  serve_bytes_and_close("HTTP/1.1 200 OK\r\n\r\n" + nested(1'000'000));
  expect_refused(read_hostile_events(*engine_), {.part = "nests deeper", .peak_bytes = 20 * k_mib});
  serve_for_ever("HTTP/1.1 200 OK\r\n\r\n", R"({"a":[)");
  expect_refused(read_hostile_events(*engine_),
                 {.part = "a message over the limit", .peak_bytes = 20 * k_mib});
}

TEST_F(HostileJsonTest, an_error_in_a_pull_is_one_whatever_its_shape) {
  for (const char* message :
       {R"({"errorDetail":5})", R"({"errorDetail":[1]})", R"({"error":{"a":1}})", R"({"error":7})",
        R"({"errorDetail":{"message":[1]},"error":""})", R"({"errorDetail":{"code":1}})"}) {
    serve_bytes(answer(200, message));
    expect_refused(
        [](Engine& engine) -> asio::awaitable<void> {
          co_await pull_image(engine, {.repository = "docker.io/library/redis", .tag = "7"});
        }(*engine_),
        {.kind = ErrorKind::in_stream, .part = "an error without text"});
  }
}

TEST_F(HostileJsonTest, an_errors_words_are_cut_to_what_a_person_reads) {
  serve_bytes(answer(200, R"({"errorDetail":{"message":")" + std::string(3 * k_mib, 'x') + "\"}}"));
  expect_refused(read_hostile_events(*engine_),
                 {.kind = ErrorKind::in_stream, .part = "xxx...", .peak_bytes = 30 * k_mib});
}

}  // namespace
}  // namespace halcyon::docker_api
