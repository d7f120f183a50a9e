#include "docker_api/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "docker_api/error.hpp"
#include "docker_api/file_descriptor.hpp"
#include "docker_api/timed_socket.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// What the thread and the one who waits for it share; whoever is last lets it go.
struct NameQuestion {
  std::mutex mutex;
  LookedUp answer;
  FileDescriptor our_end;  // closed when the answer is there: the other end then reads to its end
};

[[noreturn]] void fail_lookup(const char* what, int number) {
  throw Error({.kind = ErrorKind::unreachable,
               .endpoint = "name lookup",
               .explanation = std::string(what) + " cannot be made: " + std::strerror(number)});
}

/// The socket on which the end of the lookup is seen.
std::shared_ptr<TimedSocket> make_signal(const asio::any_io_executor& executor, NameQuestion& question) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    fail_lookup("a pair of sockets", errno);
  question.our_end.reset(ends[1]);
  auto signal = std::make_shared<TimedSocket>(executor);
  signal->adopt(ends[0]);
  return signal;
}

void start_lookup(const std::shared_ptr<NameQuestion>& question, LookUp look_up, std::string host,
                  std::uint16_t port) {
  try {
    std::thread([question, look_up = std::move(look_up), host = std::move(host), port] {
      LookedUp answer = look_up(host, port);
      const std::lock_guard lock(question->mutex);
      question->answer = std::move(answer);
      question->our_end.reset();
    }).detach();
  } catch (const std::system_error& error) {
    fail_lookup("a thread", error.code().value());
  }
}

}  // namespace

LookedUp look_up_by_system(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int result = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (result != 0)
    return {.endpoints = {}, .failure = result == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(result)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  LookedUp answer;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    endpoint.port(port);
    answer.endpoints.push_back(endpoint);
  }
  return answer;
}

asio::awaitable<Resolved> resolve_name(asio::any_io_executor executor, std::string host, std::uint16_t port,
                                       std::optional<std::chrono::milliseconds> deadline, LookUp look_up) {
  boost::system::error_code error;
  const auto literal = asio::ip::make_address(host, error);
  if (!error) co_return Resolved{.answer = {.endpoints = {tcp::endpoint(literal, port)}, .failure = {}}};
  const auto question = std::make_shared<NameQuestion>();
  const std::shared_ptr<TimedSocket> signal = make_signal(executor, *question);
  start_lookup(question, std::move(look_up), std::move(host), port);
  signal->set_deadline(deadline);
  char byte = 0;
  const IoResult result = co_await signal->read_some(asio::buffer(&byte, 1));
  signal->close();
  if (result.outcome != IoOutcome::failed) co_return Resolved{.outcome = result.outcome, .answer = {}};
  const std::lock_guard lock(question->mutex);
  co_return Resolved{.answer = std::move(question->answer)};
}

}  // namespace halcyon::docker_api
