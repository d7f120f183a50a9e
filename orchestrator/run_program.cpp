#include "orchestrator/run_program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <memory>

#include "docker_api/child_process.hpp"
#include "docker_api/error.hpp"

namespace halcyon::orchestrator {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// One run; at its end the child is gone.
struct Run {
  Run(const asio::any_io_executor& executor, const std::vector<std::string>& argv, int read_end,
      int write_end)
      : reader(executor, read_end),
        child(executor, {.argv = argv,
                         .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
                         .streams = {.standard_output = write_end, .standard_error = write_end},
                         .own_session = true}),
        timer(executor) {}

  asio::posix::stream_descriptor reader;
  docker_api::ChildProcess child;
  asio::steady_timer timer;
  bool timed_out = false;
};

/// Null, and `why`, if the program cannot be started.
std::shared_ptr<Run> start(const asio::any_io_executor& executor, const std::vector<std::string>& argv,
                           std::string& why) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    why = fmt::format("no pipe: {}", std::strerror(errno));
    return nullptr;
  }
  std::shared_ptr<Run> run;
  try {
    run = std::make_shared<Run>(executor, argv, ends[0], ends[1]);
  } catch (const docker_api::Error& error) {
    why = error.what();
  }
  ::close(ends[1]);
  return run;
}

/// After the deadline nobody waits for the output's end either: a grandchild may hold it open.
void end_after(const std::shared_ptr<Run>& run, std::chrono::milliseconds deadline) {
  run->timer.expires_after(deadline);
  run->timer.async_wait([weak = std::weak_ptr(run)](const error_code& error) {
    const std::shared_ptr<Run> late = weak.lock();
    if (error || !late) return;
    late->timed_out = true;
    late->child.kill();
    late->reader.cancel();
  });
}

}  // namespace

asio::awaitable<ProgramResult> run_program(asio::any_io_executor executor, std::vector<std::string> argv,
                                           std::chrono::milliseconds deadline,
                                           std::size_t output_limit_bytes) {
  ProgramResult result;
  const std::shared_ptr<Run> run = start(executor, argv, result.output);
  if (!run) co_return result;
  result.started = true;
  end_after(run, deadline);
  std::array<char, 4096> buffer{};
  error_code error;
  while (!error) {
    const std::size_t got = co_await run->reader.async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    result.output.append(buffer.data(), std::min(got, output_limit_bytes - result.output.size()));
  }
  // Cancelled by the caller: the child ends with this run.
  if (error == asio::error::operation_aborted && !run->timed_out) co_return result;
  result.exit_code = co_await run->child.wait();
  run->timer.cancel();
  result.timed_out = run->timed_out;
  co_return result;
}

}  // namespace halcyon::orchestrator
