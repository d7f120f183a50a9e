#include "docker_api/process_end.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds k_first_pause{2};
constexpr std::chrono::milliseconds k_longest_pause{200};
constexpr std::chrono::seconds k_longest_without_output{2};
constexpr int k_answers_at_least = 10;

}  // namespace

ProcessEnd::ProcessEnd(Engine& engine, std::string endpoint, bool may_outlive_output)
    : engine_(engine),
      endpoint_(std::move(endpoint)),
      may_outlive_output_(may_outlive_output),
      output_ended_(std::chrono::steady_clock::now()),
      pause_(k_first_pause) {}

asio::awaitable<void> ProcessEnd::still_runs() {
  const bool waited = std::chrono::steady_clock::now() - output_ended_ > k_longest_without_output;
  if (++answers_ >= k_answers_at_least && waited && !may_outlive_output_) {
    const auto version = engine_.known_api_version();
    throw Error({.kind = ErrorKind::truncated,
                 .endpoint = endpoint_,
                 .api_version = version ? to_string(*version) : "",
                 .in_doubt = true,
                 .explanation = "its output has ended, but the process still runs: the connection was cut on "
                                "the way, or it has closed its own output (then set may_outlive_output)"});
  }
  asio::steady_timer timer(engine_.executor(), pause_);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw Error(
        {.kind = ErrorKind::cancelled, .endpoint = endpoint_, .explanation = "given up by the caller"});
  }
  pause_ = std::min(pause_ * 2, k_longest_pause);
}

}  // namespace halcyon::docker_api
