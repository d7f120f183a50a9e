// Text that must not be shown, and is overwritten when its last owner goes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace halcyon::docker_api {

/// A password or a token. There is no operator<< and no formatter: it gets into no message by accident.
///
/// Owns:    one buffer, shared by all copies and overwritten with the last of them.
/// Threads: immutable after construction.
class Secret {
 public:
  Secret() = default;
  /// Copies the text; the caller's own copy is the caller's to cleanse().
  explicit Secret(std::string_view text);

  /// The text itself; only for the one who sends it on.
  std::string_view reveal() const noexcept;
  /// True if there is no text.
  bool empty() const noexcept { return text_ == nullptr; }
  /// Tells lengths apart early, contents only at the end.
  bool operator==(const Secret& other) const noexcept;

 private:
  std::shared_ptr<const std::string> text_;  // nothing if empty
};

/// Overwrites the whole buffer of `text` and empties it.
void cleanse(std::string& text) noexcept;

/// Cleanses a string at the end of a scope, however that ends.
struct CleanseAtEnd {
  std::string& text;
  /// Watches over `cleansed`, which must live longer.
  explicit CleanseAtEnd(std::string& cleansed) noexcept : text(cleansed) {}
  CleanseAtEnd(const CleanseAtEnd&) = delete;
  CleanseAtEnd& operator=(const CleanseAtEnd&) = delete;
  ~CleanseAtEnd() { cleanse(text); }
};

}  // namespace halcyon::docker_api
