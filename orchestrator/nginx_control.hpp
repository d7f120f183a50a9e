// The running nginx: test its configuration, make it load ours, and ask it what it does. Effects, never exit
// codes.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/configuration.hpp"
#include "orchestrator/nginx_files.hpp"

namespace halcyon::orchestrator {

/// Where and how a probe goes through nginx.
struct ProbeTarget {
  std::string address;  ///< "127.0.0.1:80"
  std::string host;     ///< Host header: the environment's domain
  std::string path;     ///< a path of the service's route
  std::string token;
};

struct ProbeAnswer {
  int status = 0;                     ///< 0: no answer
  std::optional<ProbeHeader> header;  ///< nothing: the answer did not come from our server block
  std::string error;                  ///< why there was no answer
};

/// One request through nginx on a fresh connection. Never throws for what nginx does, only when cancelled.
boost::asio::awaitable<ProbeAnswer> probe_nginx(boost::asio::any_io_executor executor, ProbeTarget target);

/// Tests the whole configuration: `nginx -t -c FILE`.
///
/// Errors: Error aborted with nginx's own words.
boost::asio::awaitable<void> test_nginx(boost::asio::any_io_executor executor, Nginx settings);

/// Tests it, and says which files it is read from: `nginx -T`, which prints them all.
///
/// Errors: as test_nginx.
boost::asio::awaitable<std::vector<std::string>> list_nginx_files(boost::asio::any_io_executor executor,
                                                                  Nginx settings);

/// Makes nginx load its configuration (SIGHUP to the master) and waits until `target` is answered by
/// `generation` three times in a row on fresh connections and every worker of before has stopped accepting.
///
/// Errors: Error aborted: not running, or the generation was not confirmed within `deadline`.
boost::asio::awaitable<void> reload_nginx(boost::asio::any_io_executor executor, Nginx settings,
                                          std::optional<ProbeTarget> target, std::string generation,
                                          milliseconds deadline);

/// The master's process id from the pid file, if that process is an nginx.
std::optional<int> find_nginx_master(const Nginx& settings);

}  // namespace halcyon::orchestrator
