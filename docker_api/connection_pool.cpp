#include "docker_api/connection_pool.hpp"

#include "docker_api/engine.hpp"

namespace halcyon::docker_api {

namespace {

/// Looking costs a system call, 1 % of a round trip. An engine that closes, or speaks unasked, within this
/// time of a complete answer was never seen.
constexpr std::chrono::milliseconds k_surely_fresh{1};

}  // namespace

std::unique_ptr<HttpConnection> ConnectionPool::take(bool may_be_repeated) {
  if (kept_.empty()) return nullptr;
  const auto now = std::chrono::steady_clock::now();
  while (!kept_.empty()) {
    const auto idle = now - kept_.back().since;
    if (idle > k_idle_limit) {
      kept_.clear();  // all others have waited longer still
      break;
    }
    std::unique_ptr<HttpConnection> connection = std::move(kept_.back().connection);
    kept_.pop_back();
    if (may_be_repeated && idle < k_surely_fresh) return connection;
    if (!connection->is_stale()) return connection;
  }
  return nullptr;
}

void ConnectionPool::give_back(std::unique_ptr<HttpConnection> connection) {
  if (!connection->is_reusable()) return;
  if (kept_.size() == k_kept_connections) kept_.erase(kept_.begin());
  kept_.push_back({std::move(connection), std::chrono::steady_clock::now()});
}

}  // namespace halcyon::docker_api
