#include "orchestrator/registry_advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace halcyon::orchestrator {
namespace {

struct Words {
  std::string_view said;
  RegistryRefusal refusal;
};

constexpr std::array k_registry_words{
    Words{"toomanyrequests", RegistryRefusal::limits_requests},
    Words{"Too Many Requests", RegistryRefusal::limits_requests},
    Words{"no basic auth credentials", RegistryRefusal::wants_credentials},
    Words{"unauthorized", RegistryRefusal::wants_credentials},
    Words{"access to the resource is denied", RegistryRefusal::wants_credentials},
    Words{"manifest unknown", RegistryRefusal::has_no_such_image},
};

constexpr int k_too_many_requests = 429;

}  // namespace

RegistryRefusal judge_registry(const docker_api::Error& error) {
  if (error.http_status() == k_too_many_requests) return RegistryRefusal::limits_requests;
  if (error.kind() == docker_api::ErrorKind::unauthorized) return RegistryRefusal::wants_credentials;
  if (error.kind() == docker_api::ErrorKind::timeout) return RegistryRefusal::silent;
  const auto words = std::find_if(
      k_registry_words.begin(), k_registry_words.end(),
      [&](const Words& candidate) { return error.engine_text().find(candidate.said) != std::string::npos; });
  if (words != k_registry_words.end()) return words->refusal;
  return error.kind() == docker_api::ErrorKind::not_found ? RegistryRefusal::has_no_such_image
                                                          : RegistryRefusal::other;
}

std::string advise_on_registry(RegistryRefusal refusal, const docker_api::ImageReference& reference) {
  const std::string registry = reference.registry();
  switch (refusal) {
    case RegistryRefusal::wants_credentials:
      return fmt::format(
          "The registry wants other credentials than were found: run docker login {} as the user who runs "
          "halcyon",
          registry);
    case RegistryRefusal::limits_requests:
      return fmt::format(
          "The registry {} takes no more requests for now: wait some minutes, or run docker login {}, as "
          "many "
          "registries let users they know ask more often",
          registry, registry);
    case RegistryRefusal::has_no_such_image:
      return fmt::format(
          "The registry {} answers, but has no such image: is the name right, and was that tag pushed?",
          registry);
    case RegistryRefusal::silent:
      return fmt::format(
          "Can this host reach the registry {}? The environment's resolve_deadline and pull_idle say how "
          "long it "
          "may be silent",
          registry);
    case RegistryRefusal::other:
      break;
  }
  return fmt::format("Is {} right, can this host reach the registry {}, and is there room for the image?",
                     reference.to_string(), registry);
}

}  // namespace halcyon::orchestrator
