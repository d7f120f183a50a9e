// How to speak TLS with a peer.
#pragma once

#include <string>

namespace halcyon::docker_api {

/// Files are PEM. An empty value leaves the choice to us.
struct TlsSettings {
  std::string ca_file;           ///< who may have signed the peer's certificate; empty: the system's store
  std::string certificate_file;  ///< our own certificate and its chain; empty: we show none
  std::string key_file;          ///< its private key
  bool verify = true;            ///< false: anybody may answer, which is as good as no TLS at all
  std::string server_name;       ///< what the certificate must be for; empty: the address's host
  bool operator==(const TlsSettings&) const = default;
};

}  // namespace halcyon::docker_api
