#include "call_point.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <climits>
#include <cstring>

namespace halcyon::syscall_kill {
namespace {

constexpr std::size_t k_longest_text = 256;
constexpr std::size_t k_shortest_id = 12;

/// What the arguments of a call say.
enum class Kind {
  path,        ///< the file is named by argument `at`
  open,        ///< the same, and it matters only if it may create or cut the file; flags behind it
  descriptor,  ///< the file, pipe or socket is descriptor `at`; the bytes are behind it
  vector,      ///< the same with an iovec
  message,     ///< the same with a msghdr
  signal,      ///< signal number `at`
  child,       ///< begins another process, unless the flags at `at` say that it is a thread
  child3,      ///< the same with clone_args
  end,         ///< ends the process
};

struct Call {
  std::uint64_t number;
  std::string_view name;
  Kind kind;
  std::size_t at;
};

// clang-format off
constexpr Call k_calls[] = {
#ifdef SYS_open  // not on every processor
    {SYS_open, "open", Kind::open, 0},
    {SYS_creat, "creat", Kind::path, 0},
    {SYS_rename, "rename", Kind::path, 1},
    {SYS_unlink, "unlink", Kind::path, 0},
    {SYS_link, "link", Kind::path, 1},
    {SYS_symlink, "symlink", Kind::path, 1},
    {SYS_mkdir, "mkdir", Kind::path, 0},
    {SYS_rmdir, "rmdir", Kind::path, 0},
    {SYS_chmod, "chmod", Kind::path, 0},
    {SYS_chown, "chown", Kind::path, 0},
    {SYS_fork, "fork", Kind::child, 5},
    {SYS_vfork, "vfork", Kind::child, 5},
#endif
    {SYS_openat, "openat", Kind::open, 1},
    {SYS_renameat, "renameat", Kind::path, 3},
    {SYS_renameat2, "renameat2", Kind::path, 3},
    {SYS_unlinkat, "unlinkat", Kind::path, 1},
    {SYS_linkat, "linkat", Kind::path, 3},
    {SYS_symlinkat, "symlinkat", Kind::path, 2},
    {SYS_mkdirat, "mkdirat", Kind::path, 1},
    {SYS_fchmodat, "fchmodat", Kind::path, 1},
    {SYS_fchownat, "fchownat", Kind::path, 1},
    {SYS_utimensat, "utimensat", Kind::path, 1},
    {SYS_truncate, "truncate", Kind::path, 0},
    {SYS_write, "write", Kind::descriptor, 0},
    {SYS_pwrite64, "pwrite64", Kind::descriptor, 0},
    {SYS_writev, "writev", Kind::vector, 0},
    {SYS_fsync, "fsync", Kind::descriptor, 0},
    {SYS_fdatasync, "fdatasync", Kind::descriptor, 0},
    {SYS_ftruncate, "ftruncate", Kind::descriptor, 0},
    {SYS_fallocate, "fallocate", Kind::descriptor, 0},
    {SYS_fchmod, "fchmod", Kind::descriptor, 0},
    {SYS_fchown, "fchown", Kind::descriptor, 0},
    {SYS_sendto, "sendto", Kind::descriptor, 0},
    {SYS_sendmsg, "sendmsg", Kind::message, 0},
    {SYS_sendfile, "sendfile", Kind::descriptor, 0},
    {SYS_copy_file_range, "copy_file_range", Kind::descriptor, 2},
    {SYS_kill, "kill", Kind::signal, 1},
    {SYS_pidfd_send_signal, "pidfd_send_signal", Kind::signal, 1},
    {SYS_clone, "clone", Kind::child, 0},
    {SYS_clone3, "clone3", Kind::child3, 0},
    {SYS_exit_group, "exit_group", Kind::end, 0},
};
// clang-format on

const Call* find_call(std::uint64_t number) {
  const auto* const found = std::find_if(std::begin(k_calls), std::end(k_calls),
                                         [number](const Call& call) { return call.number == number; });
  return found == std::end(k_calls) ? nullptr : found;
}

/// The calls that carry bytes; for the others there is nothing behind the descriptor.
bool carries_bytes(const Call& call) {
  return call.name == "write" || call.name == "pwrite64" || call.name == "sendto";
}

std::string read_memory(pid_t thread, std::uint64_t address, std::size_t size) {
  std::string bytes(std::min(size, k_longest_text), '\0');
  const iovec here{bytes.data(), bytes.size()};
  const iovec there{reinterpret_cast<void*>(address), bytes.size()};
  const ssize_t got = ::process_vm_readv(thread, &here, 1, &there, 1, 0);
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

/// A text that ends in a zero; read in pieces, because the page behind it may not be there.
std::string read_text(pid_t thread, std::uint64_t address) {
  constexpr std::size_t k_piece = 64;
  std::string text;
  while (text.size() < PATH_MAX) {
    const std::size_t to_edge = k_piece - (address + text.size()) % k_piece;
    const std::string piece = read_memory(thread, address + text.size(), to_edge);
    const auto zero = piece.find('\0');
    text += piece.substr(0, zero);
    if (piece.empty() || zero != std::string::npos) break;
  }
  return text;
}

template <class Value>
Value read_value(pid_t thread, std::uint64_t address) {
  Value value{};
  const std::string bytes = read_memory(thread, address, sizeof value);
  std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}

/// The first bytes that the call hands over.
std::string read_bytes(const CallAtEntry& call, const Call& known) {
  std::uint64_t vector = call.arguments[1];
  if (known.kind == Kind::descriptor)
    return carries_bytes(known) ? read_memory(call.thread, call.arguments[1], call.arguments[2])
                                : std::string();
  if (known.kind == Kind::message)
    vector = reinterpret_cast<std::uint64_t>(read_value<msghdr>(call.thread, vector).msg_iov);
  const iovec first = read_value<iovec>(call.thread, vector);
  return read_memory(call.thread, reinterpret_cast<std::uint64_t>(first.iov_base), first.iov_len);
}

std::string read_link(const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  return {target.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
}

/// "/run/docker.sock" or "127.0.0.1:80": who is at the other end of that process's socket.
std::string find_peer(pid_t process, int descriptor) {
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  const int copy = static_cast<int>(::syscall(SYS_pidfd_getfd, pidfd, descriptor, 0));
  ::close(pidfd);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const bool is_known = ::getpeername(copy, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(copy);
  if (is_known && address.ss_family == AF_UNIX)
    return reinterpret_cast<const sockaddr_un*>(&address)->sun_path;
  if (!is_known || address.ss_family != AF_INET) return "socket";
  const auto* const internet = reinterpret_cast<const sockaddr_in*>(&address);
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &internet->sin_addr, text.data(), text.size());
  return std::string(text.data()) + ':' + std::to_string(ntohs(internet->sin_port));
}

/// "POST /containers/create" of a request; without its query, which can hold names of a run.
std::string request_line(const std::string& bytes) {
  const auto method = bytes.find(' ');
  if (method == std::string::npos || bytes.compare(method, 2, " /") != 0) return "more of the request";
  return bytes.substr(0, std::min(bytes.find_first_of("?\r ", method + 1), bytes.size()));
}

bool only_asks(const std::string& request) {
  return request.starts_with("GET ") || request.starts_with("HEAD ");
}

/// `v1 000042 TIME began {"step":"create"} ...` -> "began create"; empty if it is no record.
std::string record_name(const std::string& bytes) {
  constexpr std::string_view k_step = "{\"step\":\"";
  std::size_t at = 0;
  if (!bytes.starts_with("v1 ")) return {};
  for (int word = 0; word < 3; ++word) at = bytes.find(' ', at) + 1;
  const std::size_t body = bytes.find(' ', at) + 1;
  const std::string type = bytes.substr(at, body - at - 1);
  if (bytes.compare(body, k_step.size(), k_step) != 0) return type;
  const std::size_t step = body + k_step.size();
  return type + ' ' + bytes.substr(step, bytes.find('"', step) - step);
}

bool is_thread(const CallAtEntry& call, const Call& known) {
  const std::uint64_t flags = known.kind == Kind::child3
                                  ? read_value<std::uint64_t>(call.thread, call.arguments[0])
                              : known.at < 5 ? call.arguments[known.at]
                                             : 0;
  return (flags & CLONE_THREAD) != 0;
}

/// Absolute, whatever the call was given.
std::string path_of(const CallAtEntry& call, const Call& known) {
  std::string path = read_text(call.thread, call.arguments[known.at]);
  if (path.starts_with('/')) return path;
  const std::string process = "/proc/" + std::to_string(call.thread);
  const bool has_directory = known.at > 0 && known.name.ends_with("at");
  const int directory = has_directory ? static_cast<int>(call.arguments[known.at - 1]) : AT_FDCWD;
  return read_link(directory == AT_FDCWD ? process + "/cwd" : process + "/fd/" + std::to_string(directory)) +
         '/' + path;
}

}  // namespace

std::string without_numbers(std::string_view text) {
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto is_hex = [](unsigned char c) { return std::isxdigit(c) != 0 && std::isupper(c) == 0; };
  std::string result;
  while (!text.empty()) {
    const auto hex =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_hex) - text.begin());
    const auto digits =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    if (hex >= k_shortest_id) {
      result += "ID";
      text.remove_prefix(hex);
    } else if (digits > 0) {
      result += 'N';
      text.remove_prefix(digits);
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

std::string PointNames::subject_of(const std::string& path) const {
  std::string subject = path;
  for (const auto& [text, name] : replacements_) {
    for (auto at = subject.find(text); at != std::string::npos; at = subject.find(text, at + name.size()))
      subject.replace(at, text.size(), name);
  }
  return without_numbers(subject);
}

PointNames::Described PointNames::describe_descriptor(const CallAtEntry& call, int descriptor,
                                                      const std::string& bytes) const {
  const std::string target =
      read_link("/proc/" + std::to_string(call.thread) + "/fd/" + std::to_string(descriptor));
  if (target.starts_with("socket:")) {
    const std::string request = request_line(bytes);
    return {subject_of(find_peer(call.thread, descriptor) + ' ' + request), !only_asks(request)};
  }
  if (target.starts_with("anon_inode:")) return {target, false};
  // What is told is looked at when it is there: before the next change, and at the end.
  if (descriptor == STDERR_FILENO) return {"stderr", false};
  if (descriptor == STDOUT_FILENO) return {"stdout"};
  // Its reader is this process itself, or a child whose beginning was a point.
  if (target.starts_with("pipe:")) return {"pipe", false};
  const std::string record = record_name(bytes);
  return {subject_of(target) + (record.empty() ? "" : ' ' + record), true, record};
}

PointNames::Described PointNames::describe(const CallAtEntry& call) const {
  const Call* const known = find_call(call.number);
  if (known == nullptr) return {std::to_string(call.number), false};
  const std::uint64_t argument = call.arguments[known->at];
  switch (known->kind) {
    case Kind::path:
      return {subject_of(path_of(call, *known))};
    case Kind::open:
      return {subject_of(path_of(call, *known)), (call.arguments[known->at + 1] & (O_CREAT | O_TRUNC)) != 0};
    case Kind::descriptor:
    case Kind::vector:
    case Kind::message:
      return describe_descriptor(call, static_cast<int>(argument), read_bytes(call, *known));
    case Kind::signal:
      return {argument == 0 ? "0" : ::sigabbrev_np(static_cast<int>(argument)), argument != 0};
    case Kind::child:
    case Kind::child3:
      return is_thread(call, *known) ? Described{"thread", false} : Described{"child"};
    case Kind::end:
      return {};
  }
  return {};
}

std::optional<std::string> PointNames::name(const CallAtEntry& call) {
  const Described described = describe(call);
  if (!described.changes && !every_call_) return std::nullopt;
  const Call* const known = find_call(call.number);
  std::string point = record_ + ": " + std::string(known == nullptr ? "call" : known->name);
  if (!described.subject.empty()) point += ' ' + described.subject;
  if (!described.record.empty()) record_ = described.record;
  return point + " #" + std::to_string(++counts_[point]);
}

}  // namespace halcyon::syscall_kill
