// The only writer of bytes that must survive: everything else goes through these functions.
//
// Recipe: temp file in the same directory, write, fsync, rename, fsync of the directory. A name either holds
// the old bytes or the new ones, never a part of either, also after kill -9 and power loss. Source: fsync(2);
// third_party_docs/linux_files.md.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::backup {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept;

 private:
  int fd_ = -1;
};

/// Replaces or creates `path` with `content`, all or nothing.
///
/// Errors: no_space, failed: the old content stands, no temporary file is left. not_synced: unknown which of
/// the two is
///         on disk.
void replace_file(const std::string& path, std::string_view content, mode_t mode);

/// Creates `path`; false if it exists already, whatever it holds. Durable when it returns true.
bool create_file(const std::string& path, std::string_view content, mode_t mode);

/// Removes `path` durably; false if there was none.
bool remove_file(const std::string& path);

/// Makes `path` a symbolic link to `target`, replacing a link that is there. Errors: refused if it is not a
/// link.
void replace_link(const std::string& path, const std::string& target);

/// Creates the directory if it is absent and gives it exactly `mode`, durably.
///
/// Errors: refused if it is something else, or belongs to another user than root and ourselves.
void ensure_directory(const std::string& path, mode_t mode);
/// Creates missing parents with `mode`; existing ones keep theirs.
void ensure_parents(const std::string& path, mode_t mode);

/// The whole file; nothing if it does not exist. Errors: failed; refused over `limit_bytes`.
std::optional<std::string> read_file(const std::string& path,
                                     std::uint64_t limit_bytes = std::uint64_t{64} << 20);

/// The same as it is on the disk: what only the page cache holds is brought there first, and what a failed
/// fsync has left in the cache does not count.
///
/// Errors: as read_file(); not_synced if what the cache holds cannot be brought to the disk.
std::optional<std::string> read_file_from_disk(const std::string& path,
                                               std::uint64_t limit_bytes = std::uint64_t{64} << 20);

/// True for the name, without directory, of a temporary file of ours.
bool is_temporary_name(std::string_view name);

/// Removes temporary files that a killed process left in `directory`: all of them, or those of the file
/// `name` in a directory that is not ours alone. To be called under the lock.
void remove_stale_temporaries(const std::string& directory, std::string_view name = {});

/// A file that only grows; each append is one write.
class AppendFile {
 public:
  /// Opens or creates it; cuts off everything after `valid_bytes`.
  AppendFile(std::string path, std::uint64_t valid_bytes, mode_t mode);

  /// Reserves room, so that the next `bytes` of appends cannot fail for lack of space (not on copy-on-write
  /// systems).
  void reserve(std::uint64_t bytes);
  /// Writes all of `bytes`. Errors: no_space, failed; the file then ends where it ended before.
  void append(std::string_view bytes);
  /// Makes everything appended durable. Errors: not_synced; the object refuses every later call.
  void sync();

 private:
  std::string path_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
  bool dirty_ = false;
  bool failed_ = false;
};

}  // namespace halcyon::backup
