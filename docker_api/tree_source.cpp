#include "docker_api/tree_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "docker_api/error.hpp"
#include "docker_api/file_descriptor.hpp"
#include "docker_api/tar_header.hpp"

namespace halcyon::docker_api {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_file_piece_bytes = std::size_t{64} * 1024;

[[noreturn]] void fail_file(const std::string& path, std::string why,
                            ErrorKind kind = ErrorKind::invalid_argument) {
  throw Error({.kind = kind, .endpoint = fmt::format("file \"{}\"", path), .explanation = std::move(why)});
}

struct Planned {
  std::string path;
  TarMember member;
};

std::string read_link(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::read_symlink(path, error);
  if (error) fail_file(path, fmt::format("its target cannot be read: {}", error.message()));
  return target.string();
}

Planned plan_one(const std::string& path, const std::string& name) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    fail_file(path, fmt::format("cannot be read: {}", std::strerror(errno)));
  Planned planned{path,
                  {.name = name,
                   .mode = status.st_mode & 07777,
                   .user_id = status.st_uid,
                   .group_id = status.st_gid,
                   .modified_at = status.st_mtim}};
  if (S_ISDIR(status.st_mode)) {
    planned.member.type = TarType::directory;
  } else if (S_ISLNK(status.st_mode)) {
    planned.member.type = TarType::symbolic_link;
    planned.member.link_target = read_link(path);
  } else if (S_ISREG(status.st_mode)) {
    planned.member.size_bytes = static_cast<std::uint64_t>(status.st_size);
  } else {
    fail_file(path, "is a socket, a pipe or a device, and those are not copied");
  }
  return planned;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) fail_file(directory, fmt::format("cannot be listed: {}", error.message()));
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Planned> plan(const std::string& path, const std::string& name) {
  std::vector<Planned> members{plan_one(path, name)};
  for (std::size_t next = 0; next < members.size(); ++next) {
    if (members[next].member.type != TarType::directory) continue;
    const std::string directory = members[next].path;
    const std::string below = members[next].member.name;
    for (const std::string& entry : names_in(directory))
      members.push_back(plan_one(fmt::format("{}/{}", directory, entry), fmt::format("{}/{}", below, entry)));
  }
  return members;
}

class TreeSource final : public BodySource {
 public:
  explicit TreeSource(std::vector<Planned> members) : members_(std::move(members)) {}

  std::string_view read() override {
    piece_.clear();
    while (piece_.size() < k_file_piece_bytes && !ended_) step();
    return piece_;
  }

 private:
  void step() {
    if (file_.is_open()) return append_from_file();
    if (next_ == members_.size()) {
      piece_.append(2 * k_tar_block_bytes, '\0');
      ended_ = true;
      return;
    }
    const Planned& now = members_[next_];
    append_tar_header(piece_, now.member);
    if (now.member.type != TarType::file) {
      ++next_;
      return;
    }
    file_.reset(::open(now.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file_.is_open()) fail_file(now.path, fmt::format("cannot be opened: {}", std::strerror(errno)));
    left_bytes_ = now.member.size_bytes;
  }

  void append_from_file() {
    const Planned& now = members_[next_];
    // One byte more than announced at the end: a file that grew would be cut without a word.
    const auto wanted =
        static_cast<std::size_t>(std::clamp<std::uint64_t>(left_bytes_, 1, k_file_piece_bytes));
    const std::size_t before = piece_.size();
    piece_.resize(before + wanted);
    ssize_t got = 0;
    do {
      got = ::read(file_.get(), piece_.data() + before, wanted);
    } while (got < 0 && errno == EINTR);
    if (got < 0) fail_file(now.path, fmt::format("cannot be read: {}", std::strerror(errno)));
    piece_.resize(before + static_cast<std::size_t>(got));
    if ((left_bytes_ > 0) == (got == 0))
      fail_file(now.path, "changed its size while it was read", ErrorKind::protocol);
    if (left_bytes_ > 0) {
      left_bytes_ -= static_cast<std::uint64_t>(got);
      return;
    }
    piece_.append(padded_to_tar_block(now.member.size_bytes) - now.member.size_bytes, '\0');
    file_.reset();
    ++next_;
  }

  std::vector<Planned> members_;
  std::size_t next_ = 0;
  FileDescriptor file_;
  std::uint64_t left_bytes_ = 0;
  std::string piece_;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<BodySource> make_tree_source(const std::string& path, const std::string& name,
                                             bool keeps_ids) {
  std::vector<Planned> members = plan(path, name);
  for (Planned& planned : members) {
    if (!keeps_ids) planned.member.user_id = planned.member.group_id = 0;
  }
  return std::make_shared<TreeSource>(std::move(members));
}

}  // namespace halcyon::docker_api
