#include "cli/image_arguments.hpp"

#include <fmt/format.h>

#include "cli/error.hpp"
#include "docker_api/image_reference.hpp"

namespace halcyon::cli {
namespace {

void check_service(const std::string& service, const std::string& word) {
  if (!orchestrator::Name::parse(service)) {
    refuse_usage(fmt::format("'{}' does not begin with the name of a service ({}); write SERVICE=TAG", word,
                             orchestrator::k_name_rule));
  }
}

void check_version(const std::string& version, const std::string& word) {
  if (docker_api::is_tag(version) || docker_api::is_digest(version)) {
    return;
  }
  const bool is_reference = version.find('/') != std::string::npos || version.find(':') != std::string::npos;
  refuse_usage(fmt::format("'{}' holds neither a tag nor a digest (sha256: and 64 hex digits); {}", word,
                           is_reference ? "write the tag alone: halcyon.toml has the repository"
                                        : "write SERVICE=TAG, or TAG for every web service"));
}

}  // namespace

orchestrator::PromoteRequest parse_images(const std::vector<std::string>& words) {
  orchestrator::PromoteRequest request;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const std::string service = equals == std::string::npos ? "" : word.substr(0, equals);
    const std::string version = equals == std::string::npos ? word : word.substr(equals + 1);
    if (equals != std::string::npos) {
      check_service(service, word);
    }
    check_version(version, word);
    if (!request.images.emplace(service, version).second) {
      refuse_usage(service.empty()
                       ? fmt::format("'{}' and '{}' are both meant for every web service; write SERVICE=TAG",
                                     request.images.at(""), version)
                       : fmt::format("the service {} is named twice; name it once", service));
    }
  }
  return request;
}

}  // namespace halcyon::cli
