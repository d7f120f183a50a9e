// /images/{name}/attestations: what was said about an image when it was built (SBOM, provenance).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/ids.hpp"
#include "docker_api/platform.hpp"

namespace halcyon::docker_api {

class Engine;

/// One in-toto statement attached to an image. That the engine has it does not say who signed it.
struct Attestation {
  std::string predicate_type;  ///< "https://slsa.dev/provenance/v1", "https://spdx.dev/Document"
  Digest digest;               ///< of the statement
  std::string media_type;
  std::uint64_t size_bytes = 0;
  std::string statement;  ///< JSON text; empty unless asked for
};
/// Which statements to list.
struct AttestationOptions {
  std::optional<Platform> platform;          ///< nothing: the engine's own
  std::vector<std::string> predicate_types;  ///< empty: all
  bool statements = false;                   ///< their text too, which may be megabytes
};
/// Shape:  GET /images/{name}/attestations?platform=JSON&type=A,B&statement=1; API 1.55
/// Errors: not_found for the image or its platform; unsupported before API 1.55.
boost::asio::awaitable<std::vector<Attestation>> list_attestations(Engine& engine, std::string name,
                                                                   AttestationOptions options = {});

}  // namespace halcyon::docker_api
