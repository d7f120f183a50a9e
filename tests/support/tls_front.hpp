// A TLS server in front of a plain one: what a client says over TLS reaches the plain server, and back.
#pragma once

#include <memory>
#include <string>

#include "docker_api/engine_address.hpp"

namespace halcyon::test_support {

/// A certificate authority, a server's certificate for "localhost" and 127.0.0.1, and a client's; PEM files
/// in one directory, made anew and valid for an hour. Also an authority that nobody here knows.
struct Certificates {
  explicit Certificates(const std::string& directory);
  std::string ca;
  std::string other_ca;
  std::string server_certificate;
  std::string server_key;
  std::string client_certificate;
  std::string client_key;
};

enum class TlsVersion { tls12, tls13 };

struct TlsFrontSettings {
  TlsVersion version = TlsVersion::tls13;
  bool wants_client_certificate = false;
  bool ends_without_notice = false;  ///< closes the socket without TLS's close_notify
};

/// Owns: a listener on loopback and a thread for each connection, all ended and joined by the destructor. The
/// end of either side's writing is passed on as what it is: close_notify here, a half-closed socket there.
class TlsFront {
 public:
  TlsFront(const Certificates& certificates, docker_api::EngineAddress plain, TlsFrontSettings settings = {});
  ~TlsFront();
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;

  std::uint16_t port() const noexcept;
  /// The name that a client has asked for last (SNI); empty if none has.
  std::string server_name() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace halcyon::test_support
