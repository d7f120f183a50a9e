// What a fuzz target is. One file defines one target; libFuzzer runs it (fuzz_main.cpp), and the dev build
// plays the corpus back to all of them in one test program (replay_tests.cpp).
#pragma once

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::fuzz {

struct Target {
  const char* name;
  void (*run)(std::string_view input);
};

/// All targets linked into this program.
std::vector<Target>& targets();

struct RegisterTarget {
  RegisterTarget(const char* name, void (*run)(std::string_view)) { targets().push_back({name, run}); }
};

/// What a target throws when the code under test breaks a promise. No target catches it.
class BrokenPromise : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws BrokenPromise with `promise` unless it holds.
inline void require(bool holds, const std::string& promise) {
  if (!holds) throw BrokenPromise("broken promise: " + promise);
}

/// True if `attempt` comes to its end, false if it throws an Error, which must say something. Whatever else
/// it throws gets through.
template <class Error, class Attempt>
bool succeeds(Attempt attempt) {
  try {
    attempt();
    return true;
  } catch (const Error& error) {
    require(*error.what() != '\0', "an error says what happened");
    return false;
  }
}

/// What `attempt` throws, as text; empty if it throws nothing.
template <class Error, class Attempt>
std::string words_of(Attempt attempt) {
  try {
    attempt();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// A password that no fuzzer finds by itself: what shows it has got it from where we put it.
inline constexpr std::string_view k_password = "hunter2Xq7vW9";
inline bool shows_password(std::string_view text) { return text.find(k_password) != std::string_view::npos; }
/// The fuzzer has read it in the program, perhaps in parts: what a message leaves out must not join them.
inline bool knows_password(std::string_view input) {
  std::string letters(input);
  std::erase_if(letters, [](unsigned char c) { return std::isalnum(c) == 0; });
  return shows_password(letters);
}

/// Takes choices for the target off the front of the input; what is left is the text under test. An input
/// that is used up gives zeros, so that every input is valid.
class Choices {
 public:
  explicit Choices(std::string_view input) : input_(input) {}

  std::uint8_t byte() {
    if (input_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(input_.front());
    input_.remove_prefix(1);
    return value;
  }
  /// 0 to `most`, from two bytes.
  std::size_t up_to(std::size_t most) {
    const std::size_t high = byte();
    return (high << 8U | byte()) % (most + 1);
  }
  std::string_view rest() const { return input_; }
  /// What stands before the next `separator`, which is dropped; all of it if there is none.
  std::string_view part(char separator = '\0') {
    const std::size_t at = input_.find(separator);
    const std::string_view found = input_.substr(0, at);
    input_.remove_prefix(at == std::string_view::npos ? input_.size() : at + 1);
    return found;
  }

 private:
  std::string_view input_;
};

/// Cuts `text` into pieces whose sizes repeat `pattern` (0 counts as 1; nothing: one piece).
std::vector<std::string_view> split(std::string_view text, std::string_view pattern);

}  // namespace halcyon::fuzz

/// HALCYON_FUZZ_TARGET(name, input) { ... }
// NOLINTBEGIN(bugprone-macro-parentheses)
#define HALCYON_FUZZ_TARGET(name, input)                                          \
  static void fuzz_##name(std::string_view input);                                \
  static const halcyon::fuzz::RegisterTarget register_##name(#name, fuzz_##name); \
  static void fuzz_##name(std::string_view input)
// NOLINTEND(bugprone-macro-parentheses)
