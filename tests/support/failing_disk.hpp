// A disk that can be made to fail. Needs root and a loop device.
#pragma once

#include <string>

namespace halcyon::test_support {

/// An ext2 mounted at `target`, on a loop device over the file `image`. While it fails, no contents of files
/// and directories can be read from it or written to it: fsync(2) says so (EIO), and what was written stays
/// in the page cache, marked clean. Without a journal the file system goes on afterwards, as one does whose
/// disk was put right.
class FailingDisk {
 public:
  /// Makes both.
  FailingDisk(const std::string& image, std::string target);
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;
  ~FailingDisk();

  /// False if this machine has no loop device to offer.
  bool is_up() const noexcept { return is_up_; }
  void fail() const;
  void be_well() const;

 private:
  std::string target_;
  int device_ = -1;
  bool is_up_ = false;
};

}  // namespace halcyon::test_support
