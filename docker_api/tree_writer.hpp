// Unpacks an archive from a container beside a path of this machine and moves it there when it is whole.
// Private to docker_api.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/file_descriptor.hpp"
#include "docker_api/tar_reader.hpp"

namespace halcyon::docker_api {

struct TreeWriterSettings {
  std::optional<std::uint64_t> limit_bytes;  ///< of all contents together
  bool durable = false;                      ///< on the disk before the final name is there
};

/// Believes nothing that the archive says: every member must lie below the first one, no directory on the way
/// to it may be a link, nothing is written twice, and no set-user-id bit is taken over.
///
/// Errors: protocol for an archive that breaks these rules, or is over the limit; invalid_argument for what
/// this
///         machine's file system refuses.
/// Owns:   a directory `.halcyon-copy-XXXXXX` beside the target, removed at the end, whatever happens.
class TreeWriter final : public TarSink {
 public:
  TreeWriter(std::string target, TreeWriterSettings settings);
  TreeWriter(const TreeWriter&) = delete;
  TreeWriter& operator=(const TreeWriter&) = delete;
  ~TreeWriter() override;

  void begin(const TarMember& member) override;
  void contents(std::string_view bytes) override;
  void end() override;

  /// Gives the tree its final modes and its name. A file or link takes the place of a file or link; a
  /// directory needs a free name.
  void finish();

  std::uint64_t files() const noexcept { return files_; }
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  /// A directory gets its mode at the end: until then we must be able to write into it.
  struct Directory {
    std::string path;  // below the temporary directory
    std::uint32_t mode = 0;
    timespec modified_at{};
  };
  struct Place {
    FileDescriptor parent;
    std::string name;
  };

  void take_into_account(const TarMember& member);
  std::string place_of(const std::string& name);
  Place open_parent(const std::string& path) const;
  void make_directory(const TarMember& member, const std::string& path);
  void make_file(const TarMember& member, const std::string& path);
  void make_symbolic_link(const TarMember& member, const std::string& path);
  void make_hard_link(const TarMember& member, const std::string& path);
  void settle_directories();
  void move_into_place();
  [[noreturn]] void refuse(std::string why) const;
  [[noreturn]] void fail(const std::string& what, int number) const;

  std::string target_;
  std::string parent_;
  TreeWriterSettings settings_;
  std::string temporary_;
  FileDescriptor root_;
  std::optional<std::string> top_;  // the first member's name in the archive
  bool top_is_directory_ = false;
  std::string member_name_;  // at hand, for messages
  FileDescriptor file_;
  TarMember file_member_;
  std::vector<Directory> directories_;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t members_ = 0;
};

}  // namespace halcyon::docker_api
