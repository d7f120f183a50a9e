#include "orchestrator/environment_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "orchestrator/configuration_check.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/journal.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::uint64_t k_longest_lock_bytes = 65'536;

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

LockHolder read_holder(const std::string& path) {
  LockHolder holder;
  const std::string text = backup::read_file(path, k_longest_lock_bytes).value_or("");
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

/// As long as a signal interrupts it.
int open_again(const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

const char* remedy_of(int error_number) {
  switch (error_number) {
    case EROFS:
      return "mount its file system for writing";
    case EACCES:
    case EPERM:
      return "run as the user who installed the environment";
    default:
      return "when that is put right, run the command again";
  }
}

/// False if another process holds it. Errors: Error needs_operator if the system gives no locks.
bool lock_exclusively(int fd, const std::string& path) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno == EINTR) continue;
    throw Error(Outcome::needs_operator,
                fmt::format("cannot take the lock {}: {}; {}", path, std::strerror(errno), remedy_of(errno)));
  }
  return true;
}

/// The devices under which the kernel may list a file's lock: what stat(2) says, and that of the mounted file
/// system, which is another number in a subvolume (btrfs) or in a container's own root (overlay).
std::vector<dev_t> list_devices(const std::string& path, dev_t told_by_stat) {
  std::vector<dev_t> devices{told_by_stat};
  struct statx more {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_MNT_ID, &more) != 0) return devices;
  if ((more.stx_mask & STATX_MNT_ID) == 0) return devices;  // a kernel before 5.8
  const std::string mounts = backup::read_file("/proc/self/mountinfo").value_or("");
  if (const auto device = find_mount_device(mounts, more.stx_mnt_id)) devices.push_back(*device);
  return devices;
}

/// Takes the first line off `text`.
std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

}  // namespace

std::string to_string(const LockHolder& holder) {
  if (holder.pid.empty()) return "another process, which has just started";
  return fmt::format("pid {} ({}) since {}: {}", holder.pid, holder.actor, holder.since, holder.doing);
}

EnvironmentLock::EnvironmentLock(const std::string& path, const std::string& doing, const std::string& actor)
    : directory_(open_again(directory_of(path), O_RDONLY | O_DIRECTORY)),
      file_(open_again(path, O_RDWR | O_CREAT | O_NOFOLLOW)) {
  if (!file_ || !directory_) {
    throw Error(Outcome::needs_operator,
                fmt::format("cannot open the lock {}: {}; {}", path, std::strerror(errno), remedy_of(errno)));
  }
  // Both: somebody may remove the file while we hold it, and a Halcyon of before locked only that.
  if (!lock_exclusively(directory_.get(), path) || !lock_exclusively(file_.get(), path)) {
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

bool is_locked(std::string_view locks, std::uint64_t inode, const std::vector<dev_t>& devices) {
  std::vector<std::string> wanted;
  wanted.reserve(devices.size());
  for (const dev_t device : devices)
    wanted.push_back(fmt::format("{:02x}:{:02x}:{}", major(device), minor(device), inode));
  while (!locks.empty()) {
    const auto words = split_words(take_line(locks));
    // A "->" in the second place is one who waits.
    if (words.size() < 6 || words[1] != "FLOCK" || words[3] != "WRITE") continue;
    if (std::find(wanted.begin(), wanted.end(), words[5]) != wanted.end()) return true;
  }
  return false;
}

std::optional<dev_t> find_mount_device(std::string_view mountinfo, std::uint64_t mount_id) {
  const std::string id = std::to_string(mount_id);
  while (!mountinfo.empty()) {
    const auto words = split_words(take_line(mountinfo));
    if (words.size() < 3 || words[0] != id) continue;
    unsigned numbers[2] = {};
    const char* const end = words[2].data() + words[2].size();
    const auto first = std::from_chars(words[2].data(), end, numbers[0]);
    if (first.ec != std::errc{} || first.ptr == end) return std::nullopt;
    if (std::from_chars(first.ptr + 1, end, numbers[1]).ec != std::errc{}) return std::nullopt;
    return makedev(numbers[0], numbers[1]);
  }
  return std::nullopt;
}

std::optional<LockHolder> find_lock_holder(const std::string& path) {
  const std::string locked = directory_of(path);
  struct stat status {};
  if (::stat(locked.c_str(), &status) != 0) return std::nullopt;
  // Asked of the kernel's list: taking a shared lock to find out would make a promotion that starts now say
  // "busy".
  const std::string locks = backup::read_file("/proc/locks").value_or("");
  if (!is_locked(locks, status.st_ino, list_devices(locked, status.st_dev))) return std::nullopt;
  return read_holder(path);
}

}  // namespace halcyon::orchestrator
