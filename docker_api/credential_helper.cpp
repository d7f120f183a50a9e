#include "docker_api/credential_helper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cctype>
#include <memory>

#include "docker_api/ascii.hpp"
#include "docker_api/child_process.hpp"
#include "docker_api/error.hpp"
#include "docker_api/file_descriptor.hpp"
#include "docker_api/go_json.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::size_t k_output_limit_bytes = std::size_t{64} * 1024;
constexpr std::size_t k_server_limit_bytes = 4096;  // fits into a pipe that nobody reads yet
constexpr std::string_view k_nothing_stored = "credentials not found in native keychain";
constexpr std::string_view k_token_username = "<token>";

std::string advice_about(const std::string& program, const std::string& server) {
  return fmt::format("echo {} | {} get shows what it says", server, program);
}

/// What is asked, and how it is called in messages.
struct HelperQuestion {
  std::string program;  ///< "docker-credential-pass"
  std::string path;
  std::string server;

  std::string advice() const { return advice_about(program, server); }
  [[noreturn]] void fail(ErrorKind kind, std::string_view why) const {
    throw Error({.kind = kind,
                 .endpoint = fmt::format("{} get for {}", program, server),
                 .explanation = fmt::format("{}; {}", why, advice())});
  }
};

bool is_helper_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c < 128 && std::isalnum(c) != 0) || c == '-' || c == '_' || c == '.';
  });
}

HelperQuestion make_question(const Surroundings& surroundings, const std::string& name, std::string server) {
  if (!is_helper_name(name)) {
    throw Error(
        {.kind = ErrorKind::invalid_argument,
         .endpoint = "credential helper",
         .explanation = fmt::format("\"{}\" is no name of a helper; credsStore and credHelpers take the end "
                                    "of docker-credential-...: letters, digits, . _ -",
                                    name)});
  }
  HelperQuestion question{.program = "docker-credential-" + name, .path = {}, .server = std::move(server)};
  if (question.server.empty() || question.server.size() > k_server_limit_bytes ||
      question.server.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = question.program,
                 .explanation = "the registry is empty, too long or not one line"});
  }
  const std::optional<std::string> path = find_program(surroundings.variable("PATH"), question.program);
  if (!path) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = question.program,
                 .explanation = "is not on PATH; install it, or take it out of credsStore and credHelpers in "
                                "config.json"});
  }
  question.path = *path;
  return question;
}

/// The server is in the pipe before the child begins, so there is nothing to wait for and no SIGPIPE.
FileDescriptor make_input(const HelperQuestion& question) {
  Pipe pipe = make_pipe();
  const ssize_t written = ::write(pipe.write_end.get(), question.server.data(), question.server.size());
  if (written != static_cast<ssize_t>(question.server.size()))
    question.fail(ErrorKind::unreachable, "its input pipe takes nothing");
  return std::move(pipe.read_end);
}

ChildCommand make_command(const HelperQuestion& question, const Surroundings& surroundings, int input,
                          int output) {
  return {.argv = {question.path, "get"},
          .environment = surroundings.environment(),
          .streams = {.standard_input = input, .standard_output = output}};
}

/// One run; at its end the child is gone and its output overwritten.
struct HelperRun {
  HelperRun(const asio::any_io_executor& executor, const ChildCommand& command, FileDescriptor output_end)
      : child(executor, command), reader(executor, output_end.release()), timer(executor) {}
  HelperRun(const HelperRun&) = delete;
  HelperRun& operator=(const HelperRun&) = delete;
  ~HelperRun() { cleanse(output); }

  ChildProcess child;
  asio::posix::stream_descriptor reader;
  asio::steady_timer timer;
  bool timed_out = false;
  std::string output;
};

std::shared_ptr<HelperRun> start_helper(const asio::any_io_executor& executor, const HelperQuestion& question,
                                        const Surroundings& surroundings,
                                        std::chrono::milliseconds deadline) {
  const FileDescriptor input = make_input(question);
  Pipe output = make_pipe();
  auto run = std::make_shared<HelperRun>(
      executor, make_command(question, surroundings, input.get(), output.write_end.get()),
      std::move(output.read_end));
  run->timer.expires_after(deadline);
  run->timer.async_wait([weak = std::weak_ptr(run)](const boost::system::error_code& error) {
    const std::shared_ptr<HelperRun> late = weak.lock();
    if (error || !late) return;
    late->timed_out = true;
    late->child.kill();
    late->reader.cancel();
  });
  return run;
}

/// Reads to the end of the output. A grandchild may hold the pipe open, so the deadline counts here too.
asio::awaitable<void> read_output(std::shared_ptr<HelperRun> run, HelperQuestion question) {
  run->output.resize(k_output_limit_bytes + 1);
  std::size_t used = 0;
  boost::system::error_code error;
  while (!error && !run->timed_out) {
    used += co_await run->reader.async_read_some(
        asio::buffer(run->output.data() + used, run->output.size() - used),
        asio::redirect_error(asio::use_awaitable, error));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      question.fail(ErrorKind::cancelled, "the caller stopped waiting");
    if (used == run->output.size())
      question.fail(ErrorKind::invalid_argument,
                    fmt::format("it said more than {} bytes", k_output_limit_bytes));
  }
  run->output.resize(used);
}

}  // namespace

std::optional<RegistryCredentials> parse_helper_answer(const std::string& program, const std::string& server,
                                                       std::string_view output) {
  const GoJson answer(output, {program, advice_about(program, server)});
  RegistryCredentials credentials{.username = answer.get_text(answer.root(), "Username"),
                                  .password = answer.get_secret(answer.root(), "Secret"),
                                  .server_address = server};
  if (credentials.username == k_token_username) {
    credentials.username.clear();
    credentials.identity_token = std::exchange(credentials.password, Secret());
  }
  if (credentials.username.empty() && credentials.password.empty() && credentials.identity_token.empty())
    return std::nullopt;
  return credentials;
}

asio::awaitable<std::optional<RegistryCredentials>> ask_credential_helper(
    Surroundings surroundings, std::string name, std::string server, std::chrono::milliseconds deadline) {
  const HelperQuestion question = make_question(surroundings, name, std::move(server));
  const auto executor = co_await asio::this_coro::executor;
  const std::shared_ptr<HelperRun> run = start_helper(executor, question, surroundings, deadline);
  co_await read_output(run, question);
  const int exit_code = co_await run->child.wait();
  run->timer.cancel();
  if (run->timed_out)
    question.fail(ErrorKind::timeout, fmt::format("no answer within {} ms", deadline.count()));
  if (exit_code == 0) co_return parse_helper_answer(question.program, question.server, run->output);
  if (trim(run->output, " \t\r\n") == k_nothing_stored) co_return std::nullopt;
  question.fail(ErrorKind::invalid_argument, fmt::format("it ended with code {}", exit_code));
}

}  // namespace halcyon::docker_api
