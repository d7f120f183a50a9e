#include "cli/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace halcyon::cli {
namespace {

bool is_ready(int descriptor) {
  pollfd entry{descriptor, POLLOUT, 0};
  return ::poll(&entry, 1, 0) > 0;
}

/// For descriptors that somebody else made non-blocking.
void wait_until_ready(int descriptor) {
  pollfd entry{descriptor, POLLOUT, 0};
  ::poll(&entry, 1, -1);
}

}  // namespace

bool DescriptorOutput::put(std::string_view text) {
  while (!text.empty() && error_ == 0) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_until_ready(descriptor_);
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  return error_ == 0;
}

void DescriptorOutput::write(std::string_view text) {
  put(pending_);
  pending_.clear();
  put(text);
}

void DescriptorOutput::offer(std::string_view text) {
  pending_.append(text);
  // A pipe that polls as writable takes PIPE_BUF bytes without blocking, but not always more.
  while (!pending_.empty() && is_ready(descriptor_)) {
    const std::size_t length = std::min<std::size_t>(pending_.size(), PIPE_BUF);
    if (!put(std::string_view(pending_).substr(0, length))) {
      pending_.clear();
      return;
    }
    pending_.erase(0, length);
  }
}

std::string DescriptorOutput::failure() const {
  return error_ == 0 || error_ == EPIPE ? std::string() : std::strerror(error_);
}

bool DescriptorOutput::is_closed() const noexcept { return error_ != 0; }

}  // namespace halcyon::cli
