// Opens what an engine's or a server's address says. Private to docker_api.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/engine_address.hpp"
#include "docker_api/transport.hpp"

namespace halcyon::docker_api {

class TlsContext;

/// Opens connections to one address; reads its certificates once, at the first one.
class Connector {
 public:
  /// `environment`: "NAME=value" lines for an ssh process; the keys' agent and the program's PATH are there.
  Connector(boost::asio::any_io_executor executor, EngineAddress address,
            std::vector<std::string> environment = {});

  const EngineAddress& address() const noexcept { return address_; }
  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

  /// Errors: unreachable (ENOENT, EACCES, refused, name unknown, certificate not accepted: all explained),
  ///         timeout, cancelled, invalid_argument (a certificate file, a name).
  boost::asio::awaitable<std::shared_ptr<Transport>> connect(
      std::optional<std::chrono::milliseconds> deadline);

 private:
  boost::asio::awaitable<std::shared_ptr<Transport>> connect_tcp(
      const TcpAddress& address, std::optional<std::chrono::milliseconds> deadline);

  boost::asio::any_io_executor executor_;
  EngineAddress address_;
  std::vector<std::string> environment_;
  std::shared_ptr<const TlsContext> tls_;
};

}  // namespace halcyon::docker_api
