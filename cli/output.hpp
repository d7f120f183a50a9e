// Where text goes: a descriptor of this process, or a string in a test.
#pragma once

#include <string>
#include <string_view>

namespace halcyon::cli {

class Output {
 public:
  virtual ~Output() = default;
  /// Writes everything, waiting for a slow reader.
  virtual void write(std::string_view text) = 0;
  /// Writes what can be written without waiting and keeps the rest for later: a promotion must not stand
  /// still because somebody pressed Ctrl-S or does not read the pipe.
  virtual void offer(std::string_view text) = 0;
  /// True while something offered has not been written.
  virtual bool is_behind() const noexcept = 0;
  /// Why the last write failed ("No space left on device"), empty if none did. A reader that went away is no
  /// failure.
  virtual std::string failure() const = 0;
  /// True once the reader went away: writing more is of no use.
  virtual bool is_closed() const noexcept = 0;
};

/// Writes to a file descriptor, which it does not own. Threads: one.
class DescriptorOutput final : public Output {
 public:
  explicit DescriptorOutput(int descriptor) noexcept : descriptor_(descriptor) {}

  void write(std::string_view text) override;
  void offer(std::string_view text) override;
  bool is_behind() const noexcept override { return !pending_.empty(); }
  std::string failure() const override;
  bool is_closed() const noexcept override;

 private:
  bool put(std::string_view text);

  int descriptor_;
  int error_ = 0;
  std::string pending_;
};

}  // namespace halcyon::cli
