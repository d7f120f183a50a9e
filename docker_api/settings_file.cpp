#include "docker_api/settings_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "docker_api/error.hpp"
#include "docker_api/file_descriptor.hpp"

namespace halcyon::docker_api {
namespace {

constexpr off_t k_limit_bytes = off_t{4} * 1024 * 1024;

[[noreturn]] void refuse_file(const std::string& path, std::string_view why) {
  throw Error({.kind = ErrorKind::invalid_argument, .endpoint = path, .explanation = std::string(why)});
}

[[noreturn]] void refuse_errno(const std::string& path, int number) {
  if (number != EACCES) refuse_file(path, fmt::format("cannot be read: {}", std::strerror(number)));
  refuse_file(path, fmt::format("cannot be read by user {}: {}; run this as the file's owner, or set HOME or "
                                "DOCKER_CONFIG to a directory of that user",
                                ::geteuid(), std::strerror(number)));
}

/// Non-blocking, so that a FIFO in the file's place is refused instead of waited for.
int open_settings(const std::string& path) {
  int number = -1;
  do {
    number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (number < 0 && errno == EINTR);
  return number;
}

}  // namespace

std::optional<std::string> find_settings_file(const std::string& path) {
  const FileDescriptor file(open_settings(path));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    refuse_errno(path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) refuse_errno(path, errno);
  if (!S_ISREG(status.st_mode))
    refuse_file(path, "is no regular file; put the settings into a file of that name");
  if (status.st_size > k_limit_bytes) refuse_file(path, "is over 4 MiB; that is no file of the Docker CLI's");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t used = 0;
  while (used < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse_errno(path, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  text.resize(used);
  return text;
}

}  // namespace halcyon::docker_api
