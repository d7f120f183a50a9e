// Text that must not be shown, and is overwritten when its last owner goes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::docker_api {

/// Allocates pages of their own that are left out of core dumps and, as far as the system allows it, are
/// never swapped out; overwrites them when they are given back.
///
/// Errors: std::bad_alloc, also if the system cannot leave pages out of a dump.
/// Source: mmap(2), madvise(2) MADV_DONTDUMP, mlock(2); man-pages 6.03.
template <class T>
struct SecretAllocator {
  using value_type = T;  ///< what is allocated: char
  SecretAllocator() = default;
  /// All of them are alike.
  template <class U>
  explicit SecretAllocator(const SecretAllocator<U>&) noexcept {}
  /// Takes pages of their own.
  T* allocate(std::size_t count);
  /// Overwrites them and gives them back.
  void deallocate(T* memory, std::size_t count) noexcept;
  bool operator==(const SecretAllocator&) const noexcept { return true; }
};
/// @cond
template <>
char* SecretAllocator<char>::allocate(std::size_t count);
template <>
void SecretAllocator<char>::deallocate(char* memory, std::size_t count) noexcept;
/// @endcond

/// Text under construction that must not be shown. A vector, because a short string would lie in the object
/// itself.
using SecretText = std::vector<char, SecretAllocator<char>>;
/// Appends to secret text.
inline void append(SecretText& text, std::string_view more) {
  text.insert(text.end(), more.begin(), more.end());
}

/// A password or a token. There is no operator<< and no formatter: it gets into no message by accident.
///
/// Guaranteed: the text, and a header or body made of it on its way to a peer, lie in memory that is left out
///          of core dumps of this process (and of what gcore writes) and that is overwritten at its end.
/// Not guaranteed: what the caller has copied it from or to; what a JSON parser leaves in freed memory of a
///          config.json or a helper's answer it was read from (our own buffers are overwritten); registers
///          and the stack at the moment of a crash inside the encoder; TLS session keys; a debugger, root, or
///          a hibernation image. A core dump that a child made by fork() writes is covered, too.
/// Owns:    one buffer, shared by all copies and overwritten with the last of them.
/// Threads: immutable after construction.
class Secret {
 public:
  Secret() = default;
  /// Copies the text; the caller's own copy is the caller's to cleanse().
  explicit Secret(std::string_view text);
  /// Takes over what was built in place.
  explicit Secret(SecretText text);

  /// The text itself; only for the one who sends it on.
  std::string_view reveal() const noexcept;
  /// True if there is no text.
  bool empty() const noexcept { return text_ == nullptr; }
  /// Tells lengths apart early, contents only at the end.
  bool operator==(const Secret& other) const noexcept;

 private:
  std::shared_ptr<const SecretText> text_;  // nothing if empty
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
