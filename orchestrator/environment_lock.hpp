// One changer of an environment at a time. The kernel drops the lock with the process, so none can be left
// behind.
#pragma once

#include <optional>
#include <string>

#include "backup/durable_file.hpp"

namespace halcyon::orchestrator {

/// Who holds a lock, for people. Never used to decide anything.
struct LockHolder {
  std::string pid;
  std::string since;  ///< RFC 3339
  std::string doing;  ///< "promote web=sha-3f9c2ab"
  std::string actor;
};
/// "pid 4711 (root) since 2026-11-20T10:00:00.123Z: promote web=sha-3f9c2ab".
std::string to_string(const LockHolder& holder);

class EnvironmentLock {
 public:
  /// Takes the lock, or throws Error busy naming the holder.
  ///
  /// Errors: busy; needs_operator if the lock file cannot be opened.
  EnvironmentLock(const std::string& path, const std::string& doing, const std::string& actor);

 private:
  backup::FileDescriptor file_;
};

/// The holder, if somebody holds the lock right now. Takes no lock itself. Source: proc(5), /proc/locks.
std::optional<LockHolder> find_lock_holder(const std::string& path);

}  // namespace halcyon::orchestrator
