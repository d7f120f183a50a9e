// One changer of an environment at a time. The kernel drops the lock with the process, so none can be left
// behind.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  /// Takes the lock of the directory in which `path` is, or throws Error busy naming the holder, whom the
  /// file `path` tells. That file may be removed at any time; the lock holds all the same.
  ///
  /// Errors: busy; needs_operator if the lock file cannot be opened.
  EnvironmentLock(const std::string& path, const std::string& doing, const std::string& actor);

 private:
  backup::FileDescriptor directory_;
  backup::FileDescriptor file_;
};

/// True if the kernel's list has an exclusive flock(2) on this inode of one of these devices. Pure.
///
/// Shape:  "1: FLOCK  ADVISORY  WRITE 4711 fd:01:131074 0 EOF"; device in hexadecimal, inode in decimal.
/// Source: proc(5), /proc/locks.
bool is_locked(std::string_view locks, std::uint64_t inode, const std::vector<dev_t>& devices);
/// The device of the file system that is mounted as `mount_id`; nothing if it is not in the list. Pure.
///
/// Source: proc(5), /proc/PID/mountinfo: id, parent, major:minor.
std::optional<dev_t> find_mount_device(std::string_view mountinfo, std::uint64_t mount_id);

/// The holder, if somebody holds the lock right now. Takes no lock itself.
std::optional<LockHolder> find_lock_holder(const std::string& path);

}  // namespace halcyon::orchestrator
