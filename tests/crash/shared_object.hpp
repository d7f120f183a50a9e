// An object in a file that the test and the program under test both map.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <stdexcept>
#include <string>

namespace halcyon::crash_tests {

template <class Object>
class SharedObject {
 public:
  /// Errors: std::runtime_error if the file cannot be made.
  explicit SharedObject(std::string path) : path_(std::move(path)) {
    const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (::ftruncate(fd, sizeof(Object)) != 0) throw std::runtime_error("cannot make " + path_);
    memory_ = ::mmap(nullptr, sizeof(Object), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (memory_ == MAP_FAILED) throw std::runtime_error("cannot map " + path_);
    reset();
  }
  ~SharedObject() { ::munmap(memory_, sizeof(Object)); }
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  Object* operator->() const noexcept { return static_cast<Object*>(memory_); }
  /// As it is when nothing was set.
  void reset() const { new (memory_) Object(); }
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  void* memory_ = nullptr;
};

}  // namespace halcyon::crash_tests
