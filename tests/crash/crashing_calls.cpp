// Linked into a halcyon of its own (--wrap): every system call of ours that changes a file, sends a request
// that changes something, or signals nginx, is a point at which the process can die. Without
// HALCYON_CRASH_CONTROL nothing is different from the real program.
//
// For a power loss it is remembered what each call has changed since the last fsync of that file or
// directory, and undone before the process dies.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/crash/control.hpp"

// The names are the linker's.
// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier)
extern "C" {
ssize_t __real_write(int fd, const void* bytes, size_t count);
int __real_open(const char* path, int flags, ...);
int __real_rename(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_link(const char* from, const char* to);
int __real_symlink(const char* target, const char* path);
int __real_mkdir(const char* path, mode_t mode);
int __real_ftruncate(int fd, off_t size);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_kill(pid_t pid, int signal);
ssize_t __real_sendmsg(int fd, const msghdr* message, int flags);
}

namespace {

using halcyon::crash_tests::Control;
using halcyon::crash_tests::CrashMode;

/// What is not on the disk yet, and how it is undone. `place`: the file of a change of content, the directory
/// of a change of names.
struct Unsynced {
  std::string place;
  std::function<void()> undo;
};

Control* control() {
  static Control* const mapped = []() -> Control* {
    const char* const path = std::getenv(halcyon::crash_tests::k_control_variable);
    if (path == nullptr) return nullptr;
    const int fd = ::open(path, O_RDWR | O_CLOEXEC);
    void* const memory = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (memory == MAP_FAILED) return nullptr;
    auto* const shared = static_cast<Control*>(memory);
    shared->pid = ::getpid();
    return shared;
  }();
  // A child that was forked to become another program is not the program under test.
  return mapped != nullptr && mapped->pid == ::getpid() ? mapped : nullptr;
}

std::vector<Unsynced>& unsynced() {
  static std::vector<Unsynced> list;
  return list;
}

std::string path_of(int fd) {
  std::string path(4096, '\0');
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path.data(), path.size());
  return size < 0 ? std::string() : path.substr(0, static_cast<std::size_t>(size));
}

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "." : std::string(path.substr(0, slash));
}

/// A file or directory, whatever its name is by now.
std::string key_of(const struct stat& status) {
  return std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
}
std::string key_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? key_of(status) : std::string();
}
std::string key_of_parent(const char* path) {
  struct stat status {};
  return ::stat(parent_of(path).c_str(), &status) == 0 ? key_of(status) : std::string();
}

/// Another name for what is there now, so that it can come back; empty if nothing is.
std::string keep(const char* path) {
  static int number = 0;
  struct stat status {};
  if (::lstat(path, &status) != 0) return {};
  const std::string kept = std::string(std::getenv(halcyon::crash_tests::k_control_variable)) + ".kept." +
                           std::to_string(++number);
  __real_unlink(kept.c_str());
  if (__real_link(path, kept.c_str()) != 0) std::abort();  // it would count as kept by the disk
  return kept;
}

[[noreturn]] void crash(Control& shared) {
  if (shared.mode == CrashMode::power_loss) {
    for (auto change = unsynced().rbegin(); change != unsynced().rend(); ++change) change->undo();
  }
  __real_kill(::getpid(), SIGKILL);
  std::abort();
}

/// Counts a point; true if the process is to die here.
bool is_point(Control& shared, const char* call, const std::string& subject) {
  if (++shared.passed != shared.crash_at) return false;
  std::snprintf(shared.place.data(), shared.place.size(), "%s %s", call, subject.c_str());
  return true;
}

void pass(const char* call, const std::string& subject) {
  Control* const shared = control();
  if (shared != nullptr && is_point(*shared, call, subject)) crash(*shared);
}

bool remembers() { return control() != nullptr && control()->mode == CrashMode::power_loss; }

void remember(std::string place, std::function<void()> undo) {
  unsynced().push_back({std::move(place), std::move(undo)});
}

void forget(int fd) {
  const std::string place = key_of(fd);
  std::erase_if(unsynced(), [&](const Unsynced& change) { return change.place == place; });
}

bool is_file(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

off_t size_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_size : 0;
}

int sync(int fd, const char* call, int (*real)(int)) {
  if (control() == nullptr) return real(fd);
  pass(call, path_of(fd));
  const int result = real(fd);
  if (result == 0) forget(fd);
  return result;
}

}  // namespace

extern "C" {

ssize_t __wrap_write(int fd, const void* bytes, size_t count) {
  Control* const shared = control();
  if (shared == nullptr || !is_file(fd)) return __real_write(fd, bytes, count);
  const std::string path = path_of(fd);
  const off_t before = size_of(fd);
  if (is_point(*shared, "write", path)) {
    if (shared->mode == CrashMode::torn_write) __real_write(fd, bytes, count / 2);
    crash(*shared);
  }
  if (remembers()) remember(key_of(fd), [kept = ::dup(fd), before] { __real_ftruncate(kept, before); });
  return __real_write(fd, bytes, count);
}

// Variadic as open(2) is.
int __wrap_open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  struct stat status {};
  const bool may_create = (flags & O_CREAT) != 0 && remembers() && ::lstat(path, &status) != 0;
  const int fd = __real_open(path, flags, mode);
  if (may_create && fd >= 0) {
    remember(key_of_parent(path), [path = std::string(path)] { __real_unlink(path.c_str()); });
  }
  return fd;
}

int __wrap_rename(const char* from, const char* to) {
  if (control() == nullptr) return __real_rename(from, to);
  pass("rename", to);
  const std::string kept = remembers() ? keep(to) : std::string();
  const int result = __real_rename(from, to);
  if (result == 0 && remembers()) {
    remember(key_of_parent(to), [from = std::string(from), to = std::string(to), kept] {
      __real_rename(to.c_str(), from.c_str());
      if (!kept.empty()) __real_rename(kept.c_str(), to.c_str());
    });
  }
  return result;
}

int __wrap_unlink(const char* path) {
  struct stat status {};
  if (control() == nullptr || ::lstat(path, &status) != 0) return __real_unlink(path);
  pass("unlink", path);
  const std::string kept = remembers() ? keep(path) : std::string();
  const int result = __real_unlink(path);
  if (result == 0 && !kept.empty()) {
    remember(key_of_parent(path),
             [kept, path = std::string(path)] { __real_rename(kept.c_str(), path.c_str()); });
  }
  return result;
}

int __wrap_link(const char* from, const char* to) {
  if (control() == nullptr) return __real_link(from, to);
  pass("link", to);
  const int result = __real_link(from, to);
  if (result == 0 && remembers()) {
    remember(key_of_parent(to), [to = std::string(to)] { __real_unlink(to.c_str()); });
  }
  return result;
}

int __wrap_symlink(const char* target, const char* path) {
  if (control() == nullptr) return __real_symlink(target, path);
  pass("symlink", path);
  const int result = __real_symlink(target, path);
  if (result == 0 && remembers()) {
    remember(key_of_parent(path), [path = std::string(path)] { __real_unlink(path.c_str()); });
  }
  return result;
}

int __wrap_mkdir(const char* path, mode_t mode) {
  struct stat status {};
  if (control() == nullptr || ::stat(path, &status) == 0) return __real_mkdir(path, mode);
  pass("mkdir", path);
  const int result = __real_mkdir(path, mode);
  if (result == 0 && remembers()) {
    remember(key_of_parent(path), [path = std::string(path)] { ::rmdir(path.c_str()); });
  }
  return result;
}

int __wrap_ftruncate(int fd, off_t size) {
  if (control() == nullptr) return __real_ftruncate(fd, size);
  pass("ftruncate", path_of(fd));
  if (remembers() && size < size_of(fd)) {
    std::string tail(static_cast<std::size_t>(size_of(fd) - size), '\0');
    const int reader = ::open(path_of(fd).c_str(), O_RDONLY | O_CLOEXEC);
    if (::pread(reader, tail.data(), tail.size(), size) < 0) std::abort();
    ::close(reader);
    remember(key_of(fd), [path = path_of(fd), tail, size] {
      const int writer = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (::pwrite(writer, tail.data(), tail.size(), size) < 0) std::abort();
    });
  }
  return __real_ftruncate(fd, size);
}

int __wrap_fsync(int fd) { return sync(fd, "fsync", __real_fsync); }
int __wrap_fdatasync(int fd) { return sync(fd, "fdatasync", __real_fdatasync); }

int __wrap_kill(pid_t pid, int signal) {
  if (signal == 0 || control() == nullptr) return __real_kill(pid, signal);
  const std::string subject = std::to_string(pid) + " with " + std::to_string(signal);
  pass("kill", subject);
  const int result = __real_kill(pid, signal);
  pass("after kill", subject);
  return result;
}

ssize_t __wrap_sendmsg(int fd, const msghdr* message, int flags) {
  if (control() == nullptr || message->msg_iovlen == 0) return __real_sendmsg(fd, message, flags);
  const std::string_view head(static_cast<const char*>(message->msg_iov[0].iov_base),
                              message->msg_iov[0].iov_len);
  if (head.starts_with("POST ") || head.starts_with("DELETE ") || head.starts_with("PUT ")) {
    pass("request", std::string(head.substr(0, head.find('\r'))));
  }
  return __real_sendmsg(fd, message, flags);
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
