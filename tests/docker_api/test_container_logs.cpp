#include "docker_api/containers.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using test_support::SeenRequest;
using Pieces = std::vector<std::pair<LogStream, std::string>>;

const std::string k_frames = std::string(
    "\x01\0\0\0\0\0\0\x04out\n\x02\0\0\0\0\0\0\x04"
    "err\n",
    24);

class LogsTest : public EngineFixture {
 protected:
  void serve_logs(bool tty, std::string logs) {
    serve([tty, logs = std::move(logs)](const SeenRequest& request) {
      const bool is_inspect = request.target.ends_with("/json");
      return is_inspect ? answer(200, tty ? R"({"Config":{"Tty":true}})" : R"({"Config":{"Tty":false}})")
                        : logs;
    });
  }
  Pieces read(LogOptions options = {}) {
    Pieces pieces;
    run(read_logs(*engine_, ContainerId("web"), std::move(options),
                  [&pieces](LogStream stream, std::string_view bytes) {
                    if (pieces.empty() || pieces.back().first != stream) pieces.emplace_back(stream, "");
                    pieces.back().second += bytes;
                  }));
    return pieces;
  }
};

TEST_F(LogsTest, logs_without_terminal_are_demultiplexed) {
  serve_logs(false, test_support::chunked_answer({k_frames.substr(0, 3), k_frames.substr(3)}));
  EXPECT_EQ(read(), (Pieces{{LogStream::stdout_stream, "out\n"}, {LogStream::stderr_stream, "err\n"}}));
}

TEST_F(LogsTest, what_the_sink_throws_comes_out_as_it_is) {
  serve_logs(false, test_support::chunked_answer({k_frames.substr(0, 3), k_frames.substr(3)}));
  const auto refuse = [](LogStream stream, std::string_view) {
    if (stream == LogStream::stderr_stream)
      throw Error({.kind = ErrorKind::invalid_argument, .endpoint = "the sink's own"});
  };
  try {
    run(read_logs(*engine_, ContainerId("web"), {}, refuse));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.endpoint(), "the sink's own");
    EXPECT_EQ(error.http_status(), std::nullopt);
  }
}

TEST_F(LogsTest, logs_of_a_terminal_are_raw_even_if_they_look_like_frames) {
  serve_logs(true, test_support::chunked_answer({k_frames}));
  EXPECT_EQ(read(), (Pieces{{LogStream::stdout_stream, k_frames}}));
}

TEST_F(LogsTest, the_options_become_a_query) {
  serve_logs(false, test_support::chunked_answer({}));
  read({.follow = true,
        .timestamps = true,
        .tail = 10,
        .since = "1700000000.5",
        .until = "1700000001",
        .stderr_stream = false,
        .details = true,
        .tty = false});
  EXPECT_EQ(seen().back(),
            "GET "
            "/v1.41/containers/web/"
            "logs?stdout=1&details=1&timestamps=1&tail=10&since=1700000000.5&until=1700000001&follow=1");
  read({.tty = false});
  EXPECT_EQ(seen().back(), "GET /v1.41/containers/web/logs?stdout=1&stderr=1");
}

TEST_F(LogsTest, the_engine_is_asked_about_a_terminal_only_if_its_answer_does_not_say) {
  serve_logs(false, test_support::chunked_answer({k_frames}));
  read();
  EXPECT_EQ(seen().back(), "GET /v1.41/containers/web/json");
  serve_logs(true, test_support::chunked_answer(
                       {k_frames}, "Content-Type: application/vnd.docker.multiplexed-stream\r\n"));
  EXPECT_EQ(read().size(), 2U);
  EXPECT_EQ(seen().back(), "GET /v1.41/containers/web/logs?stdout=1&stderr=1");
}

TEST_F(LogsTest, the_engines_own_error_frame_is_an_error_with_its_words) {
  serve_logs(false,
             test_support::chunked_answer({k_frames + std::string("\3\0\0\0\0\0\0\4", 8) + "bo", "om"}));
  const Error error = expect_error([&] { read(); });
  EXPECT_EQ(error.kind(), ErrorKind::in_stream);
  EXPECT_EQ(error.engine_text(), "boom");
}

TEST_F(LogsTest, logs_that_end_inside_a_frame_are_truncated_even_if_http_ends_well) {
  for (std::size_t at = 1; at < k_frames.size(); ++at) {
    if (at == 12) continue;  // between the frames
    serve_logs(false, test_support::chunked_answer({k_frames.substr(0, at)}));
    EXPECT_EQ(expect_error([&] { read(); }).kind(), ErrorKind::truncated) << at;
  }
}

TEST_F(LogsTest, neither_stdout_nor_stderr_is_refused_before_anything_is_sent) {
  serve_logs(false, "");
  expect_error([&] { read({.stdout_stream = false, .stderr_stream = false}); }, ErrorKind::invalid_argument,
               "choose stdout, stderr or both");
  EXPECT_TRUE(seen().empty());
}

}  // namespace
}  // namespace halcyon::docker_api
