#include "docker_api/tree_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_top = "copy";  // what the first member is called until it has its name
constexpr std::uint32_t k_permissions = 0777;
constexpr std::uint64_t k_free_names = 1024;  // beside one for each 512 bytes of the limit

/// Takes off what says nothing: "./" and "/" at the front, "/." at the end.
std::string_view plain_name(std::string_view name) {
  for (;;) {
    if (name.starts_with("./")) {
      name.remove_prefix(2);
    } else if (name.starts_with('/')) {
      name.remove_prefix(1);
    } else {
      break;
    }
  }
  while (name.ends_with('/')) name.remove_suffix(1);
  return name == "." ? "" : name;
}

/// True if each part of a relative path is the name of something: neither empty nor "." nor "..".
bool has_plain_parts(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return false;
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

std::array<timespec, 2> times_of(const timespec& modified_at) {
  return {timespec{0, UTIME_OMIT}, modified_at};
}

}  // namespace

TreeWriter::TreeWriter(std::string target, TreeWriterSettings settings)
    : target_(std::move(target)), settings_(settings) {
  while (target_.size() > 1 && target_.ends_with('/')) target_.pop_back();
  const fs::path path(target_);
  const std::string name = path.filename().string();
  if (name.empty() || name == "." || name == "..") fail("the path does not end with a name", EINVAL);
  parent_ = path.has_parent_path() ? path.parent_path().string() : ".";
  temporary_ = parent_ + "/.halcyon-copy-XXXXXX";
  if (::mkdtemp(temporary_.data()) == nullptr) {
    const int number = errno;
    temporary_.clear();
    fail(fmt::format("cannot make a directory in {}", parent_), number);
  }
  root_.reset(::open(temporary_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root_.is_open()) fail("cannot open " + temporary_, errno);
}

TreeWriter::~TreeWriter() {
  if (temporary_.empty()) return;
  // A directory of the archive may have got a mode that lets nobody remove what is in it.
  for (const Directory& directory : directories_) {
    const int failed = ::fchmodat(root_.get(), directory.path.c_str(), S_IRWXU, AT_SYMLINK_NOFOLLOW);
    static_cast<void>(failed);  // then removing says so, and there is nobody to tell
  }
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
}

void TreeWriter::refuse(std::string why) const {
  throw Error({.kind = ErrorKind::protocol,
               .endpoint = fmt::format("copy to \"{}\"", target_),
               .explanation = member_name_.empty()
                                  ? std::move(why)
                                  : fmt::format("\"{}\" in the archive {}", member_name_, why)});
}

void TreeWriter::fail(const std::string& what, int number) const {
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = fmt::format("copy to \"{}\"", target_),
               .explanation = fmt::format("{}: {}", what, std::strerror(number))});
}

/// Where a member belongs, below the temporary directory.
std::string TreeWriter::place_of(const std::string& name) {
  const std::string_view plain = plain_name(name);
  if (!plain.empty() && !has_plain_parts(plain)) refuse("leaves the directory that it is copied to");
  if (!top_) {
    top_ = std::string(plain);
    return k_top;
  }
  if (plain == *top_) return k_top;
  const std::string above = top_->empty() ? "" : *top_ + '/';
  if (!top_is_directory_ || !plain.starts_with(above)) refuse("is not below what was asked for");
  return std::string(k_top) + '/' + std::string(plain.substr(above.size()));
}

/// Opens the directory that holds `path`, part by part: a link on the way is not followed.
TreeWriter::Place TreeWriter::open_parent(const std::string& path) const {
  FileDescriptor parent(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
  std::string_view rest = path;
  while (parent.is_open()) {
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return {std::move(parent), std::string(rest)};
    const std::string part(rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
    const int next = ::openat(parent.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0 && (errno == ELOOP || errno == ENOTDIR || errno == ENOENT))
      refuse("lies below something that is no directory");
    parent.reset(next);
  }
  fail("cannot open a directory", errno);
}

/// A name alone costs an inode and memory: an archive of names must end, too.
void TreeWriter::take_into_account(const TarMember& member) {
  if (!settings_.limit_bytes) return;
  if (member.size_bytes > *settings_.limit_bytes - bytes_)
    refuse(fmt::format("does not fit into the limit of {} bytes for all files", *settings_.limit_bytes));
  if (++members_ > k_free_names + *settings_.limit_bytes / k_tar_block_bytes)
    refuse(fmt::format("is one name too many for the limit of {} bytes", *settings_.limit_bytes));
}

void TreeWriter::begin(const TarMember& member) {
  member_name_ = member.name;
  take_into_account(member);
  const bool is_first = !top_;
  const std::string path = place_of(member.name);
  if (is_first) top_is_directory_ = member.type == TarType::directory;
  switch (member.type) {
    case TarType::directory:
      return make_directory(member, path);
    case TarType::file:
      return make_file(member, path);
    case TarType::symbolic_link:
      return make_symbolic_link(member, path);
    case TarType::hard_link:
      return make_hard_link(member, path);
    default:
      refuse("is a device or a pipe, and those are not copied");
  }
}

void TreeWriter::make_directory(const TarMember& member, const std::string& path) {
  const Place place = open_parent(path);
  if (::mkdirat(place.parent.get(), place.name.c_str(), S_IRWXU) != 0) {
    if (errno == EEXIST) refuse("is there twice");
    fail("cannot make directory " + member.name, errno);
  }
  directories_.push_back({path, member.mode & k_permissions, member.modified_at});
}

void TreeWriter::make_file(const TarMember& member, const std::string& path) {
  bytes_ += member.size_bytes;
  const Place place = open_parent(path);
  file_.reset(::openat(place.parent.get(), place.name.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file_.is_open()) {
    if (errno == EEXIST) refuse("is there twice");
    fail("cannot make file " + member.name, errno);
  }
  file_member_ = member;
  ++files_;
}

void TreeWriter::make_symbolic_link(const TarMember& member, const std::string& path) {
  const Place place = open_parent(path);
  if (::symlinkat(member.link_target.c_str(), place.parent.get(), place.name.c_str()) == 0) return;
  if (errno == EEXIST) refuse("is there twice");
  fail("cannot make link " + member.name, errno);
}

void TreeWriter::make_hard_link(const TarMember& member, const std::string& path) {
  const Place from = open_parent(place_of(member.link_target));
  const Place place = open_parent(path);
  if (::linkat(from.parent.get(), from.name.c_str(), place.parent.get(), place.name.c_str(), 0) == 0) return;
  if (errno == EEXIST) refuse("is there twice");
  if (errno == ENOENT || errno == EPERM) refuse("is a link to something that is not there");
  fail("cannot make link " + member.name, errno);
}

void TreeWriter::contents(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write " + member_name_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void TreeWriter::end() {
  if (!file_.is_open()) return;
  if (::fchmod(file_.get(), file_member_.mode & k_permissions) != 0) fail("cannot set a mode", errno);
  ::futimens(file_.get(), times_of(file_member_.modified_at).data());
  if (settings_.durable && !top_is_directory_ && ::fsync(file_.get()) != 0)
    fail("cannot bring the file to the disk", errno);
  file_.reset();
}

/// The innermost first, because changing what is in a directory changes its time.
void TreeWriter::settle_directories() {
  for (auto directory = directories_.rbegin(); directory != directories_.rend(); ++directory) {
    const char* const path = directory->path.c_str();
    ::utimensat(root_.get(), path, times_of(directory->modified_at).data(), AT_SYMLINK_NOFOLLOW);
    if (directory->path == k_top) continue;  // moving it needs a mode that lets us
    if (::fchmodat(root_.get(), path, directory->mode, 0) != 0) fail("cannot set a mode", errno);
  }
}

void TreeWriter::move_into_place() {
  const unsigned flags = top_is_directory_ ? RENAME_NOREPLACE : 0;
  if (::renameat2(root_.get(), k_top, AT_FDCWD, target_.c_str(), flags) == 0) return;
  fail(errno == EEXIST ? "there is something of that name, and a directory takes no one's place"
                       : "cannot give the copy its name",
       errno);
}

void TreeWriter::finish() {
  member_name_.clear();
  if (!top_) refuse("the archive is empty");
  settle_directories();
  if (settings_.durable && top_is_directory_ && ::syncfs(root_.get()) != 0)
    fail("cannot bring the files to the disk", errno);
  FileDescriptor top;
  if (top_is_directory_) top.reset(::openat(root_.get(), k_top, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  move_into_place();
  if (top.is_open()) ::fchmod(top.get(), directories_.front().mode);
  directories_.clear();
  if (!settings_.durable) return;
  const FileDescriptor parent(::open(parent_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent.is_open() || ::fsync(parent.get()) != 0) fail("cannot bring the name to the disk", errno);
}

}  // namespace halcyon::docker_api
