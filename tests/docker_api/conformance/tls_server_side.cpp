#include "tests/docker_api/conformance/tls_server_side.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <stdexcept>

namespace halcyon::docker_api {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("TLS of the test's server: ") + what);
}

}  // namespace

TlsServerContext::TlsServerContext(const test_support::Certificates& certificates,
                                   test_support::TlsVersion version)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  const int number = version == test_support::TlsVersion::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX_set_min_proto_version(context_.get(), number);
  SSL_CTX_set_max_proto_version(context_.get(), number);
  check(SSL_CTX_use_certificate_chain_file(context_.get(), certificates.server_certificate.c_str()) == 1,
        "certificate");
  check(SSL_CTX_use_PrivateKey_file(context_.get(), certificates.server_key.c_str(), SSL_FILETYPE_PEM) == 1,
        "key");
}

TlsServerSide::TlsServerSide(const TlsServerContext& context) : ssl_(SSL_new(context.get()), SSL_free) {
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);  // empty means "not yet"
  SSL_set_bio(ssl_.get(), in, out);
  SSL_set_accept_state(ssl_.get());
}

std::string TlsServerSide::decrypt(std::string_view from_client) {
  BIO_write(SSL_get_rbio(ssl_.get()), from_client.data(), static_cast<int>(from_client.size()));
  std::string plain;
  std::array<char, 16384> buffer{};
  for (;;) {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int done = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &bytes);
    if (done != 1) {
      ended_ = ended_ || SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ;
      return plain;
    }
    plain.append(buffer.data(), bytes);
  }
}

std::string TlsServerSide::encrypt(std::string_view plain) {
  // Whoever speaks on after our close_notify gets no answer, as from a plain socket that has been shut down.
  if ((SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return {};
  ERR_clear_error();
  std::size_t bytes = 0;
  if (!plain.empty() && SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &bytes) != 1) {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    check(false, reason == nullptr ? "write" : reason);
  }
  return take_output();
}

std::string TlsServerSide::take_output() {
  BIO* const bio = SSL_get_wbio(ssl_.get());
  std::string output(BIO_ctrl_pending(bio), '\0');
  std::size_t taken = 0;
  if (!output.empty()) BIO_read_ex(bio, output.data(), output.size(), &taken);
  return output;
}

std::string TlsServerSide::end() {
  SSL_shutdown(ssl_.get());
  return take_output();
}

}  // namespace halcyon::docker_api
