// Runs one coroutine to its end on an io_context and gives back its result or exception.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace halcyon::test_support {

template <class T>
boost::asio::awaitable<void> store(boost::asio::awaitable<T> work, std::optional<T>& result) {
  result.emplace(co_await std::move(work));
}

/// Also returns only when nothing is left on `io`: a pending timer or socket of ours would hang the test.
inline void run(boost::asio::io_context& io, boost::asio::awaitable<void> work) {
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(work),
                        [&failure](std::exception_ptr error) { failure = std::move(error); });
  io.restart();
  io.run();
  if (failure) std::rethrow_exception(failure);
}

template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
  std::optional<T> result;
  run(io, store(std::move(work), result));
  return std::move(*result);
}

}  // namespace halcyon::test_support
