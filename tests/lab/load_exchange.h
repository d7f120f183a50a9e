// One request and its answer on one connection, with the verdict about it. No retry, ever.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "load_tally.h"

namespace halcyon::lab {

struct Run;

// A client's connection. Opened when it is first needed and again after an answer that ended it.
class Connection {
 public:
  explicit Connection(Run* run);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void close();
  // Ends what is under way, from outside: the operation fails as "timeout".
  void abandon() { stream.close(); }

  boost::beast::tcp_stream stream;
  boost::beast::flat_buffer buffer;
  bool is_open = false;
  Clock::time_point idle_since{};

 private:
  Run* run_;
};

struct Exchange {
  Kind kind = Kind::fresh;
  Clock::time_point scheduled;                 // latency counts from here, even when we were late ourselves
  std::string head;                            // request line and headers
  std::string_view body;                       // must outlive the exchange
  bool is_chunked = false;                     // how the body is sent
  Clock::duration body_duration{0};            // an upload: the body is sent in pieces over this time
  std::string post_id;                         // must come back; empty: no id
  std::optional<std::uint64_t> pattern_bytes;  // the answer is so many bytes of body_pattern
};

// Opens the connection if needed, sends, reads, judges and counts.
boost::asio::awaitable<void> perform(Run* run, Connection* connection, Exchange exchange);

// Opens `connection`; the outcome is `lost` with its class when that fails.
boost::asio::awaitable<Outcome> connect(Run* run, Connection* connection);

// The class of a failure before any part of an answer was there.
Outcome lost_because(const boost::system::error_code& problem);

}  // namespace halcyon::lab
