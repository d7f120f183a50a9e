// Runs one coroutine of our client to its end, for programs that do one thing after the other.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace halcyon::bench {

/// The coroutine's result; what it throws is thrown.
///
/// Stops the loop when the coroutine ends instead of waiting for timers of idle connections.
template <class Result>
Result await_result(boost::asio::io_context& io, boost::asio::awaitable<Result> work) {
  std::exception_ptr failed;
  io.restart();
  if constexpr (std::is_void_v<Result>) {
    boost::asio::co_spawn(io, std::move(work), [&](const std::exception_ptr& error) {
      failed = error;
      io.stop();
    });
    io.run();
    if (failed) std::rethrow_exception(failed);
  } else {
    std::optional<Result> result;
    boost::asio::co_spawn(io, std::move(work), [&](const std::exception_ptr& error, Result value) {
      failed = error;
      if (!error) result.emplace(std::move(value));
      io.stop();
    });
    io.run();
    if (failed) std::rethrow_exception(failed);
    return std::move(*result);
  }
}

}  // namespace halcyon::bench
