// The engine's end of every transport, served on the client's own thread: what the client has read and what
// it waits for is known exactly, and a thousand connections cost no thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/engine.hpp"
#include "tests/docker_api/conformance/tls_server_side.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {

enum class Wire { unix_socket, tcp, tls12, tls13, ssh };
std::string to_string(Wire wire);
inline bool is_tls(Wire wire) { return wire == Wire::tls12 || wire == Wire::tls13; }

/// One connection. Each call goes on when the client has done its part; none of them throws for a client that
/// has gone.
class WireConnection {
 public:
  WireConnection(boost::asio::io_context& io, int fd, const TlsServerContext* tls);

  /// False if the client has ended its side instead.
  boost::asio::awaitable<bool> read_request();
  const test_support::SeenRequest& request() const { return request_; }
  /// What the client sends that is no HTTP, until it ends its side.
  boost::asio::awaitable<std::string> read_to_end();
  /// At least `bytes` of what is no HTTP; less if the client ends its side.
  boost::asio::awaitable<std::string> read_at_least(std::size_t bytes);
  /// True if bytes of the client wait here that nobody has read.
  bool has_unread();

  /// In one segment, and with TLS in one record.
  boost::asio::awaitable<void> send(std::string plain);
  /// What send() would put on the wire.
  std::string encode(std::string_view plain);
  boost::asio::awaitable<void> send_encoded(std::string bytes);
  /// Goes on when the client has read all that was sent, or has gone.
  boost::asio::awaitable<void> taken();
  /// Ends our side as it should be: with TLS by a close_notify. The client can still be heard.
  boost::asio::awaitable<void> end();
  /// Ends it without a word.
  void close();
  bool is_open() const { return socket_.is_open(); }

  /// From now on only so many bytes reach the wire, then the connection is closed, or nothing more comes.
  void limit_output(std::size_t bytes, bool then_close);

 private:
  friend class WirePeer;
  boost::asio::awaitable<bool> receive_more();
  bool parse_request();
  bool has_taken_all();
  bool has_client_gone();

  boost::asio::generic::stream_protocol::socket socket_;
  std::optional<boost::asio::posix::stream_descriptor> control_;  // of an ssh process, which lives as long
  std::optional<TlsServerSide> tls_;
  std::string received_;
  test_support::SeenRequest request_;
  int client_fd_ = -1;
  bool is_unix_ = false;
  bool client_ended_ = false;
  std::optional<std::size_t> output_left_;
  bool closes_at_limit_ = false;
};

/// Listens, and answers each request as it is told.
///
/// Threads: the io_context's, which must be the client's as well.
class WirePeer {
 public:
  using Reply = std::function<boost::asio::awaitable<void>(WireConnection&)>;

  WirePeer(boost::asio::io_context& io, Wire wire);
  ~WirePeer();
  WirePeer(const WirePeer&) = delete;
  WirePeer& operator=(const WirePeer&) = delete;

  EngineAddress address() const;
  EngineSettings settings() const;
  /// What happens once a request has been read; the connection is then read on.
  Reply reply;
  /// What happens to a new connection before anything is read; may be empty.
  std::function<void(WireConnection&)> on_connect;
  std::size_t connections() const { return connections_; }
  /// Closes the listener and all connections.
  void stop();

 private:
  void listen();
  boost::asio::awaitable<void> accept_loop();
  boost::asio::awaitable<void> serve(std::shared_ptr<WireConnection> connection);
  std::shared_ptr<WireConnection> adopt_ssh(int control);

  boost::asio::io_context& io_;
  Wire wire_;
  const testing::TemporaryDirectory directory_;
  std::optional<TlsServerContext> tls_;
  boost::asio::posix::stream_descriptor listener_;
  std::uint16_t port_ = 0;
  std::vector<std::weak_ptr<WireConnection>> open_;
  std::size_t connections_ = 0;
};

/// Made once for all tests.
const test_support::Certificates& certificates();

}  // namespace halcyon::docker_api
