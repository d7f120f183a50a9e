// Runs one operation against a deadline and an interrupt. The one place besides cli/run_loop.cpp that spawns.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>

namespace halcyon::orchestrator {

/// Cancels the operation that runs, if one does. Kept by whoever may have to stop it.
class Canceller {
 public:
  Canceller();
  ~Canceller();
  Canceller(const Canceller&) = delete;
  Canceller& operator=(const Canceller&) = delete;
  /// To be called on the executor's thread. Does nothing if nothing runs.
  void cancel();

 private:
  friend boost::asio::awaitable<struct BoundedResult> run_bounded(boost::asio::any_io_executor,
                                                                  boost::asio::awaitable<void>,
                                                                  std::chrono::milliseconds, Canceller&);
  struct State;
  std::shared_ptr<State> state_;
};

struct BoundedResult {
  std::exception_ptr error;  ///< what the operation threw; null if it came to its end
  bool timed_out = false;    ///< it was cancelled because the deadline passed
};

/// Runs `operation` to its end, cancelling it after `deadline`. Returns only when it has ended.
boost::asio::awaitable<BoundedResult> run_bounded(boost::asio::any_io_executor executor,
                                                  boost::asio::awaitable<void> operation,
                                                  std::chrono::milliseconds deadline, Canceller& canceller);

/// Waits. A cancelled wait throws.
boost::asio::awaitable<void> pause(std::chrono::milliseconds duration);

}  // namespace halcyon::orchestrator
