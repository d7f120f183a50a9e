// The immutable record of a release: what ran, pinned, with everything that is needed to start it again.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_api/ids.hpp"
#include "orchestrator/configuration.hpp"

namespace halcyon::orchestrator {

/// One web service of a release. `service` is the configuration as it was, so that a rollback brings it back
/// too: command, port, replicas, limits, values. Routes and domains are nginx's and stay as configured now.
struct ReleaseService {
  Service service;
  std::string reference;      ///< "registry.example.com/shop/web:sha-3f9c2ab", as asked for
  docker_api::Digest digest;  ///< empty if no registry knows the image
  docker_api::ImageId image;
  std::string hash;  ///< over image, configuration and environment values: equal hashes need no new container
};

struct Release {
  std::string id;          ///< "r4"
  std::string created_at;  ///< RFC 3339
  std::string actor;
  std::map<std::string, ReleaseService> services;  ///< by name

  const ReleaseService* find_service(std::string_view name) const;
};

/// Values of environment variables, in the order in which the container gets them; later ones win.
using EnvironmentValues = std::vector<std::pair<std::string, std::string>>;

/// Hash of what makes two deployments of a service the same: hex SHA-256, never reversible to the values.
std::string hash_release_service(const ReleaseService& service, const EnvironmentValues& values);

/// The record as JSON text (no environment values in it), and back.
///
/// Errors: Error needs_operator if `text` is not such a record.
std::string to_json_text(const Release& release);
Release parse_release(std::string_view text);

/// Environment values as JSON text for the file under secrets/, and back.
std::string to_json_text(const EnvironmentValues& values);
EnvironmentValues parse_environment_values(std::string_view text);

}  // namespace halcyon::orchestrator
