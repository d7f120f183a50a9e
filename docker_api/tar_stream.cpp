#include "docker_api/tar_stream.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "docker_api/error.hpp"
#include "docker_api/tar_header.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::size_t k_block_bytes = 512;
constexpr std::size_t k_member_piece_bytes = std::size_t{64} * 1024;
constexpr std::uint64_t k_size_limit_bytes = std::uint64_t{1} << 33;  // eleven octal digits

[[noreturn]] void fail_member(ErrorKind kind, std::string_view name, std::string why) {
  throw Error({.kind = kind, .endpoint = fmt::format("file \"{}\"", name), .explanation = std::move(why)});
}

/// A regular file opened for reading; its size is the one it had then.
class SourceFile {
 public:
  explicit SourceFile(std::string path)
      : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0)
      fail_member(ErrorKind::invalid_argument, path_,
                  fmt::format("cannot be opened: {}", std::strerror(errno)));
    struct stat status {};
    if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(fd_);
      fail_member(ErrorKind::invalid_argument, path_, "is not a regular file");
    }
    size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  }
  ~SourceFile() { ::close(fd_); }
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;

  const std::string& path() const noexcept { return path_; }
  std::uint64_t size_bytes() const noexcept { return size_bytes_; }

  /// Appends up to `wanted` bytes to `out`; 0 at the end of the file.
  std::size_t append_to(std::string& out, std::size_t wanted) {
    const std::size_t before = out.size();
    out.resize(before + wanted);
    ssize_t count = 0;
    do {
      count = ::read(fd_, out.data() + before, wanted);
    } while (count < 0 && errno == EINTR);
    out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0)
      fail_member(ErrorKind::protocol, path_, fmt::format("cannot be read: {}", std::strerror(errno)));
    return static_cast<std::size_t>(count);
  }

 private:
  std::string path_;
  int fd_;
  std::uint64_t size_bytes_ = 0;
};

struct SplitName {
  std::string_view prefix;
  std::string_view name;
};

/// Divides a long name at a slash, as ustar wants it.
SplitName split_name(std::string_view name) {
  if (name.size() <= k_tar_name_bytes) return {{}, name};
  const std::size_t slash = name.find('/', name.size() - k_tar_name_bytes - 1);
  if (slash == std::string_view::npos || slash == 0 || slash > k_tar_prefix_bytes) {
    fail_member(ErrorKind::invalid_argument, name, "the name is too long for a tar archive");
  }
  return {name.substr(0, slash), name.substr(slash + 1)};
}

void check_member_name(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.back() == '/' ||
      name.find('\0') != std::string_view::npos) {
    fail_member(ErrorKind::invalid_argument, name,
                "the name must be that of a file, relative to the archive's root");
  }
  for (std::string_view rest = name;;) {
    const std::size_t slash = rest.find('/');
    if (rest.substr(0, slash) == "..")
      fail_member(ErrorKind::invalid_argument, name, "the name leaves the archive (\"..\")");
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  split_name(name);
}

void append_header(std::string& out, const TarEntry& entry, std::uint64_t size_bytes) {
  if (size_bytes >= k_size_limit_bytes)
    fail_member(ErrorKind::invalid_argument, entry.name, "is larger than 8 GiB");
  append_tar_header(out, {.name = entry.name, .mode = entry.mode, .size_bytes = size_bytes});
}

class TarSource final : public BodySource {
 public:
  explicit TarSource(std::vector<TarEntry> entries) : entries_(std::move(entries)) {}

  std::string_view read() override {
    piece_.clear();
    while (piece_.size() < k_member_piece_bytes && !ended_) step();
    return piece_;
  }

 private:
  void step() {
    if (file_) return append_from_file();
    if (next_ == entries_.size()) {
      piece_.append(2 * k_block_bytes, '\0');
      ended_ = true;
      return;
    }
    const TarEntry& entry = entries_[next_];
    if (!entry.source_path.empty()) {
      file_ = std::make_unique<SourceFile>(entry.source_path);
      left_bytes_ = file_->size_bytes();
      append_header(piece_, entry, left_bytes_);
      return;
    }
    append_header(piece_, entry, entry.content.size());
    piece_ += entry.content;
    finish_entry(entry.content.size());
  }

  void append_from_file() {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_bytes_, k_member_piece_bytes));
    // One byte more than announced at the end: a file that grew would be cut without a word.
    const std::size_t got = file_->append_to(piece_, wanted > 0 ? wanted : 1);
    if ((wanted > 0) == (got == 0)) {
      fail_member(ErrorKind::protocol, file_->path(), "changed its size while it was read");
    }
    left_bytes_ -= got;
    if (wanted > 0) return;
    const std::uint64_t size_bytes = file_->size_bytes();
    file_.reset();
    finish_entry(size_bytes);
  }

  void finish_entry(std::uint64_t size_bytes) {
    piece_.append((k_block_bytes - size_bytes % k_block_bytes) % k_block_bytes, '\0');
    ++next_;
  }

  std::vector<TarEntry> entries_;
  std::size_t next_ = 0;
  std::unique_ptr<SourceFile> file_;
  std::uint64_t left_bytes_ = 0;
  std::string piece_;
  bool ended_ = false;
};

class FileSource final : public BodySource {
 public:
  explicit FileSource(const std::string& path) : file_(path) {}
  std::string_view read() override {
    piece_.clear();
    file_.append_to(piece_, k_member_piece_bytes);
    return piece_;
  }

 private:
  SourceFile file_;
  std::string piece_;
};

}  // namespace

std::shared_ptr<BodySource> make_tar_source(std::vector<TarEntry> entries) {
  for (const TarEntry& entry : entries) check_member_name(entry.name);
  return std::make_shared<TarSource>(std::move(entries));
}

std::shared_ptr<BodySource> make_file_source(const std::string& path) {
  return std::make_shared<FileSource>(path);
}

}  // namespace halcyon::docker_api
