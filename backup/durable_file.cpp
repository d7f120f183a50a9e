#include "backup/durable_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "backup/error.hpp"

namespace halcyon::backup {
namespace {

constexpr std::string_view k_temporary_marker = ".halcyon-tmp.";

[[noreturn]] void fail(std::string_view call, const std::string& path, int error_number) {
  const bool no_space = error_number == ENOSPC || error_number == EDQUOT;
  throw Error(
      no_space ? ErrorKind::no_space : ErrorKind::failed, error_number,
      fmt::format("cannot {} {}: {}{}", call, path, std::strerror(error_number),
                  no_space                 ? "; free space on that file system and try again"
                  : error_number == EACCES ? fmt::format("; this runs as user {}: run it as root, or as "
                                                         "the user that this belongs to",
                                                         ::geteuid())
                                           : ""));
}

[[noreturn]] void fail_sync(std::string_view call, const std::string& path, int error_number) {
  throw Error(
      ErrorKind::not_synced, error_number,
      fmt::format("{} of {} failed: {}; nobody can say what is on the disk now (dmesg tells of the disk)",
                  call, path, std::strerror(error_number)));
}

/// The call's result, made again as long as a signal interrupts it.
template <class Call>
auto repeat(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void sync_directory(const std::string& directory) {
  const FileDescriptor fd(
      repeat([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) fail("open directory", directory, errno);
  if (::fsync(fd.get()) != 0) fail_sync("fsync", directory, errno);
}

/// Returns 0 or the error number of the write that failed.
int write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// What the names of a file's temporaries begin with.
std::string temporary_prefix(std::string_view name) { return fmt::format(".{}{}", name, k_temporary_marker); }

std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> sequence{0};
  const auto slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  return fmt::format("{}/{}{}.{}", parent_of(path), temporary_prefix(name), ::getpid(), ++sequence);
}

/// A new file with `content`, synced and closed; the caller renames or links it.
void write_new_file(const std::string& path, std::string_view content, mode_t mode) {
  FileDescriptor fd(repeat(
      [&] { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600); }));
  if (!fd) fail("create", path, errno);
  int error_number = write_all(fd.get(), content);
  // The mode is given now, before the name is: nobody may see the content with a wrong mode.
  if (error_number == 0 && ::fchmod(fd.get(), mode) != 0) error_number = errno;
  if (error_number != 0) {
    ::unlink(path.c_str());
    fail("write", path, error_number);
  }
  if (::fsync(fd.get()) != 0) {
    error_number = errno;
    ::unlink(path.c_str());
    if (error_number == ENOSPC || error_number == EDQUOT) fail("write", path, error_number);
    fail_sync("fsync", path, error_number);
  }
  // Not retried: on Linux the descriptor is gone whatever close says. The content is on the disk by now, so
  // that a signal does not matter.
  if (::close(fd.release()) != 0 && errno != EINTR) {
    error_number = errno;
    ::unlink(path.c_str());
    fail_sync("close", path, error_number);
  }
}

/// No descriptor if there is no such file.
FileDescriptor open_to_read(const std::string& path) {
  FileDescriptor fd(repeat([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (!fd && errno != ENOENT) fail("open", path, errno);
  return fd;
}

std::string read_all(int fd, const std::string& path, std::uint64_t limit_bytes) {
  std::string content;
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0) {
      if (errno == EINTR) continue;
      fail("read", path, errno);
    }
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > limit_bytes) {
      throw Error(ErrorKind::refused, EFBIG, fmt::format("cannot read {}: over {} bytes", path, limit_bytes));
    }
  }
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int FileDescriptor::release() noexcept { return std::exchange(fd_, -1); }

void replace_file(const std::string& path, std::string_view content, mode_t mode) {
  const std::string temporary = temporary_name(path);
  write_new_file(temporary, content, mode);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error_number = errno;
    ::unlink(temporary.c_str());
    fail("rename a new file to", path, error_number);
  }
  sync_directory(parent_of(path));
}

bool create_file(const std::string& path, std::string_view content, mode_t mode) {
  if (::access(path.c_str(), F_OK) == 0) return false;  // also on a full disk
  const std::string temporary = temporary_name(path);
  write_new_file(temporary, content, mode);
  // link(2) refuses an existing name, so content and name appear together or not at all.
  const int linked = ::link(temporary.c_str(), path.c_str());
  const int error_number = errno;
  ::unlink(temporary.c_str());
  if (linked != 0) {
    if (error_number == EEXIST) return false;
    fail("create", path, error_number);
  }
  sync_directory(parent_of(path));
  return true;
}

bool remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return false;
    fail("remove", path, errno);
  }
  sync_directory(parent_of(path));
  return true;
}

void replace_link(const std::string& path, const std::string& target) {
  struct stat existing {};
  if (::lstat(path.c_str(), &existing) == 0 && !S_ISLNK(existing.st_mode)) {
    throw Error(
        ErrorKind::refused, EEXIST,
        fmt::format("cannot make {} a link to {}: a file of that name is there and is not ours; move it away",
                    path, target));
  }
  const std::string temporary = temporary_name(path);
  if (::symlink(target.c_str(), temporary.c_str()) != 0) fail("create link", temporary, errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error_number = errno;
    ::unlink(temporary.c_str());
    fail("rename a new link to", path, error_number);
  }
  sync_directory(parent_of(path));
}

void ensure_directory(const std::string& path, mode_t mode) {
  const bool created = ::mkdir(path.c_str(), mode) == 0;
  if (!created && errno != EEXIST) fail("create directory", path, errno);
  const FileDescriptor fd(
      repeat([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW); }));
  if (!fd) {
    throw Error(
        ErrorKind::refused, errno,
        fmt::format("cannot use {} as a directory: {}; it must be a plain directory, not a link or a file",
                    path, std::strerror(errno)));
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) fail("look at", path, errno);
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    throw Error(ErrorKind::refused, EPERM,
                fmt::format("cannot trust directory {}: it belongs to user {}; chown it to root", path,
                            status.st_uid));
  }
  if ((status.st_mode & 07777) != mode && ::fchmod(fd.get(), mode) != 0) fail("set the mode of", path, errno);
  if (created) {
    if (::fsync(fd.get()) != 0) fail_sync("fsync", path, errno);
    sync_directory(parent_of(path));
  }
}

void ensure_parents(const std::string& path, mode_t mode) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    struct stat status {};
    if (::stat(parent.c_str(), &status) != 0) ensure_directory(parent, mode);
  }
}

std::optional<std::string> read_file(const std::string& path, std::uint64_t limit_bytes) {
  const FileDescriptor fd = open_to_read(path);
  return fd ? std::optional(read_all(fd.get(), path, limit_bytes)) : std::nullopt;
}

std::optional<std::string> read_file_from_disk(const std::string& path, std::uint64_t limit_bytes) {
  const FileDescriptor fd = open_to_read(path);
  if (!fd) return std::nullopt;
  if (repeat([&] { return ::fdatasync(fd.get()); }) != 0) fail_sync("fdatasync", path, errno);
  // Only clean pages are dropped, and now all of them are: those, too, that a failed fsync has marked so.
  const int refused = ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  if (refused != 0) fail("drop the cached pages of", path, refused);
  return read_all(fd.get(), path, limit_bytes);
}

bool is_temporary_name(std::string_view name) {
  return name.starts_with('.') && name.find(k_temporary_marker) != std::string_view::npos;
}

void remove_stale_temporaries(const std::string& directory, std::string_view name) {
  const std::string beginning = name.empty() ? "." : temporary_prefix(name);
  DIR* const stream = ::opendir(directory.c_str());
  if (stream == nullptr) return;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view found = entry->d_name;
    if (found.starts_with(beginning) && is_temporary_name(found)) {
      ::unlinkat(::dirfd(stream), entry->d_name, 0);
    }
  }
  ::closedir(stream);
}

AppendFile::AppendFile(std::string path, std::uint64_t valid_bytes, mode_t mode) : path_(std::move(path)) {
  file_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file_) fail("open", path_, errno);
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) fail("look at", path_, errno);
  size_ = valid_bytes;
  if (static_cast<std::uint64_t>(status.st_size) != valid_bytes) {
    if (repeat([&] { return ::ftruncate(file_.get(), static_cast<off_t>(valid_bytes)); }) != 0)
      fail("cut the torn end of", path_, errno);
    dirty_ = true;
  }
  if (status.st_size > 0) return;
  // New, or its maker was killed before the name was on the disk.
  if (::fchmod(file_.get(), mode) != 0) fail("set the mode of", path_, errno);
  sync_directory(parent_of(path_));
}

void AppendFile::reserve(std::uint64_t bytes) {
  const int result = repeat([&] {
    return ::fallocate(file_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(size_),
                       static_cast<off_t>(bytes));
  });
  if (result != 0 && errno != EOPNOTSUPP) fail("reserve space for", path_, errno);
}

void AppendFile::append(std::string_view bytes) {
  if (failed_) fail_sync("an earlier write", path_, EIO);
  const int error_number = write_all(file_.get(), bytes);
  if (error_number != 0) {
    // A part of a record must not stay: what is appended next would stand behind a hole.
    if (repeat([&] { return ::ftruncate(file_.get(), static_cast<off_t>(size_)); }) != 0) failed_ = true;
    fail("append to", path_, error_number);
  }
  size_ += bytes.size();
  dirty_ = true;
}

void AppendFile::sync() {
  if (failed_) fail_sync("an earlier write", path_, EIO);
  if (!dirty_) return;
  if (::fdatasync(file_.get()) != 0) {
    failed_ = true;
    fail_sync("fdatasync", path_, errno);
  }
  dirty_ = false;
}

}  // namespace halcyon::backup
