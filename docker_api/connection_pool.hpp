// Idle connections to one engine. Private to docker_api.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "docker_api/http.hpp"

namespace halcyon::docker_api {

/// Keeps the connections used last; hands out none that is old or that the engine has closed (G40, G42).
class ConnectionPool {
 public:
  /// A live connection, or null. `may_be_repeated`: the request is one that is sent again if the connection
  /// turns out to be dead, so one used a moment ago need not be looked at first.
  std::unique_ptr<HttpConnection> take(bool may_be_repeated);
  /// Keeps it if it is reusable and there is room, closes it otherwise.
  void give_back(std::unique_ptr<HttpConnection> connection);

 private:
  struct Kept {
    std::unique_ptr<HttpConnection> connection;
    std::chrono::steady_clock::time_point since;
  };
  std::vector<Kept> kept_;  // the one used last at the end
};

}  // namespace halcyon::docker_api
