// ssh as a transport, with a program on PATH that stands for it.
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <filesystem>

#include "docker_api/engine.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/ssh_transport.hpp"
#include "docker_api/system.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
namespace {

using test_support::answer;
using test_support::engine_script;
using test_support::run;
using test_support::ScriptedPeer;
using test_support::ScriptedServer;
using Words = std::vector<std::string>;

class SshTest : public ::testing::Test {
 protected:
  /// Puts a program called ssh on the child's PATH.
  std::vector<std::string> with_ssh(const std::string& script) const {
    const std::string path = directory_ / "ssh";
    testing::write_text(path, "#!/bin/bash\n" + script);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return {"PATH=" + directory_.path() + ":/usr/bin:/bin", "SEEN=" + (directory_ / "seen")};
  }

  const testing::TemporaryDirectory directory_;
  boost::asio::io_context io_;
};

TEST_F(SshTest, the_command_line_is_the_docker_clis) {
  EXPECT_EQ(
      make_ssh_arguments({.host = "h"}, "/usr/bin/ssh"),
      (Words{"/usr/bin/ssh", "-o", "ConnectTimeout=30", "-T", "--", "h", "docker", "system", "dial-stdio"}));
  EXPECT_EQ(make_ssh_arguments({"me", "10.0.0.5", 2222, "/run/d.sock"}, "ssh"),
            (Words{"ssh", "-l", "me", "-p", "2222", "-o", "ConnectTimeout=30", "-T", "--", "10.0.0.5",
                   "docker", "--host=unix:///run/d.sock", "system", "dial-stdio"}));
}

TEST_F(SshTest, an_engine_is_spoken_to_over_one_process) {
  const ScriptedServer server(engine_script([](const auto&) { return answer(200, "{}"); }),
                              ScriptedServer::Transport::tcp);
  const std::string port = std::to_string(std::get<TcpAddress>(server.address()).port);
  const auto environment =
      with_ssh("echo \"$@\" >> \"$SEEN\"\nexec 3<>/dev/tcp/127.0.0.1/" + port + "\ncat <&3 &\ncat >&3\n");
  {
    Engine engine(io_.get_executor(), SshAddress{.user = "me", .host = "far"}, {.environment = environment});
    EXPECT_EQ(to_string(run(io_, engine.api_version())), "1.41");
    EXPECT_EQ(run(io_, engine.call({.path = "/info"})).body, "{}");
  }
  EXPECT_EQ(testing::read_text(directory_ / "seen"),
            "-l me -o ConnectTimeout=30 -T -- far docker system dial-stdio\n");
}

TEST_F(SshTest, an_ssh_that_says_a_lot_does_not_stand_still) {
  const ScriptedServer server(engine_script([](const auto&) { return answer(200, "{}"); }),
                              ScriptedServer::Transport::tcp);
  const std::string port = std::to_string(std::get<TcpAddress>(server.address()).port);
  const auto environment = with_ssh(
      "for i in $(seq 300); do echo \"debug1: $(printf '%01000d' $i)\" >&2; done 2>/dev/null\n"
      "exec 3<>/dev/tcp/127.0.0.1/" +
      port + "\ncat <&3 &\ncat >&3\n");
  Engine engine(io_.get_executor(), SshAddress{.host = "far"}, {.environment = environment});
  EXPECT_EQ(run(io_, engine.call({.path = "/info"})).body, "{}");
}

TEST_F(SshTest, a_login_that_fails_is_unreachable_with_sshs_own_words) {
  Engine engine(io_.get_executor(), SshAddress{.host = "far"},
                {.environment = with_ssh("echo 'me@far: Permission denied (publickey).' >&2; exit 255\n")});
  expect_error([&] { run(io_, ping(engine)); }, ErrorKind::unreachable,
               "ssh says: me@far: Permission denied (publickey).");
}

TEST_F(SshTest, a_warning_or_a_lost_connection_does_not_say_that_nothing_was_heard) {
  for (const std::string words : {"Warning: Permanently added 'far' (ED25519) to the list of known hosts.",
                                  "Connection to far closed by remote host."}) {
    Engine engine(io_.get_executor(), SshAddress{.host = "far"},
                  {.environment = with_ssh("read -r line; echo \"" + words + "\" >&2; exit 0\n")});
    expect_error([&] { run(io_, ping(engine)); }, ErrorKind::truncated, "ssh says: " + words);
  }
}

/// Starts an exec whose output the far side ends after two bytes, and reads it to its end.
asio::awaitable<std::string> read_exec(Engine& engine) {
  ProcessStream stream = co_await start_exec(engine, ExecId("e1"), true);
  std::string text;
  while (const auto piece = co_await stream.next()) text += piece->bytes;
  co_return text;
}

void serve_exec_of_two_bytes(ScriptedPeer& peer) {
  while (peer.read_request() && peer.request().target == "/_ping") peer.send(test_support::pong());
  peer.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhi");
  peer.close();
}

/// A script that forwards to `server` and goes on when that has closed; what forwards the other way is $!.
std::string connect_to(const ScriptedServer& server) {
  const std::uint16_t port = std::get<TcpAddress>(server.address()).port;
  return "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port) + "\ncat <&0 >&3 &\ncat <&3\n";
}

TEST_F(SshTest, output_ends_cleanly_only_if_ssh_does) {
  const ScriptedServer server(serve_exec_of_two_bytes, ScriptedServer::Transport::tcp);
  const std::string script = connect_to(server);
  {
    Engine engine(io_.get_executor(), SshAddress{.host = "far"},
                  {.environment = with_ssh(script + "kill $!; exit 0\n")});
    EXPECT_EQ(run(io_, read_exec(engine)), "hi");
  }
  Engine engine(io_.get_executor(), SshAddress{.host = "far"},
                {.environment = with_ssh(script + "echo 'client_loop: send disconnect: Broken pipe' >&2\n"
                                                  "kill $!; exec <&- >&-; sleep 0.1; exit 255\n")});
  expect_error([&] { run(io_, read_exec(engine)); }, ErrorKind::truncated,
               "ssh says: client_loop: send disconnect: Broken pipe");
}

asio::awaitable<void> read_until_given_up(Engine& engine, std::optional<ErrorKind>& failed) {
  try {
    co_await read_exec(engine);
  } catch (const Error& error) {
    failed = error.kind();
  }
}

TEST_F(SshTest, output_that_is_given_up_while_ssh_is_waited_for_has_not_ended) {
  const ScriptedServer server(serve_exec_of_two_bytes, ScriptedServer::Transport::tcp);
  Engine engine(
      io_.get_executor(), SshAddress{.host = "far"},
      {.environment = with_ssh(connect_to(server) +
                               "kill $!; wait 2>&-; exec <&- >&-; echo > \"$SEEN\"; exec sleep 10\n")});
  asio::cancellation_signal give_up;
  std::optional<ErrorKind> failed;
  asio::co_spawn(io_, read_until_given_up(engine, failed),
                 asio::bind_cancellation_slot(give_up.slot(), asio::detached));
  // ssh has closed its end, and has a second to exit.
  while (!std::filesystem::exists(directory_ / "seen")) io_.run_one_for(std::chrono::milliseconds(10));
  io_.run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(failed, std::nullopt);
  give_up.emit(asio::cancellation_type::terminal);
  io_.run();
  EXPECT_EQ(failed, ErrorKind::cancelled);
}

TEST_F(SshTest, without_ssh_the_error_says_what_to_install) {
  Engine engine(io_.get_executor(), SshAddress{.host = "far"},
                {.environment = {"PATH=" + directory_.path()}});
  expect_error([&] { run(io_, ping(engine)); }, ErrorKind::invalid_argument, "install openssh-client");
}

}  // namespace
}  // namespace halcyon::docker_api
