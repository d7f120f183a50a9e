// The running nginx: test its configuration, make it load ours, and ask it what it does. Effects, never exit
// codes.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/configuration.hpp"
#include "orchestrator/nginx_files.hpp"

namespace halcyon::orchestrator {

/// Where and how a probe goes through nginx.
struct ProbeTarget {
  std::string address;  ///< "127.0.0.1:80"
  std::string host;     ///< Host header: the environment's domain
  std::string path;     ///< a path of the service's route; any, if nginx is to answer itself
  std::string token;
  std::chrono::milliseconds timeout{5'000};
};

struct ProbeAnswer {
  int status = 0;                     ///< 0: no answer
  std::optional<ProbeHeader> header;  ///< nothing: the answer did not come from our server block
  std::string error;                  ///< why there was no answer
};

struct StateAnswer {
  int status = 0;                     ///< 0: no answer
  std::optional<StateHeader> header;  ///< nothing: the answer did not come from our server block
  std::string error;                  ///< why there was no answer
};

/// Asks nginx itself which configuration it has loaded and which slots it sends requests to; no application
/// is asked. `target.path` does not matter. Never throws for what nginx does, only when cancelled.
boost::asio::awaitable<StateAnswer> ask_nginx_state(boost::asio::any_io_executor executor,
                                                    ProbeTarget target);

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

/// Tests it, and says which of our domain's names another server block has, too, with nginx's own line for
/// each; nginx itself only warns, and ignores one of the two.
///
/// Errors: as test_nginx.
boost::asio::awaitable<std::vector<std::string>> list_name_conflicts(boost::asio::any_io_executor executor,
                                                                     Nginx settings, std::string domain);
/// The lines in nginx's words about a server name of `domain` that stands in two server blocks. Pure.
///
/// Shape: `nginx: [warn] conflicting server name "shop.test" on 0.0.0.0:80, ignored`.
std::vector<std::string> find_name_conflicts(std::string_view said, std::string_view domain);

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
