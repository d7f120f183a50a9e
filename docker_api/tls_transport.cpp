#include "docker_api/tls_transport.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/error.hpp>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::size_t k_record_bytes = std::size_t{16} * 1024;  // the longest plaintext of one TLS record
constexpr std::size_t k_input_bytes = std::size_t{32} * 1024;

/// The newest reason OpenSSL gives, and an empty queue.
std::string take_reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

[[noreturn]] void reject_tls(std::string explanation) {
  throw Error(
      {.kind = ErrorKind::invalid_argument, .endpoint = "TLS", .explanation = std::move(explanation)});
}

void load_trust(SSL_CTX* context, const std::string& file) {
  if (file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  if (SSL_CTX_load_verify_locations(context, file.c_str(), nullptr) != 1) {
    reject_tls(fmt::format("cannot read the certificates of the trusted authorities from {}: {}", file,
                           take_reason()));
  }
}

/// Nobody is there who could be asked for a passphrase. Shape: OpenSSL's pem_password_cb.
int refuse_to_ask(char* /*buffer*/, int /*size*/, int /*is_for_writing*/, void* /*data*/) { return 0; }

void load_identity(SSL_CTX* context, const TlsSettings& settings) {
  if (settings.certificate_file.empty() && settings.key_file.empty()) return;
  if (settings.certificate_file.empty() || settings.key_file.empty()) {
    reject_tls("a client certificate needs both a certificate file and a key file");
  }
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1) {
    reject_tls(
        fmt::format("cannot read our certificate from {}: {}", settings.certificate_file, take_reason()));
  }
  if (SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    reject_tls(fmt::format(
        "cannot use the private key in {}: {} (it must be PEM, without a passphrase, and belong to {})",
        settings.key_file, take_reason(), settings.certificate_file));
  }
}

/// What the certificate must be for, and what is asked for by name.
void expect_name(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1) return;
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl, name.c_str()) != 1 || SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) {
    reject_tls(fmt::format("\"{}\" is no name of a server: {}", name, take_reason()));
  }
}

}  // namespace

TlsContext::TlsContext(const TlsSettings& settings)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
  if (!context_) reject_tls("OpenSSL has no memory for a context: " + take_reason());
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  // OpenSSL's own callback asks on the terminal, and waits for ever.
  SSL_CTX_set_default_passwd_cb(context, refuse_to_ask);
  if (settings.verify) load_trust(context, settings.ca_file);
  load_identity(context, settings);
}

TlsTransport::TlsTransport(std::shared_ptr<TimedSocket> socket, std::shared_ptr<const TlsContext> context,
                           const std::string& server_name)
    : socket_(std::move(socket)), context_(std::move(context)), ssl_(SSL_new(context_->get()), SSL_free) {
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  if (!ssl_ || in == nullptr || out == nullptr) reject_tls("OpenSSL has no memory: " + take_reason());
  BIO_set_mem_eof_return(in, -1);  // empty means "not yet"
  SSL_set_bio(ssl_.get(), in, out);
  SSL_set_connect_state(ssl_.get());
  expect_name(ssl_.get(), server_name);
}

void TlsTransport::set_deadline(std::optional<std::chrono::milliseconds> from_now) {
  socket_->set_deadline(from_now);
}

/// Takes over what OpenSSL wants to be sent.
void TlsTransport::collect() {
  if (flushing_) return;
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  }
  BIO* const bio = SSL_get_wbio(ssl_.get());
  const std::size_t waiting = BIO_ctrl_pending(bio);
  if (waiting == 0) return;
  const std::size_t before = out_.size();
  out_.resize(before + waiting);
  std::size_t taken = 0;
  BIO_read_ex(bio, out_.data() + before, waiting, &taken);
  out_.resize(before + taken);
}

/// Sends what goes out without waiting.
IoResult TlsTransport::flush_now() {
  collect();
  if (flushing_ || !has_unsent()) return {};
  const IoResult result = socket_->write_now({asio::buffer(out_.data() + sent_, out_.size() - sent_)});
  sent_ += result.bytes;
  return result;
}

asio::awaitable<IoResult> TlsTransport::flush(bool give_way) {
  IoResult result = flush_now();
  while (result.outcome == IoOutcome::done && has_unsent()) {
    flushing_ = true;
    result = co_await socket_->write_some({asio::buffer(out_.data() + sent_, out_.size() - sent_)}, give_way);
    flushing_ = false;
    sent_ += result.bytes;
    collect();
  }
  result.bytes = 0;
  co_return result;
}

/// Brings more bytes from the network to OpenSSL.
asio::awaitable<IoResult> TlsTransport::receive() {
  if (in_.empty()) in_.resize(k_input_bytes);
  IoResult result = co_await socket_->read_some(asio::buffer(in_));
  if (result.outcome == IoOutcome::failed && result.error == asio::error::eof) {
    failure_ = handshaken_ ? "the peer closed without TLS's close_notify"
                           : "the peer closed during the TLS handshake";
    turned_away_ = !handshaken_;
    result.error = asio::error::connection_aborted;
  }
  if (result.outcome == IoOutcome::done)
    BIO_write(SSL_get_rbio(ssl_.get()), in_.data(), static_cast<int>(result.bytes));
  co_return result;
}

/// OpenSSL has given up: says why in words that tell what to do.
IoResult TlsTransport::broken() {
  turned_away_ = true;  // in TLS 1.3 a refused certificate is heard of after the handshake
  const long verdict = SSL_get_verify_result(ssl_.get());
  const std::string reason = take_reason();
  if (verdict != X509_V_OK && (SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER) != 0) {
    failure_ = fmt::format("its certificate is not accepted: {}", X509_verify_cert_error_string(verdict));
  } else if (reason == "wrong version number" || reason == "http request" ||
             reason == "packet length too long") {
    failure_ = "it does not speak TLS";
  } else if (reason.find("certificate required") != std::string::npos) {
    failure_ = "it wants a client certificate, and we have shown none";
  } else {
    failure_ = fmt::format("TLS failed: {}", reason);
  }
  return {IoOutcome::failed, 0, asio::error::connection_aborted};
}

asio::awaitable<IoResult> TlsTransport::handshake() {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    const int why = SSL_get_error(ssl_.get(), done);
    const IoResult failed = done == 1 || why == SSL_ERROR_WANT_READ ? IoResult{} : broken();
    const IoResult flushed = co_await flush(false);  // an alert of ours should still reach the peer
    if (failed.outcome != IoOutcome::done) co_return failed;
    if (flushed.outcome != IoOutcome::done) co_return flushed;
    if (done == 1) break;
    const IoResult received = co_await receive();
    if (received.outcome != IoOutcome::done) co_return received;
  }
  handshaken_ = true;
  co_return IoResult{};
}

asio::awaitable<IoResult> TlsTransport::read_some(asio::mutable_buffer into) {
  for (;;) {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes);
    if (done == 1) co_return IoResult{IoOutcome::done, bytes, {}};
    const int why = SSL_get_error(ssl_.get(), done);
    if (why == SSL_ERROR_ZERO_RETURN) co_return IoResult{IoOutcome::failed, 0, asio::error::eof};
    if (why != SSL_ERROR_WANT_READ) co_return broken();
    flush_now();  // a key update's answer; if it does not fit now, it goes with what comes next
    const IoResult received = co_await receive();
    if (received.outcome != IoOutcome::done) co_return received;
  }
}

/// Encrypts as long as it can be sent at once.
IoResult TlsTransport::encrypt(const Pieces& pieces) {
  std::size_t taken = 0;
  for (asio::const_buffer piece : pieces) {
    while (piece.size() > 0) {
      ERR_clear_error();
      std::size_t bytes = 0;
      const int done = SSL_write_ex(ssl_.get(), piece.data(), std::min(piece.size(), k_record_bytes), &bytes);
      if (done != 1) return broken();
      taken += bytes;
      piece += bytes;
      const IoResult flushed = flush_now();
      if (flushed.outcome != IoOutcome::done) return flushed;
      if (has_unsent() || flushing_) return {IoOutcome::done, taken, {}};
    }
  }
  return {IoOutcome::done, taken, {}};
}

IoResult TlsTransport::write_now(const Pieces& pieces) {
  const IoResult flushed = flush_now();
  if (flushed.outcome != IoOutcome::done) return flushed;
  if (has_unsent()) return {};
  return encrypt(pieces);
}

asio::awaitable<IoResult> TlsTransport::write_some(Pieces pieces, bool give_way) {
  const IoResult flushed = co_await flush(give_way);
  if (flushed.outcome != IoOutcome::done) co_return flushed;
  co_return encrypt(pieces);
}

asio::awaitable<IoResult> TlsTransport::end_writing() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());  // once: sends our close_notify and does not wait for the peer's
  const IoResult flushed = co_await flush(false);
  co_return flushed;
}

bool TlsTransport::is_readable() noexcept {
  try {
    if (in_.empty()) in_.resize(k_input_bytes);
    for (;;) {
      const IoResult result = socket_->read_now(asio::buffer(in_));
      if (result.outcome != IoOutcome::done) return true;
      if (result.bytes == 0) return false;
      // Session tickets come whenever the peer likes; they are no answer to anything.
      BIO_write(SSL_get_rbio(ssl_.get()), in_.data(), static_cast<int>(result.bytes));
      ERR_clear_error();
      char byte = 0;
      std::size_t bytes = 0;
      const int done = SSL_peek_ex(ssl_.get(), &byte, 1, &bytes);
      if (SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ) return true;
    }
  } catch (const std::bad_alloc&) {
    return true;
  }
}

void TlsTransport::close() noexcept { socket_->close(); }

}  // namespace halcyon::docker_api
