// Where an environment keeps its state, and the files in it that are not the journal. All writes are durable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/configuration.hpp"
#include "orchestrator/environment_state.hpp"
#include "orchestrator/release.hpp"

namespace halcyon::orchestrator {

/// Paths of one environment; existing or not.
class StateDirectory {
 public:
  explicit StateDirectory(std::string root) : root_(std::move(root)) {}

  const std::string& root() const noexcept { return root_; }
  std::string journal() const { return root_ + "/journal"; }
  std::string lock() const { return root_ + "/lock"; }
  std::string releases_log() const { return root_ + "/releases.log"; }
  std::string gate() const { return root_ + "/gate"; }
  std::string access_log() const { return root_ + "/logs/access.log"; }
  /// Names of images that this environment pulled; pulled_images.hpp.
  std::string pulled_images() const { return root_ + "/pulled_images"; }
  /// There while files were written for nginx that its configuration does not include yet.
  std::string awaiting_inclusion() const { return root_ + "/awaiting_inclusion"; }
  /// There after a failed fsync; storage_failure.hpp.
  std::string storage_failed() const { return root_ + "/storage_failed"; }
  std::string release_record(const std::string& release) const {
    return root_ + "/releases/" + release + ".json";
  }
  std::string environment_values(const std::string& release, const std::string& service) const {
    return root_ + "/secrets/" + release + "." + service + ".json";
  }
  std::string flag(const std::string& service) const { return gate() + "/slots/" + service + ".green"; }

  bool exists() const;

  /// Creates all directories with their modes and the canary that shows whether nginx can see gate/.
  ///
  /// Shape:  0711 for parents and root (nginx's workers must get through to gate/), 0700 for secrets/ and
  /// releases/,
  ///         0755 for gate/ and logs/.
  /// Errors: backup::Error; Error usage if the path is on a network file system, where neither locks nor
  /// fsync hold.
  void ensure() const;

  /// Why its file system cannot be used, and what to do; nothing if it can.
  std::optional<std::string> find_file_system_fault() const;
  /// "/var/... has mode 0755 instead of 0711", for each directory of ours that ensure() would put right.
  std::vector<std::string> find_wrong_directories() const;

  /// Errors: Error needs_operator if the record is absent or damaged.
  Release read_release(const std::string& release) const;
  void write_release(const Release& release) const;
  EnvironmentValues read_environment_values(const std::string& release, const std::string& service) const;
  void write_environment_values(const std::string& release, const std::string& service,
                                const EnvironmentValues& values) const;
  /// Removes a release's record and values; absent is fine.
  void remove_release(const std::string& release) const;

  /// The slot that the flag file means, as we see it (nginx is asked elsewhere). As for nginx, only a regular
  /// file is a flag.
  Slot read_flag(const std::string& service) const;
  void write_flag(const std::string& service, Slot slot) const;

  /// The token that makes nginx tell which slot answered; made on first use.
  std::string ensure_probe_token() const;
  /// The same if there is one that we may read.
  std::optional<std::string> find_probe_token() const;
  /// The same without writing: another one each time while there is none.
  std::string read_probe_token() const;

  /// Makes current_release, previous_release and releases.log say what the journal's state says, if they do
  /// not.
  void write_caches(const EnvironmentState& state) const;
  /// The names of those that write_caches() would write.
  std::vector<std::string> find_stale_caches(const EnvironmentState& state) const;
  /// The highest number of a promotion that releases.log tells of; 0 if it tells of none.
  std::uint64_t last_promotion_in_log() const;

 private:
  std::string root_;
};

}  // namespace halcyon::orchestrator
