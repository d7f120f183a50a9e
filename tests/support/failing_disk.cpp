#include "tests/support/failing_disk.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

namespace halcyon::test_support {
namespace {

constexpr off_t k_disk_bytes = off_t{8}
                               << 20;  // one group of blocks: all that describes them is at its begin
constexpr const char* k_inodes = "1024";
constexpr std::uint64_t k_failing_bytes = std::uint64_t{300} << 10;  // what lies behind is no device any more

/// True if the program ended with 0.
bool run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  int status = 0;
  return ::posix_spawnp(&pid, arguments.front(), nullptr, nullptr, arguments.data(), environ) == 0 &&
         ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Gives the device that many bytes of its file; 0: all.
bool limit(int device, std::uint64_t bytes) {
  loop_info64 info{};
  info.lo_flags = LO_FLAGS_AUTOCLEAR;
  info.lo_sizelimit = bytes;
  return ::ioctl(device, LOOP_SET_STATUS64, &info) == 0;
}

/// The path of a loop device over the file, and its descriptor; empty if there is none to be had.
std::pair<std::string, int> attach(int image) {
  const int control = ::open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  std::pair<std::string, int> attached{"", -1};
  while (control >= 0) {
    const int number = ::ioctl(control, LOOP_CTL_GET_FREE);
    const std::string path = "/dev/loop" + std::to_string(number);
    const int device = number < 0 ? -1 : ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (device < 0) break;
    if (::ioctl(device, LOOP_SET_FD, image) == 0) {
      attached = {path, device};
      break;
    }
    const bool was_taken = errno == EBUSY;  // by a test in another process
    ::close(device);
    if (!was_taken) break;
  }
  ::close(control);
  return attached;
}

}  // namespace

FailingDisk::FailingDisk(const std::string& image, std::string target) : target_(std::move(target)) {
  std::filesystem::create_directories(target_);
  const int file = ::open(image.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ::ftruncate(file, k_disk_bytes) != 0 ||
      !run({"mkfs.ext2", "-q", "-F", "-b", "1024", "-O", "^resize_inode", "-N", k_inodes, image}))
    return;
  const auto [path, device] = attach(file);
  ::close(file);
  device_ = device;
  is_up_ = device >= 0 && limit(device, 0) && ::mount(path.c_str(), target_.c_str(), "ext2", 0, "") == 0;
}

FailingDisk::~FailingDisk() {
  if (is_up_) be_well();
  ::umount2(target_.c_str(), MNT_DETACH);
  ::close(device_);
}

void FailingDisk::fail() const { limit(device_, k_failing_bytes); }
void FailingDisk::be_well() const { limit(device_, 0); }

}  // namespace halcyon::test_support
