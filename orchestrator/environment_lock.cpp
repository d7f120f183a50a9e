#include "orchestrator/environment_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "orchestrator/error.hpp"
#include "orchestrator/journal.hpp"

namespace halcyon::orchestrator {
namespace {

LockHolder read_holder(const std::string& path) {
  LockHolder holder;
  const std::string text = backup::read_file(path, 64 * 1024).value_or("");
  std::size_t at = 0;
  for (std::string* field : {&holder.pid, &holder.since, &holder.actor, &holder.doing}) {
    const auto newline = text.find('\n', at);
    if (newline == std::string::npos) break;
    *field = text.substr(at, newline - at);
    at = newline + 1;
  }
  return holder;
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

}  // namespace

std::string to_string(const LockHolder& holder) {
  if (holder.pid.empty()) return "another process, which has just started";
  return fmt::format("pid {} ({}) since {}: {}", holder.pid, holder.actor, holder.since, holder.doing);
}

EnvironmentLock::EnvironmentLock(const std::string& path, const std::string& doing, const std::string& actor)
    : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)) {
  if (!file_) {
    throw Error(Outcome::needs_operator,
                fmt::format("cannot open the lock {}: {}; run as the user who installed the environment",
                            path, std::strerror(errno)));
  }
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw Error(Outcome::busy,
                fmt::format("cannot start {}: this environment is being changed by {}. Nothing was "
                            "touched; try again when it is done (halcyon status shows it)",
                            doing, to_string(read_holder(path))));
  }
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}\n", ::getpid(), timestamp_now(), one_line(actor), one_line(doing));
  // For people only, so neither durable nor checked: a full disk must not stop a rollback here.
  ::fchmod(file_.get(), 0644);
  if (::ftruncate(file_.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(file_.get(), text.data(), text.size(), 0);
  }
}

std::optional<LockHolder> find_lock_holder(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  // Asked of the kernel's list: taking a shared lock to find out would make a promotion that starts now say
  // "busy".
  const std::string locks = backup::read_file("/proc/locks").value_or("");
  const std::string inode = fmt::format(":{} ", status.st_ino);
  std::size_t at = 0;
  while (at < locks.size()) {
    const auto newline = std::min(locks.find('\n', at), locks.size());
    const std::string_view line = std::string_view(locks).substr(at, newline - at);
    if (line.find("FLOCK") != std::string_view::npos && line.find(" WRITE ") != std::string_view::npos &&
        line.find("->") == std::string_view::npos && line.find(inode) != std::string_view::npos) {
      return read_holder(path);
    }
    at = newline + 1;
  }
  return std::nullopt;
}

}  // namespace halcyon::orchestrator
