#include "tests/support/tls_front.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace halcyon::test_support {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long k_valid_seconds = 3600;

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("test certificates: ") + what);
}

Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void add_extension(X509* certificate, int kind, const char* value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
  check(extension != nullptr, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// `issuer` null: signs itself, and may sign others.
Certificate make_certificate(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  static long serial = 1;
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), k_valid_seconds);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1,
                             -1, 0);
  X509_set_issuer_name(certificate.get(), issuer == nullptr ? subject : X509_get_subject_name(issuer));
  X509_set_pubkey(certificate.get(), key);
  if (issuer == nullptr) {
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(certificate.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  }
  check(X509_sign(certificate.get(), issuer == nullptr ? key : issuer_key, EVP_sha256()) > 0, "sign");
  return certificate;
}

template <class Write>
std::string write_pem(const std::string& path, Write write) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  check(file != nullptr, path.c_str());
  write(file);
  std::fclose(file);
  return path;
}

std::string write_certificate(const std::string& path, X509* certificate) {
  return write_pem(path, [&](std::FILE* file) { PEM_write_X509(file, certificate); });
}

std::string write_key(const std::string& path, EVP_PKEY* key) {
  return write_pem(
      path, [&](std::FILE* file) { PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

int connect_plain(const docker_api::EngineAddress& address) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::get<docker_api::UnixAddress>(address).path.copy(where.sun_path, sizeof where.sun_path - 1);
  check(::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0, "connect");
  return fd;
}

bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t bytes = ::send(fd, data, size, MSG_NOSIGNAL);
    if (bytes <= 0) return false;
    data += bytes;
    size -= static_cast<std::size_t>(bytes);
  }
  return true;
}

}  // namespace

Certificates::Certificates(const std::string& directory) {
  const Key ca_key = make_key();
  const Key other_key = make_key();
  const Key server = make_key();
  const Key client = make_key();
  const Certificate authority = make_certificate("test authority", ca_key.get(), nullptr, nullptr);
  ca = write_certificate(directory + "/ca.pem", authority.get());
  other_ca = write_certificate(directory + "/other-ca.pem",
                               make_certificate("another", other_key.get(), nullptr, nullptr).get());
  server_certificate =
      write_certificate(directory + "/server.pem",
                        make_certificate("server", server.get(), authority.get(), ca_key.get()).get());
  server_key = write_key(directory + "/server-key.pem", server.get());
  client_certificate = write_certificate(
      directory + "/cert.pem", make_certificate("client", client.get(), authority.get(), ca_key.get()).get());
  client_key = write_key(directory + "/key.pem", client.get());
}

struct TlsFront::State {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  docker_api::EngineAddress plain;
  TlsFrontSettings settings;
  int listener = -1;
  int stop = ::eventfd(0, EFD_CLOEXEC);  // readable once the front is being destroyed
  std::uint16_t port = 0;
  std::mutex mutex;
  std::string server_name;
  std::vector<std::thread> threads;
  std::thread acceptor;

  bool is_stopping() const {
    pollfd entry{stop, POLLIN, 0};
    return ::poll(&entry, 1, 0) > 0;
  }
  void accept_loop();
  void serve(int fd);
  void relay(SSL* ssl, int tls, int plain_fd);
};

/// Both directions on one thread: OpenSSL's objects are not for two.
void TlsFront::State::relay(SSL* ssl, int tls, int plain_fd) {
  std::array<char, 16384> buffer{};
  bool from_client = true;
  bool from_server = true;
  while (from_client || from_server) {
    std::array<pollfd, 3> entries{
        {{from_client ? tls : -1, POLLIN, 0}, {from_server ? plain_fd : -1, POLLIN, 0}, {stop, POLLIN, 0}}};
    if (SSL_pending(ssl) == 0) ::poll(entries.data(), entries.size(), -1);
    if (is_stopping()) return;
    if (from_client && (SSL_pending(ssl) > 0 || entries[0].revents != 0)) {
      const int bytes = SSL_read(ssl, buffer.data(), buffer.size());
      if (bytes > 0) {
        if (!write_all(plain_fd, buffer.data(), static_cast<std::size_t>(bytes))) return;
      } else {
        if (SSL_get_error(ssl, bytes) != SSL_ERROR_ZERO_RETURN) return;
        from_client = false;
        ::shutdown(plain_fd, SHUT_WR);
      }
    }
    if (from_server && entries[1].revents != 0) {
      const ssize_t bytes = ::recv(plain_fd, buffer.data(), buffer.size(), 0);
      if (bytes > 0) {
        if (SSL_write(ssl, buffer.data(), static_cast<int>(bytes)) <= 0) return;
      } else {
        from_server = false;
        if (settings.ends_without_notice) return;
        SSL_shutdown(ssl);
      }
    }
  }
}

void TlsFront::State::serve(int fd) {
  const std::shared_ptr<SSL> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), fd);
  if (SSL_accept(ssl.get()) == 1) {
    if (const char* const name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name)) {
      const std::lock_guard lock(mutex);
      server_name = name;
    }
    const int plain_fd = connect_plain(plain);
    relay(ssl.get(), fd, plain_fd);
    ::close(plain_fd);
  }
  ERR_clear_error();
  ::close(fd);
}

void TlsFront::State::accept_loop() {
  for (;;) {
    std::array<pollfd, 2> entries{{{listener, POLLIN, 0}, {stop, POLLIN, 0}}};
    ::poll(entries.data(), entries.size(), -1);
    if (is_stopping()) return;
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const timeval patience{5, 0};  // a client that stops in the middle of a record must not hang the test
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::lock_guard lock(mutex);
    threads.emplace_back([this, fd] { serve(fd); });
  }
}

TlsFront::TlsFront(const Certificates& certificates, docker_api::EngineAddress plain,
                   TlsFrontSettings settings)
    : state_(std::make_unique<State>()) {
  SSL_CTX* const context = state_->context.get();
  const int version = settings.version == TlsVersion::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX_set_min_proto_version(context, version);
  SSL_CTX_set_max_proto_version(context, version);
  check(SSL_CTX_use_certificate_chain_file(context, certificates.server_certificate.c_str()) == 1,
        "certificate");
  check(SSL_CTX_use_PrivateKey_file(context, certificates.server_key.c_str(), SSL_FILETYPE_PEM) == 1, "key");
  if (settings.wants_client_certificate) {
    SSL_CTX_load_verify_locations(context, certificates.ca.c_str(), nullptr);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  state_->plain = std::move(plain);
  state_->settings = settings;
  state_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  check(::bind(state_->listener, reinterpret_cast<const sockaddr*>(&where), size) == 0, "bind");
  check(::listen(state_->listener, 16) == 0, "listen");
  ::getsockname(state_->listener, reinterpret_cast<sockaddr*>(&where), &size);
  state_->port = ntohs(where.sin_port);
  state_->acceptor = std::thread([state = state_.get()] { state->accept_loop(); });
}

TlsFront::~TlsFront() {
  ::eventfd_write(state_->stop, 1);
  state_->acceptor.join();
  for (std::thread& thread : state_->threads) thread.join();
  ::close(state_->listener);
  ::close(state_->stop);
}

std::uint16_t TlsFront::port() const noexcept { return state_->port; }

std::string TlsFront::server_name() const {
  const std::lock_guard lock(state_->mutex);
  return state_->server_name;
}

}  // namespace halcyon::test_support
