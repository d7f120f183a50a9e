// A server for tests that says exactly the bytes it is told to, and does to the connection exactly what it is
// told to.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "docker_api/engine_address.hpp"

namespace halcyon::test_support {

/// A request as it came over the wire.
struct SeenRequest {
  std::string method;
  std::string target;
  std::string head;            ///< all lines, CRLF included
  std::string body;            ///< chunks already joined
  std::size_t connection = 0;  ///< which accepted connection, from 0

  /// The value of a header (case does not matter), or "" if it is absent.
  std::string header(std::string_view name) const;
};

/// The server's end of one connection; runs on a thread of its own, so everything may block.
class ScriptedPeer {
 public:
  ScriptedPeer(class ScriptedServer& server, int fd, std::size_t connection);

  /// Reads head and body and records the request; false if the client closed instead.
  bool read_request();
  /// Reads the head only and leaves the body unread.
  bool read_head();
  /// After read_head(): reads the body and records the request.
  bool read_rest_of_request();
  const SeenRequest& request() const { return request_; }

  /// Sends all bytes at once. False if the client has gone.
  bool send(std::string_view bytes);
  /// Sends `bytes` in two pieces; the second only when the client has taken the first (unix sockets).
  bool send_split(std::string_view bytes, std::size_t at);
  /// One byte at a time, each taken by the client before the next goes out (unix sockets).
  bool send_bytewise(std::string_view bytes);

  /// Reads what the client still sends, until it ends its side. For streams that are no HTTP.
  std::string read_to_end();

  /// Closes both directions. The script may go on, but has nobody to talk to.
  void close();
  /// Blocks until the client closes or the server is destroyed; what comes meanwhile is thrown away.
  void wait_for_client_to_close();

 private:
  bool receive_more();
  void parse_head(std::size_t head_bytes);
  bool read_body();
  bool wait_until_taken();

  class ScriptedServer& server_;
  int fd_;
  std::string received_;
  SeenRequest request_;
};

using Script = std::function<void(ScriptedPeer&)>;

/// Listens on a unix socket or on loopback TCP.
///
/// Owns:    a thread for the listener and one for each connection; the destructor ends and joins them all.
/// Threads: the observers may be called from any thread.
class ScriptedServer {
 public:
  enum class Transport { unix_socket, tcp };

  /// The n-th connection is played the n-th script, all later ones the last script.
  explicit ScriptedServer(std::vector<Script> scripts, Transport transport = Transport::unix_socket);
  explicit ScriptedServer(Script script, Transport transport = Transport::unix_socket);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  const docker_api::EngineAddress& address() const { return address_; }
  /// The requests so far, in the order in which they were read.
  std::vector<SeenRequest> requests() const;
  std::size_t connections() const;

 private:
  friend class ScriptedPeer;
  void listen_unix();
  void listen_tcp();
  void accept_loop();
  void play(int fd, std::size_t connection);
  void record(const SeenRequest& request);

  std::vector<Script> scripts_;
  docker_api::EngineAddress address_;
  std::string directory_;
  int listener_ = -1;
  mutable std::mutex mutex_;
  std::vector<SeenRequest> requests_;
  std::vector<int> open_fds_;
  std::vector<std::thread> players_;
  std::thread acceptor_;
  bool stopping_ = false;
};

/// "HTTP/1.1 200 OK" with Content-Length.
std::string answer(int status, std::string_view body, std::string_view headers = "");
/// The same with a chunk for each piece and the final chunk.
std::string chunked_answer(const std::vector<std::string>& pieces, std::string_view headers = "");
/// The chunks alone, without the final one.
std::string chunk(std::string_view piece);
inline constexpr std::string_view k_chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
/// What dockerd answers to /_ping.
std::string pong(std::string_view api_version = "1.41");

/// A script that keeps the connection, answers /_ping itself and everything else with what `reply` returns.
Script engine_script(std::function<std::string(const SeenRequest&)> reply, std::string api_version = "1.41");

}  // namespace halcyon::test_support
