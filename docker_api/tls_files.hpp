// Where the certificates for an engine lie.
#pragma once

#include <string>

namespace halcyon::docker_api {

/// Paths of PEM files; the files are read by whoever connects.
struct TlsFiles {
  std::string ca;    ///< empty: the system's authorities
  std::string cert;  ///< ours; empty together with `key`: we show none
  std::string key;   ///< for `cert`, not encrypted
  bool verify =
      true;  ///< false: any certificate and name of the engine is taken (insecure, but what was asked)

  bool operator==(const TlsFiles&) const = default;
};

}  // namespace halcyon::docker_api
