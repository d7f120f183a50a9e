// TLS over a TimedSocket. Private to docker_api.
//
// Not asio::ssl::stream: its async_shutdown waits for the peer's close_notify, so it cannot half-close (G9).
// Here OpenSSL only turns bytes into bytes (memory BIOs), and the socket is ours.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "docker_api/timed_socket.hpp"
#include "docker_api/tls_settings.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace halcyon::docker_api {

/// Certificates and rules, read from their files once and shared by all connections.
class TlsContext {
 public:
  /// Errors: invalid_argument naming the file that cannot be read, or a key that does not fit its
  /// certificate.
  explicit TlsContext(const TlsSettings& settings);
  ssl_ctx_st* get() const noexcept { return context_.get(); }

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

/// Speaks TLS 1.2 or 1.3 as a client.
///
/// Errors: as Transport; an end without close_notify is a broken connection, never a clean end.
class TlsTransport final : public Transport {
 public:
  /// `server_name`: what the certificate must be for; a DNS name or a literal address.
  TlsTransport(std::shared_ptr<TimedSocket> socket, std::shared_ptr<const TlsContext> context,
               const std::string& server_name);

  boost::asio::awaitable<IoResult> handshake();

  void set_deadline(std::optional<std::chrono::milliseconds> from_now) override;
  boost::asio::awaitable<IoResult> read_some(boost::asio::mutable_buffer into) override;
  IoResult write_now(const Pieces& pieces) override;
  boost::asio::awaitable<IoResult> write_some(Pieces pieces, bool give_way) override;
  boost::asio::awaitable<IoResult> end_writing() override;
  bool has_unsent() const noexcept override { return sent_ < out_.size(); }
  bool is_readable() noexcept override;
  void close() noexcept override;
  std::string explain_end() override { return failure_; }
  bool was_turned_away() override { return turned_away_; }

 private:
  void collect();
  IoResult flush_now();
  boost::asio::awaitable<IoResult> flush(bool give_way);
  boost::asio::awaitable<IoResult> receive();
  IoResult encrypt(const Pieces& pieces);
  IoResult broken();

  std::shared_ptr<TimedSocket> socket_;
  std::shared_ptr<const TlsContext> context_;
  std::shared_ptr<ssl_st> ssl_;
  std::vector<char> in_;   // as it came from the network, on its way to OpenSSL
  std::vector<char> out_;  // encrypted, on its way to the network; sent as far as sent_
  std::size_t sent_ = 0;
  bool flushing_ = false;  // out_ must not move: the socket is writing from it
  bool handshaken_ = false;
  bool turned_away_ = false;  // by an alert, or before the handshake was over
  std::string failure_;
};

}  // namespace halcyon::docker_api
