// Keep-alive clients (closed loop, each with its own connection) and arrivals at a fixed rate (open loop).
#include "load_clients.h"

#include <random>

namespace halcyon::lab {
namespace {

namespace asio = boost::asio;

constexpr auto k_arrival_time = std::chrono::seconds{1};
constexpr std::uint64_t k_requests_per_post = 10;  // of a keep-alive client
constexpr std::size_t k_keepalive_body_limit_bytes = 2048;
constexpr std::size_t k_body_limit_bytes = 64ull * 1024;
// As clients' own pools do: a connection that was idle for longer is not used again.
constexpr auto k_pool_idle_limit = std::chrono::seconds{15};

std::string request_head(const Run& run, std::string_view method_and_target) {
  return std::string{method_and_target} + " HTTP/1.1\r\nHost: " + run.options.host + "\r\n";
}

Exchange get(const Run& run, Kind kind, Clock::time_point scheduled) {
  Exchange exchange;
  exchange.kind = kind;
  exchange.scheduled = scheduled;
  exchange.head = request_head(run, "GET /") + "\r\n";
  return exchange;
}

Exchange post(Run& run, std::mt19937_64& random, Kind kind, Clock::time_point scheduled, std::size_t limit) {
  Exchange exchange;
  exchange.kind = kind;
  exchange.scheduled = scheduled;
  exchange.post_id = run.next_post_id();
  const std::size_t size = random() % (limit + 1);
  exchange.body =
      std::string_view{run.random_bytes}.substr(random() % (run.random_bytes.size() - limit), size);
  exchange.is_chunked = random() % 4 == 0;
  exchange.head =
      request_head(run, "POST /echo") + "X-Request-Id: " + exchange.post_id +
      "\r\nContent-Type: application/octet-stream\r\n" +
      (exchange.is_chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + std::to_string(size)) +
      "\r\n\r\n";
  return exchange;
}

Exchange slow(const Run& run, Clock::time_point scheduled) {
  Exchange exchange;
  exchange.kind = Kind::slow;
  exchange.scheduled = scheduled;
  exchange.pattern_bytes = run.options.slow_bytes;
  exchange.head = request_head(run, "GET /slow?ms=" + std::to_string(run.options.slow_duration.count()) +
                                        "&chunks=10&bytes=" + std::to_string(run.options.slow_bytes)) +
                  "\r\n";
  return exchange;
}

asio::awaitable<void> keepalive_client(Run* run, unsigned number) {
  Connection connection{run};
  std::mt19937_64 random{run->options.seed * 1'000'003 + number};
  std::uniform_int_distribution<std::int64_t> think{
      std::chrono::microseconds{run->options.think_min}.count(),
      std::chrono::microseconds{run->options.think_max}.count()};
  // Everybody arrives within a second, also when they think for a minute afterwards.
  auto next =
      run->started + std::min<Clock::duration>(std::chrono::microseconds{think(random)}, k_arrival_time);
  // The clients' posts are spread: not all of them at their tenth request.
  for (std::uint64_t n = number; co_await run->sleep_until(next); ++n) {
    const bool is_post = n % k_requests_per_post == k_requests_per_post - 1;
    const auto now = Clock::now();
    co_await perform(run, &connection,
                     is_post ? post(*run, random, Kind::keepalive_post, now, k_keepalive_body_limit_bytes)
                             : get(*run, Kind::keepalive_get, now));
    next = Clock::now() + std::chrono::microseconds{think(random)};
  }
}

asio::awaitable<void> on_new_connection(Run* run, Exchange exchange) {
  Connection connection{run};
  co_await perform(run, &connection, std::move(exchange));
}

asio::awaitable<void> on_pooled_connection(Run* run, Exchange exchange) {
  std::unique_ptr<Connection> connection;
  while (!run->idle_pool.empty() && connection == nullptr) {
    connection = std::move(run->idle_pool.front());
    run->idle_pool.pop_front();
    if (Clock::now() - connection->idle_since > k_pool_idle_limit) connection.reset();
  }
  if (connection == nullptr) connection = std::make_unique<Connection>(run);
  co_await perform(run, connection.get(), std::move(exchange));
  if (connection->is_open) run->idle_pool.push_back(std::move(connection));
}

void start_exchange(Run& run, std::mt19937_64& random, Kind kind, Clock::time_point scheduled) {
  if (kind == Kind::fresh) {
    run.start(on_new_connection(&run, get(run, kind, scheduled)));
  } else if (kind == Kind::slow) {
    run.start(on_pooled_connection(&run, slow(run, scheduled)));
  } else {
    Exchange exchange = post(run, random, kind, scheduled, k_body_limit_bytes);
    if (kind == Kind::upload) exchange.body_duration = run.options.upload_duration;
    run.start(on_pooled_connection(&run, std::move(exchange)));
  }
}

asio::awaitable<void> arrivals(Run* run, Kind kind, double rate) {
  std::mt19937_64 random{run->options.seed * 1'000'003 + 500'000 + static_cast<std::uint64_t>(kind)};
  for (std::uint64_t n = 0;; ++n) {
    const std::chrono::duration<double> offset{static_cast<double>(n) / rate};
    const auto scheduled = run->started + std::chrono::duration_cast<Clock::duration>(offset);
    if (!co_await run->sleep_until(scheduled)) co_return;
    start_exchange(*run, random, kind, scheduled);
  }
}

}  // namespace

void start_clients(Run& run) {
  for (unsigned i = 0; i < run.options.keepalive_clients; ++i) run.start(keepalive_client(&run, i));
  for (unsigned i = 0; i < run.options.websockets; ++i) run.start(websocket_client(&run, i));
  if (run.options.fresh_rate > 0) run.start(arrivals(&run, Kind::fresh, run.options.fresh_rate));
  if (run.options.post_rate > 0) run.start(arrivals(&run, Kind::post, run.options.post_rate));
  if (run.options.slow_rate > 0) run.start(arrivals(&run, Kind::slow, run.options.slow_rate));
  if (run.options.upload_rate > 0) run.start(arrivals(&run, Kind::upload, run.options.upload_rate));
}

}  // namespace halcyon::lab
