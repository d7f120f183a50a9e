#include "docker_api/ssh_transport.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <cstring>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::string_view k_usual_path = "/usr/local/bin:/usr/bin:/bin";
constexpr std::size_t k_shown_words_bytes = 1'000;
constexpr off_t k_kept_words_bytes = off_t{64} * 1024;
constexpr std::chrono::milliseconds k_longest_exit{1'000};  // from the end of its output
// ssh's own failures are 255, a signal that ended it is 128 and more; below that the far side's command
// speaks.
constexpr int k_ssh_failed = 128;
// Of ssh 9.2, of a shell that finds no docker, and of a docker that finds no engine.
constexpr std::array<std::string_view, 8> k_words_of_refusal{"Permission denied",
                                                             "Host key verification failed",
                                                             "Could not resolve hostname",
                                                             "connect to host",
                                                             "kex_exchange_identification",
                                                             "not found",
                                                             "Cannot connect to the Docker daemon",
                                                             "Bad configuration option"};

std::string find_ssh(const std::vector<std::string>& environment) {
  constexpr std::string_view k_path = "PATH=";
  std::string_view path = k_usual_path;
  for (const std::string& line : environment) {
    if (line.starts_with(k_path)) path = std::string_view(line).substr(k_path.size());
  }
  const auto found = find_program(path, "ssh");
  if (!found) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "connect",
                 .explanation = "there is no ssh program on PATH; install openssh-client"});
  }
  return *found;
}

struct SocketPair {
  FileDescriptor ours;
  FileDescriptor childs;
};

/// One socket for both directions, so that ending our writing closes the child's standard input and no more.
SocketPair make_socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw Error({.kind = ErrorKind::unreachable,
                 .endpoint = "connect",
                 .explanation = std::string("cannot make a socket pair: ") + std::strerror(errno)});
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

/// What takes ssh's standard error: a pipe that nobody reads would fill and hold up ssh, and with it the
/// connection. This takes so many bytes, and further ones are refused at once.
FileDescriptor make_words_file() {
  FileDescriptor file(::memfd_create("ssh-words", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.get() < 0 || ::ftruncate(file.get(), k_kept_words_bytes) != 0 ||
      ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) != 0) {
    throw Error({.kind = ErrorKind::unreachable,
                 .endpoint = "connect",
                 .explanation = std::string("cannot make a file in memory: ") + std::strerror(errno)});
  }
  return file;
}

}  // namespace

std::vector<std::string> make_ssh_arguments(const SshAddress& address, const std::string& program) {
  std::vector<std::string> arguments{program};
  if (!address.user.empty()) arguments.insert(arguments.end(), {"-l", address.user});
  if (address.port != 0) arguments.insert(arguments.end(), {"-p", std::to_string(address.port)});
  arguments.insert(arguments.end(), {"-o", "ConnectTimeout=30", "-T", "--", address.host, "docker"});
  // The words are joined and read by a shell over there: parse_engine_address lets nothing through that a
  // shell would take for more than a word.
  if (!address.socket_path.empty()) arguments.push_back("--host=unix://" + address.socket_path);
  arguments.insert(arguments.end(), {"system", "dial-stdio"});
  return arguments;
}

SshTransport::SshTransport(const boost::asio::any_io_executor& executor, const SshAddress& address,
                           const std::vector<std::string>& environment)
    : socket_(std::make_shared<TimedSocket>(executor)) {
  SocketPair sockets = make_socket_pair();
  words_ = make_words_file();
  const ChildCommand command{.argv = make_ssh_arguments(address, find_ssh(environment)),
                             .environment = environment,
                             .streams = {.standard_input = sockets.childs.get(),
                                         .standard_output = sockets.childs.get(),
                                         .standard_error = words_.get()},
                             .own_session = true};
  child_ = std::make_unique<ChildProcess>(executor, command);
  socket_->adopt(sockets.ours.release());
}

boost::asio::awaitable<IoResult> SshTransport::judge_end() {
  IoResult result{IoOutcome::failed, 0, boost::asio::error::eof};
  // If only its writing side is closed, the engine has ended its own, and ssh still forwards ours.
  if (!socket_->is_closed_by_peer()) co_return result;
  const auto code = co_await child_->wait_for(k_longest_exit);
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  if (state.cancelled() != boost::asio::cancellation_type::none) result.outcome = IoOutcome::cancelled;
  if (code.value_or(0) >= k_ssh_failed) result.error = boost::asio::error::connection_reset;
  co_return result;
}

IoResult SshTransport::read_now(boost::asio::mutable_buffer into) {
  const IoResult result = socket_->read_now(into);
  return result.outcome == IoOutcome::failed ? IoResult{} : result;
}

std::string SshTransport::explain_end() {
  std::array<char, k_shown_words_bytes> buffer{};
  const off_t written = ::lseek(words_.get(), 0, SEEK_CUR);  // the child's position is ours
  const std::size_t wanted = std::min(buffer.size(), static_cast<std::size_t>(std::max<off_t>(written, 0)));
  const ssize_t bytes = ::pread(words_.get(), buffer.data(), wanted, 0);
  std::string shown;
  for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(bytes, 0))))
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  while (shown.ends_with(' ')) shown.pop_back();
  return shown.empty() ? std::string() : "ssh says: " + shown;
}

/// Anything else that stands there, a warning or the news of a lost connection, leaves it open whether the
/// request was heard.
bool SshTransport::was_turned_away() {
  const std::string words = explain_end();
  return std::any_of(k_words_of_refusal.begin(), k_words_of_refusal.end(),
                     [&](std::string_view refusal) { return words.find(refusal) != std::string::npos; });
}

}  // namespace halcyon::docker_api
