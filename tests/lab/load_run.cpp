// Start, progress and end of a run.
#include "load_run.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "load_clients.h"

namespace halcyon::lab {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

constexpr auto k_run_tuple = asio::as_tuple(asio::use_awaitable);
constexpr auto k_end_deadline = std::chrono::seconds{10};
constexpr std::size_t k_random_bytes = 1u << 20;

// A thousand waiting requests are a thousand descriptors, and the usual soft limit is 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string random_text(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::string bytes(k_random_bytes, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

asio::awaitable<void> show_progress(Run* run) {
  for (auto next = run->started;;) {
    next += std::chrono::seconds{1};
    if (!co_await run->sleep_until(next)) co_return;
    std::cerr << run->tally.progress().dump() << std::endl;
  }
}

asio::awaitable<void> end_after(Run* run, std::chrono::milliseconds duration) {
  if (co_await run->sleep_until(run->started + duration)) run->begin_end();
}

void watch_stdin(Run& run, asio::posix::stream_descriptor& input, std::array<char, 256>& discarded) {
  input.async_read_some(asio::buffer(discarded), [&](const ErrorCode& problem, std::size_t) {
    if (problem == asio::error::operation_aborted) return;
    if (problem) {
      run.begin_end();
    } else {
      watch_stdin(run, input, discarded);
    }
  });
}

void write_report(const Run& run) {
  const std::string text = run.tally.report().dump(2) + "\n";
  std::cout << text << std::flush;
  if (run.options.report_file.empty()) return;
  std::ofstream file{run.options.report_file, std::ios::trunc};
  if (!(file << text << std::flush)) throw std::runtime_error{"cannot write " + run.options.report_file};
}

}  // namespace

Run::Run(const LoadOptions& wanted)
    : options{wanted},
      tally{wanted},
      random_bytes{random_text(wanted.seed)},
      // Not from the seed: ids of two runs must differ, for the application's log holds both.
      post_prefix_{std::to_string(getpid()) + "." +
                   std::to_string(std::chrono::system_clock::now().time_since_epoch().count() / 1'000'000) +
                   "."} {}

asio::awaitable<bool> Run::sleep_until(Clock::time_point moment) {
  if (is_ending) co_return false;
  asio::steady_timer timer{io, moment};
  sleepers.insert(&timer);
  co_await timer.async_wait(k_run_tuple);
  sleepers.erase(&timer);
  co_return !is_ending;
}

asio::awaitable<void> Run::sleep_fully(Clock::time_point moment) {
  asio::steady_timer timer{io, moment};
  co_await timer.async_wait(k_run_tuple);
}

void Run::start(asio::awaitable<void> client) {
  ++clients_;
  asio::co_spawn(io, std::move(client), [this](const std::exception_ptr& problem) {
    client_ended();
    if (problem) std::rethrow_exception(problem);
  });
}

void Run::client_ended() {
  --clients_;
  if (clients_ == 0) io.stop();
}

void Run::begin_end() {
  if (is_ending) return;
  is_ending = true;
  for (asio::steady_timer* sleeper : sleepers) sleeper->cancel();
  end_deadline_.expires_after(k_end_deadline);
  end_deadline_.async_wait([this](const ErrorCode& problem) {
    if (problem) return;
    for (Connection* connection : connections) connection->abandon();
  });
}

std::string Run::next_post_id() { return post_prefix_ + std::to_string(++posts_); }

int run_load(const LoadOptions& options) {
  raise_descriptor_limit();
  Run run{options};
  asio::signal_set signals{run.io, SIGTERM, SIGINT};
  signals.async_wait([&run](const ErrorCode& problem, int) {
    if (!problem) run.begin_end();
  });
  asio::posix::stream_descriptor input{run.io};
  std::array<char, 256> discarded{};
  if (options.until_stdin_closes) {
    input.assign(::dup(STDIN_FILENO));
    watch_stdin(run, input, discarded);
  }
  if (options.duration.has_value()) run.start(end_after(&run, *options.duration));
  if (options.shows_progress) run.start(show_progress(&run));
  start_clients(run);
  run.io.run();
  write_report(run);
  return run.tally.is_ok() ? 0 : 1;
}

}  // namespace halcyon::lab
