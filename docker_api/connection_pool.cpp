#include "docker_api/connection_pool.hpp"

#include "docker_api/engine.hpp"

namespace halcyon::docker_api {

std::unique_ptr<HttpConnection> ConnectionPool::take() {
  const auto oldest_allowed = std::chrono::steady_clock::now() - k_idle_limit;
  while (!kept_.empty()) {
    if (kept_.back().since < oldest_allowed) {
      kept_.clear();  // all others have waited longer still
      break;
    }
    std::unique_ptr<HttpConnection> connection = std::move(kept_.back().connection);
    kept_.pop_back();
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
