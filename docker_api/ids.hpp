// Distinct types for the engine's identifiers, so that a name cannot be passed where an image is meant.
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace halcyon::docker_api {

/// Holds one identifier of the kind `Tag`; compares by text; never interpreted.
template <class Tag>
struct Id {
  std::string value;

  Id() = default;
  /// Takes the engine's text as it is.
  explicit Id(std::string text) : value(std::move(text)) {}

  /// True for no id; nothing is sent for one.
  bool empty() const noexcept { return value.empty(); }
  auto operator<=>(const Id&) const = default;
};

/// A container's 64-digit id, or its name: the engine takes both in the same place.
using ContainerId = Id<struct ContainerTag>;
/// An image's content id, `sha256:<64 hex digits>`: never moves, unlike a tag.
using ImageId = Id<struct ImageTag>;
/// A manifest's digest in a registry, `sha256:<64 hex digits>`: what a pull is pinned to.
using Digest = Id<struct DigestTag>;
/// A network's id or name.
using NetworkId = Id<struct NetworkTag>;
/// A volume has no id besides its name.
using VolumeName = Id<struct VolumeTag>;
/// Objects of a swarm; the engine takes names and unique starts of ids in the same place.
using NodeId = Id<struct NodeTag>;
/// A service's id or name.
using ServiceId = Id<struct ServiceTag>;
/// A task's id.
using TaskId = Id<struct TaskTag>;
/// A swarm secret's id or name.
using SecretId = Id<struct SecretTag>;
/// A swarm config's id or name.
using ConfigId = Id<struct ConfigTag>;

}  // namespace halcyon::docker_api
