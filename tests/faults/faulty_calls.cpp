// Linked into a halcyon of its own (--wrap): any file operation of ours can be made to fail, and all of them
// can be recorded. Without HALCYON_FAULT_CONTROL nothing is different from the real program.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "tests/faults/fault_control.hpp"
#include "tests/faults/operation.hpp"

// The names are the linker's.
// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier)
extern "C" {
int __real_open(const char* path, int flags, ...);
int __real_close(int fd);
ssize_t __real_read(int fd, void* bytes, size_t count);
ssize_t __real_write(int fd, const void* bytes, size_t count);
int __real_rename(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_link(const char* from, const char* to);
int __real_symlink(const char* target, const char* path);
int __real_mkdir(const char* path, mode_t mode);
int __real_ftruncate(int fd, off_t size);
int __real_fchmod(int fd, mode_t mode);
int __real_fallocate(int fd, int mode, off_t offset, off_t size);
int __real_flock(int fd, int operation);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_kill(pid_t pid, int signal);
int __real_socket(int domain, int type, int protocol);
ssize_t __real_sendmsg(int fd, const msghdr* message, int flags);
}

namespace {

using halcyon::fault_tests::Fault;
using halcyon::fault_tests::FaultControl;
using halcyon::fault_tests::Operation;

enum class Call {
  open,
  create,
  close,
  read,
  write,
  append_reserved,
  names,
  cut,
  chmod,
  fallocate,
  flock,
  sync
};

FaultControl* control() {
  static FaultControl* const mapped = []() -> FaultControl* {
    const char* const path = std::getenv(halcyon::fault_tests::k_control_variable);
    if (path == nullptr) return nullptr;
    const int fd = __real_open(path, O_RDWR | O_CLOEXEC);
    void* const memory = ::mmap(nullptr, sizeof(FaultControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    __real_close(fd);
    if (memory == MAP_FAILED) std::abort();
    auto* const shared = static_cast<FaultControl*>(memory);
    shared->pid = ::getpid();
    return shared;
  }();
  // A child that was forked to become another program is not the program under test.
  return mapped != nullptr && mapped->pid == ::getpid() ? mapped : nullptr;
}

std::string path_of(int fd) {
  std::string path(4096, '\0');
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path.data(), path.size());
  return size < 0 ? std::string() : path.substr(0, static_cast<std::size_t>(size));
}

std::string key_of(const struct stat& status) {
  return std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
}
std::string key_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? key_of(status) : std::string();
}
std::string key_of(const char* path) {
  struct stat status {};
  return ::lstat(path, &status) == 0 ? key_of(status) : std::string();
}

bool is_on_disk(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

mode_t mode_of(const char* path) {
  struct stat status {};
  return ::lstat(path, &status) == 0 ? status.st_mode & 07777 : 0;
}

bool exists(const char* path) {
  struct stat status {};
  return ::lstat(path, &status) == 0;
}

template <std::size_t size>
void set(std::array<char, size>& text, const std::string& value) {
  std::snprintf(text.data(), text.size(), "%s", value.c_str());
}

/// What is known of the files while the program runs.
struct Seen {
  std::map<std::string, off_t> reserved;  ///< by inode: up to where there is room for certain
  std::set<std::string> failed_syncs;     ///< inodes
  std::string journal;                    ///< its inode
  bool journal_is_durable = true;
};
Seen& seen() {
  static Seen state;
  return state;
}

/// What the system could say of such a call; a full disk does not touch what was reserved.
bool can_fail_with(Call call, int error_number) {
  switch (error_number) {
    case EINTR:
      return call != Call::names && call != Call::chmod && call != Call::sync;
    case EMFILE:
      return call == Call::open || call == Call::create;
    case ENOSPC:
      return call == Call::create || call == Call::write || call == Call::names || call == Call::fallocate;
    case EROFS:
      return call != Call::open && call != Call::read && call != Call::close && call != Call::flock &&
             call != Call::sync;
    default:
      return call != Call::flock;
  }
}

bool concerns(const FaultControl& shared, Call call, const std::string& path) {
  switch (shared.fault) {
    case Fault::none:
    case Fault::death:
      return false;
    case Fault::half_write:
      return call == Call::write || call == Call::append_reserved;
    case Fault::sync_once:
      return call == Call::sync;
    case Fault::once:
      // What the kernel tells of processes lies on no disk.
      return call != Call::sync && can_fail_with(call, shared.error_number) &&
             (shared.error_number != EIO || !path.starts_with("/proc/"));
    case Fault::from_then_on:
      return can_fail_with(call, shared.error_number) &&
             (shared.error_number == EMFILE || path.starts_with(shared.root.data()));
  }
  return false;
}

/// Counts an operation; true if it is to fail.
bool is_hit(Call call, const char* name, const std::string& path) {
  FaultControl* const shared = control();
  if (shared == nullptr || !concerns(*shared, call, path)) return false;
  const std::uint64_t number = ++shared->passed;
  if (number == shared->fail_at) set(shared->place, std::string(name) + ' ' + path);
  return number == shared->fail_at || (shared->fault == Fault::from_then_on && number > shared->fail_at);
}

/// The error that the operation is to fail with; 0: none.
int injected(Call call, const char* name, const std::string& path) {
  if (!is_hit(call, name, path)) return 0;
  errno = control()->error_number;
  return errno;
}

void record(Operation operation) {
  static const int file = [] {
    const char* const path = std::getenv(halcyon::fault_tests::k_record_variable);
    return path == nullptr ? -1 : __real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }();
  if (file < 0) return;
  const int kept = errno;
  const std::string line =
      nlohmann::json(operation).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + '\n';
  if (__real_write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
  errno = kept;
}

/// A point where the process can be killed.
void may_die(const char* name, const std::string& path) {
  FaultControl* const shared = control();
  if (shared == nullptr || shared->fault != Fault::death || ++shared->passed != shared->fail_at) return;
  set(shared->place, std::string(name) + ' ' + path);
  __real_kill(::getpid(), SIGKILL);
  std::abort();
}

void note_change_of(int fd) {
  if (key_of(fd) == seen().journal) seen().journal_is_durable = false;
}

void note_sync(const std::string& key, const std::string& path, bool succeeded) {
  if (!succeeded) {
    seen().failed_syncs.insert(key);
  } else if (seen().failed_syncs.contains(key)) {
    set(control()->synced_again, path);
  } else if (key == seen().journal) {
    seen().journal_is_durable = true;
  }
}

void note_told(std::string_view text) {
  if (seen().journal_is_durable) return;
  const auto tells = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  if (tells("\"committed\"") || tells("\"deployed\"")) control()->told_too_early = true;
  if (tells("\"aborted\"")) control()->told_abort_too_early = true;
}

int sync(int fd, const char* name, int (*real)(int)) {
  if (control() == nullptr) return real(fd);
  const std::string path = path_of(fd), key = key_of(fd);
  may_die(name, path);
  const int error_number = injected(Call::sync, name, path);
  const int result = error_number != 0 ? -1 : real(fd);
  const int told = errno;
  note_sync(key, path, result == 0);
  record({.call = "sync", .path = path, .inode = key, .error_number = result == 0 ? 0 : told});
  errno = told;
  return result;
}

/// A call on names, with what is recorded of it; `key_path`: whose inode belongs to the record.
template <class Real>
int change_names(Operation operation, const char* subject, const char* key_path, Real real) {
  if (control() == nullptr) return real();
  const std::string name = operation.call;
  may_die(name.c_str(), subject);
  const int error_number = injected(Call::names, name.c_str(), subject);
  const int result = error_number != 0 ? -1 : real();
  operation.error_number = result == 0 ? 0 : errno;
  operation.inode = key_of(key_path);
  if (result == 0 && (name == "symlink" || name == "mkdir")) seen().failed_syncs.erase(operation.inode);
  if (result == 0 && name == "mkdir") operation.offset = mode_of(key_path);
  const int told = operation.error_number;
  record(std::move(operation));
  errno = told;
  return result;
}

}  // namespace

extern "C" {

// Variadic as open(2) is.
int __wrap_open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (control() == nullptr) return __real_open(path, flags, mode);
  const bool creates = (flags & O_CREAT) != 0 && !exists(path);
  if (creates) may_die("create", path);
  if (injected(creates ? Call::create : Call::open, creates ? "create" : "open", path) != 0) return -1;
  const int fd = __real_open(path, flags, mode);
  if (fd < 0) return fd;
  if (creates) {
    seen().failed_syncs.erase(key_of(fd));  // the number may have been another file's
    seen().reserved.erase(key_of(fd));
    record({.call = "create", .path = path, .inode = key_of(fd), .offset = mode_of(path)});
  }
  if (std::string_view(path).ends_with("/journal") && (flags & O_APPEND) != 0) seen().journal = key_of(fd);
  return fd;
}

int __wrap_close(int fd) {
  if (control() == nullptr || !is_on_disk(fd)) return __real_close(fd);
  const int error_number = injected(Call::close, "close", path_of(fd));
  const int result = __real_close(fd);
  if (error_number == 0) return result;
  errno = error_number;
  return -1;
}

ssize_t __wrap_read(int fd, void* bytes, size_t count) {
  if (control() == nullptr || !is_on_disk(fd)) return __real_read(fd, bytes, count);
  if (injected(Call::read, "read", path_of(fd)) != 0) return -1;
  return __real_read(fd, bytes, count);
}

ssize_t __wrap_write(int fd, const void* bytes, size_t count) {
  FaultControl* const shared = control();
  if (shared == nullptr) return __real_write(fd, bytes, count);
  if (!is_on_disk(fd)) {
    note_told({static_cast<const char*>(bytes), count});
    return __real_write(fd, bytes, count);
  }
  struct stat status {};
  ::fstat(fd, &status);
  const std::string path = path_of(fd), key = key_of(status);
  const bool appends = (::fcntl(fd, F_GETFL) & O_APPEND) != 0;
  const off_t offset = appends ? status.st_size : ::lseek(fd, 0, SEEK_CUR);
  const auto reserved = seen().reserved.find(key);
  const bool has_room =
      reserved != seen().reserved.end() && offset + static_cast<off_t>(count) <= reserved->second;
  may_die("write", path);
  std::size_t wanted = count;
  if (is_hit(has_room ? Call::append_reserved : Call::write, "write", path)) {
    if (shared->fault != Fault::half_write) {
      record({.call = "write", .path = path, .inode = key, .error_number = shared->error_number});
      errno = shared->error_number;
      return -1;
    }
    wanted = (count + 1) / 2;
  }
  const ssize_t written = __real_write(fd, bytes, wanted);
  if (written <= 0) return written;
  note_change_of(fd);
  record({.call = "write",
          .path = path,
          .inode = key,
          .offset = static_cast<std::uint64_t>(offset),
          .bytes = std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(written))});
  return written;
}

int __wrap_rename(const char* from, const char* to) {
  return change_names({.call = "rename", .path = from, .to = to}, to, to,
                      [&] { return __real_rename(from, to); });
}

int __wrap_unlink(const char* path) {
  if (!exists(path)) return __real_unlink(path);
  return change_names({.call = "unlink", .path = path}, path, path, [&] { return __real_unlink(path); });
}

int __wrap_link(const char* from, const char* to) {
  return change_names({.call = "link", .path = from, .to = to}, to, to,
                      [&] { return __real_link(from, to); });
}

int __wrap_symlink(const char* target, const char* path) {
  return change_names({.call = "symlink", .path = path, .to = target}, path, path,
                      [&] { return __real_symlink(target, path); });
}

int __wrap_mkdir(const char* path, mode_t mode) {
  if (exists(path)) return __real_mkdir(path, mode);
  return change_names({.call = "mkdir", .path = path}, path, path, [&] { return __real_mkdir(path, mode); });
}

int __wrap_ftruncate(int fd, off_t size) {
  if (control() == nullptr || !is_on_disk(fd)) return __real_ftruncate(fd, size);
  const std::string path = path_of(fd);
  may_die("ftruncate", path);
  if (injected(Call::cut, "ftruncate", path) != 0) return -1;
  const int result = __real_ftruncate(fd, size);
  if (result != 0) return result;
  note_change_of(fd);
  record({.call = "truncate", .path = path, .inode = key_of(fd), .offset = static_cast<std::uint64_t>(size)});
  return result;
}

int __wrap_fchmod(int fd, mode_t mode) {
  if (control() == nullptr) return __real_fchmod(fd, mode);
  const std::string path = path_of(fd);
  may_die("fchmod", path);
  if (injected(Call::chmod, "fchmod", path) != 0) return -1;
  const int result = __real_fchmod(fd, mode);
  if (result == 0) record({.call = "chmod", .path = path, .inode = key_of(fd), .offset = mode});
  return result;
}

int __wrap_fallocate(int fd, int mode, off_t offset, off_t size) {
  if (control() == nullptr) return __real_fallocate(fd, mode, offset, size);
  if (injected(Call::fallocate, "fallocate", path_of(fd)) != 0) return -1;
  const int result = __real_fallocate(fd, mode, offset, size);
  if (result == 0) seen().reserved[key_of(fd)] = offset + size;
  return result;
}

int __wrap_flock(int fd, int operation) {
  if (control() != nullptr && injected(Call::flock, "flock", path_of(fd)) != 0) return -1;
  return __real_flock(fd, operation);
}

int __wrap_fsync(int fd) { return sync(fd, "fsync", __real_fsync); }
int __wrap_fdatasync(int fd) { return sync(fd, "fdatasync", __real_fdatasync); }

int __wrap_kill(pid_t pid, int signal) {
  if (signal != 0 && control() != nullptr) {
    may_die("signal", std::to_string(signal));
    record({.call = "signal", .path = std::to_string(signal)});
  }
  return __real_kill(pid, signal);
}

int __wrap_socket(int domain, int type, int protocol) {
  // No file, but it needs a descriptor, too.
  const bool is_refused = control() != nullptr && control()->error_number == EMFILE &&
                          injected(Call::open, "socket", std::to_string(domain)) != 0;
  return is_refused ? -1 : __real_socket(domain, type, protocol);
}

ssize_t __wrap_sendmsg(int fd, const msghdr* message, int flags) {
  if (control() == nullptr || message->msg_iovlen == 0) return __real_sendmsg(fd, message, flags);
  const std::string_view head(static_cast<const char*>(message->msg_iov[0].iov_base),
                              message->msg_iov[0].iov_len);
  if (head.starts_with("POST ") || head.starts_with("DELETE ") || head.starts_with("PUT ")) {
    const std::string request(head.substr(0, head.find('\r')));
    may_die("request", request);
    record({.call = "request", .path = request});
  }
  return __real_sendmsg(fd, message, flags);
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
