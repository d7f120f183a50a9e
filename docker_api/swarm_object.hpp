// What nodes, services, tasks, secrets and configs have in common.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace halcyon::docker_api {

/// The members that a node, a service, a task, a secret and a config share; the types of each add to it.
struct SwarmObject {
  std::string name;  ///< from the spec
  /// Goes into every change: the change is refused if somebody else was faster.
  std::uint64_t version = 0;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> created_at;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> updated_at;
  std::map<std::string, std::string> labels;
  std::string spec_json;  ///< the spec as the engine wrote it: change it and send it back
  std::string raw_json;   ///< the whole object, for fields that have no member here
};

}  // namespace halcyon::docker_api
