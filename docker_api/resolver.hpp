// A server's name to its addresses. Private to docker_api.
//
// The system's resolver blocks, and Asio's, which runs it on a thread of the io_context, can neither be
// hurried nor left: while a name server is silent no deadline ends the wait, and the io_context does not end
// either.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/transport.hpp"

namespace halcyon::docker_api {

struct LookedUp {
  std::vector<boost::asio::ip::tcp::endpoint> endpoints;
  std::string failure;  ///< why there are none, in the system's words
};
/// Blocks; runs on a thread of its own.
using LookUp = std::function<LookedUp(const std::string& host, std::uint16_t port)>;

/// getaddrinfo(3).
LookedUp look_up_by_system(const std::string& host, std::uint16_t port);

struct Resolved {
  IoOutcome outcome = IoOutcome::done;  ///< done, timed_out or cancelled
  LookedUp answer;
};

/// Asks for a name's addresses; a literal address is its own answer, at once.
///
/// A deadline and a cancellation end it at once. The thread is left behind and ends when the system's
/// resolver answers: one for each name that was given up, for as long as resolv.conf(5) lets it try, 10 to 30
/// s as a rule.
boost::asio::awaitable<Resolved> resolve_name(boost::asio::any_io_executor executor, std::string host,
                                              std::uint16_t port,
                                              std::optional<std::chrono::milliseconds> deadline,
                                              LookUp look_up = look_up_by_system);

}  // namespace halcyon::docker_api
