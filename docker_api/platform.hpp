// The platform that an image is for.
#pragma once

#include <string>

namespace halcyon::docker_api {

/// An OCI platform. Two encodings exist (G29): text "linux/arm/v7" for pull, create, build and import; a JSON
/// object for push, history, load, save, inspect and remove.
struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  std::string os_version;

  bool operator==(const Platform&) const = default;
};

/// "linux/arm/v7".
std::string to_string(const Platform& platform);
/// {"os":"linux","architecture":"arm","variant":"v7"}. Errors: invalid_argument without os or architecture.
std::string platform_json(const Platform& platform);

}  // namespace halcyon::docker_api
