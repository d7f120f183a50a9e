// One run of the load generator: what all its coroutines share, and how it ends.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>

#include "load_exchange.h"
#include "load_options.h"
#include "load_tally.h"

namespace halcyon::lab {

// Owns: everything that the coroutines point to.
struct Run {
  explicit Run(const LoadOptions& wanted);

  // Wakes at `moment`, or at once when the run ends. False: the run ends.
  boost::asio::awaitable<bool> sleep_until(Clock::time_point moment);
  // Wakes at `moment`, also when the run ends meanwhile.
  boost::asio::awaitable<void> sleep_fully(Clock::time_point moment);

  // Starts a client; the run ends when the last of them has.
  void start(boost::asio::awaitable<void> client);
  // Nothing new is sent; who thinks is woken; what is in flight gets a bounded time.
  void begin_end();

  std::string next_post_id();

  LoadOptions options;
  Tally tally;
  // Before io: whatever io still owns when it is destroyed signs itself off here.
  std::unordered_set<Connection*> connections;
  std::unordered_set<boost::asio::steady_timer*> sleepers;
  boost::asio::io_context io{1};
  Clock::time_point started = Clock::now();
  bool is_ending = false;
  std::string random_bytes;  // bodies of posts are windows into this

  std::deque<std::unique_ptr<Connection>> idle_pool;  // of posts, uploads and slow requests

 private:
  void client_ended();

  boost::asio::steady_timer end_deadline_{io};
  std::uint64_t clients_ = 0;
  std::uint64_t posts_ = 0;
  std::string post_prefix_;
};

// Runs until the time is over, the standard input is closed or SIGTERM/SIGINT comes. The exit code.
int run_load(const LoadOptions& options);

}  // namespace halcyon::lab
