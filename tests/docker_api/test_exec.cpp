// exec, attach and run against a scripted engine: the wire, framing, half-close, and the four ends.
#include <nlohmann/json.hpp>

#include "docker_api/container_attach.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/run_container.hpp"
#include "tests/docker_api/engine_fixture.hpp"
#include "tests/docker_api/stream_frame.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using test_support::answer;
using test_support::ScriptedPeer;
using Lines = std::vector<std::string>;

const std::string k_upgraded = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";
const std::string k_raw_type = "Content-Type: application/vnd.docker.raw-stream\r\n";
const std::string k_framed_type = "Content-Type: application/vnd.docker.multiplexed-stream\r\n";

struct Heard {
  std::string out;
  std::string err;
};

asio::awaitable<Heard> read_to_end(ProcessStream stream) {
  Heard heard;
  while (const auto piece = co_await stream.next()) {
    (piece->stream == LogStream::stderr_stream ? heard.err : heard.out) += piece->bytes;
  }
  co_return heard;
}

asio::awaitable<Heard> start_and_read(Engine& engine, bool tty) {
  ProcessStream stream = co_await start_exec(engine, ExecId("e1"), tty);
  co_return co_await read_to_end(std::move(stream));
}

asio::awaitable<Heard> attach_and_read(Engine& engine) {
  ProcessStream stream = co_await attach_container(engine, ContainerId("web"));
  co_return co_await read_to_end(std::move(stream));
}

class ExecTest : public EngineFixture {
 protected:
  /// Answers pings, and the first other request with `bytes`, after which it closes.
  void serve_stream(std::string bytes, std::string version = "1.41") {
    serve_script([bytes = std::move(bytes), version = std::move(version)](ScriptedPeer& peer) {
      while (peer.read_request()) {
        if (peer.request().target == "/_ping") {
          peer.send(test_support::pong(version));
          continue;
        }
        peer.send(bytes);
        peer.close();
        return;
      }
    });
  }
};

TEST_F(ExecTest, what_is_asked_for_is_sent) {
  serve_bytes(answer(201, R"({"Id":"e1"})"));
  ExecOptions options{
      .command = {"sh", "-c", "id"}, .environment = {{"A", "b c"}}, .user = "1:2", .working_dir = "/x"};
  options.stdin_open = options.privileged = true;
  EXPECT_EQ(run(create_exec(*engine_, ContainerId("web"), options)).value, "e1");
  const auto request = call_seen();
  EXPECT_EQ(request.target, "/v1.41/containers/web/exec");
  EXPECT_EQ(json::parse(request.body), json::parse(R"({"Cmd":["sh","-c","id"],"AttachStdin":true,
    "AttachStdout":true,"AttachStderr":true,"Tty":false,"Env":["A=b c"],"User":"1:2","WorkingDir":"/x",
    "Privileged":true})"));
}

TEST_F(ExecTest, what_cannot_work_is_refused_before_it_is_sent) {
  serve_bytes(answer(201, R"({"Id":"e1"})"));
  expect_error([&] { run(create_exec(*engine_, ContainerId("web"), {})); }, ErrorKind::invalid_argument,
               "no command");
  expect_error(
      [&] {
        run(create_exec(*engine_, ContainerId("web"),
                        {.command = {"x"}, .tty = true, .console_size = ConsoleSize{1, 2}}));
      },
      ErrorKind::unsupported, "needs API 1.42, this engine speaks 1.41");
  EXPECT_EQ(seen(), (Lines{"GET /_ping"}));
}

TEST_F(ExecTest, a_start_asks_for_an_upgrade_with_exactly_one_value) {
  serve_stream(k_upgraded + k_raw_type + "\r\n" + frame(1, "out") + frame(2, "err"));
  const Heard heard = run(start_and_read(*engine_, false));
  EXPECT_EQ(heard.out, "out");
  EXPECT_EQ(heard.err, "err");
  const auto request = call_seen();
  EXPECT_EQ(request.header("Connection"), "Upgrade");
  EXPECT_EQ(request.header("Upgrade"), "tcp");
  EXPECT_EQ(json::parse(request.body), json::parse(R"({"Detach":false,"Tty":false})"));
}

TEST_F(ExecTest, both_101_and_200_are_a_stream_and_a_length_on_101_means_nothing) {
  for (const std::string& head :
       {std::string("HTTP/1.1 200 OK\r\n"), k_upgraded, k_upgraded + "Content-Length: 3\r\n"}) {
    serve_stream(head + "\r\n" + frame(1, "hello"));
    EXPECT_EQ(run(start_and_read(*engine_, false)).out, "hello") << head;
  }
}

TEST_F(ExecTest, a_terminals_output_is_raw_even_if_it_looks_like_frames) {
  serve_stream(k_upgraded + "\r\n" + frame(2, "x"));
  EXPECT_EQ(run(start_and_read(*engine_, true)).out, frame(2, "x"));
}

TEST_F(ExecTest, a_refusal_keeps_the_engines_words_whatever_their_form) {
  const std::string plain = "HTTP/1.1 404 Not Found\r\n" + k_raw_type + "\r\nNo such exec instance: e1\r\n";
  for (const std::string& bytes : {plain, answer(404, R"({"message":"No such exec instance: e1"})")}) {
    serve_stream(bytes);
    const Error error = expect_error([&] { run(start_and_read(*engine_, false)); });
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_NE(error.engine_text().find("No such exec instance: e1"), std::string::npos) << error.what();
  }
  serve_stream(answer(409, R"({"message":"exec has already run"})"));
  EXPECT_EQ(expect_error([&] { run(start_and_read(*engine_, false)); }).kind(), ErrorKind::conflict);
}

TEST_F(ExecTest, every_truncation_inside_a_frame_is_told_and_no_other) {
  const std::string frames = frame(1, "one") + frame(2, "two");
  for (std::size_t at = 0; at <= frames.size(); ++at) {
    serve_stream(k_upgraded + "\r\n" + frames.substr(0, at));
    const bool between = at == 0 || at == 11 || at == frames.size();
    if (between) {
      EXPECT_NO_THROW(run(start_and_read(*engine_, false))) << at;
    } else {
      EXPECT_EQ(expect_error([&] { run(start_and_read(*engine_, false)); }).kind(), ErrorKind::truncated)
          << at;
    }
  }
}

TEST_F(ExecTest, the_engines_own_error_frame_is_an_error_in_the_stream) {
  serve_stream(k_upgraded + "\r\n" + frame(1, "so far") + frame(3, "the daemon is unwell"));
  const Error error = expect_error([&] { run(start_and_read(*engine_, false)); });
  EXPECT_EQ(error.kind(), ErrorKind::in_stream);
  EXPECT_EQ(error.engine_text(), "the daemon is unwell");
}

TEST_F(ExecTest, an_announced_length_of_4_gib_allocates_nothing) {
  serve_stream(k_upgraded + "\r\n" + std::string("\1\0\0\0\xff\xff\xff\xff", 8) + "abc");
  EXPECT_EQ(expect_error([&] { run(start_and_read(*engine_, false)); }).kind(), ErrorKind::truncated);
}

TEST_F(ExecTest, an_exit_code_has_three_states) {
  const auto inspect = [&](const char* body) {
    serve_bytes(answer(200, body));
    return run(inspect_exec(*engine_, ExecId("e1")));
  };
  EXPECT_EQ(inspect(R"({"ID":"e1","Running":false,"ExitCode":null})").exit_code, std::nullopt);
  EXPECT_EQ(inspect(R"({"ID":"e1","Running":true,"ExitCode":0})").exit_code, std::nullopt);
  const ExecDetails ended =
      inspect(R"({"ID":"e1","ContainerID":"c","Running":false,"ExitCode":127,"Pid":9})");
  EXPECT_EQ(ended.exit_code, 127);
  EXPECT_EQ(ended.container.value, "c");
}

TEST_F(ExecTest, podmans_code_counts_only_once_the_exec_has_run) {
  const auto inspect = [&](std::string body) {
    serve_script([body](ScriptedPeer& peer) {
      peer.read_request();
      peer.send(
          "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nLibpod-Api-Version: 4.3.1\r\nContent-Length: 2\r\n\r\nOK");
      peer.read_request();
      peer.send(answer(200, body));
    });
    return run(inspect_exec(*engine_, ExecId("e1")));
  };
  EXPECT_EQ(inspect(R"({"ID":"e1","CanRemove":false,"Running":false,"ExitCode":0,"Pid":0})").exit_code,
            std::nullopt);
  EXPECT_EQ(inspect(R"({"ID":"e1","CanRemove":true,"Running":false,"ExitCode":3,"Pid":0})").exit_code, 3);
}

/// An engine with one exec: `inspect` answers what it is asked about it, `talk` does its streams' part behind
/// 101.
void serve_exec(ScriptedPeer& peer, const std::function<std::string()>& inspect,
                const std::function<void(ScriptedPeer&)>& talk) {
  while (peer.read_request()) {
    const std::string& target = peer.request().target;
    if (target == "/_ping") {
      peer.send(test_support::pong());
    } else if (target.ends_with("/exec")) {
      peer.send(answer(201, R"({"Id":"e1"})"));
    } else if (target.ends_with("/json")) {
      peer.send(answer(200, inspect()));
    } else {
      peer.send(k_upgraded + "\r\n");
      return talk(peer);
    }
  }
}

TEST_F(ExecTest, a_command_is_run_to_its_end_and_its_code_asked_for_until_it_is_there) {
  const auto inspect = [inspections = 0]() mutable -> std::string {
    return ++inspections < 3 ? R"({"Running":true,"ExitCode":null})" : R"({"Running":false,"ExitCode":7})";
  };
  serve_script([inspect](ScriptedPeer& peer) {
    serve_exec(peer, inspect, [](ScriptedPeer& stream) {
      const std::string input = stream.read_to_end();
      stream.send(frame(1, "got " + input) + frame(2, "warned"));
      stream.close();
    });
  });
  const ExecOutput output =
      run(run_exec(*engine_, ContainerId("web"), {.command = {"cat"}}, {.stdin_text = "some input"}));
  EXPECT_EQ(output.stdout_text, "got some input");
  EXPECT_EQ(output.stderr_text, "warned");
  EXPECT_EQ(output.exit_code, 7);
}

TEST_F(ExecTest, a_connection_that_is_reset_with_input_left_does_not_lose_the_exit_code) {
  const std::string input(std::size_t{20} << 20, 'x');
  serve_script([](ScriptedPeer& peer) {
    serve_exec(
        peer, [] { return R"({"Running":false,"ExitCode":3})"; },
        [](ScriptedPeer& stream) {
          stream.send(frame(1, "seen"));
          stream.close();  // with unread input: a reset, as Podman does it
        });
  });
  const ExecOutput output =
      run(run_exec(*engine_, ContainerId("web"), {.command = {"true"}}, {.stdin_text = input}));
  EXPECT_EQ(output.exit_code, 3);
}

TEST_F(ExecTest, output_that_ends_before_the_process_does_is_truncated) {
  serve_script([](ScriptedPeer& peer) {
    serve_exec(
        peer, [] { return R"({"Running":true,"ExitCode":null})"; },
        [](ScriptedPeer& stream) {
          stream.send(frame(1, "half of it"));
          stream.close();
        });
  });
  expect_error([&] { run(run_exec(*engine_, ContainerId("web"), {.command = {"cat"}})); },
               ErrorKind::truncated, "the process still runs");
}

TEST_F(ExecTest, output_beyond_the_limit_is_an_error_and_not_an_end) {
  serve_script([](ScriptedPeer& peer) {
    serve_exec(
        peer, [] { return "{}"; },
        [](ScriptedPeer& stream) {
          stream.send(frame(1, std::string(100, 'x')));
          stream.wait_for_client_to_close();
        });
  });
  expect_error(
      [&] { run(run_exec(*engine_, ContainerId("web"), {.command = {"yes"}}, {.output_limit_bytes = 50})); },
      ErrorKind::protocol, "longer than 50 bytes");
}

TEST_F(ExecTest, attach_believes_the_answers_type_where_it_can_be_believed) {
  serve_stream(k_upgraded + k_framed_type + "\r\n" + frame(1, "x"), "1.42");
  EXPECT_EQ(run(attach_and_read(*engine_)).out, "x");
  serve_stream(k_upgraded + k_raw_type + "\r\n" + frame(1, "x"), "1.42");
  EXPECT_EQ(run(attach_and_read(*engine_)).out, frame(1, "x"));
  EXPECT_EQ(seen().back(), "POST /v1.42/containers/web/attach?stdout=1&stderr=1&stream=1");
}

}  // namespace
}  // namespace halcyon::docker_api
