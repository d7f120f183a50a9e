// Which system calls can change anything outside of the process, and what each is called in every run alike.
#pragma once

#include <sys/ptrace.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halcyon::syscall_kill {

/// A system call at its entry stop.
struct CallAtEntry {
  pid_t thread = 0;
  std::uint64_t number = 0;
  std::uint64_t arguments[6] = {};
};

/// Text that differs from run to run, and what stands for it: {"/tmp/hl7/state/shop/production", "state"}.
using Replacements = std::vector<std::pair<std::string, std::string>>;

/// Names the calls of one run. A point is `RECORD: CALL SUBJECT #N`: the record that was written to the
/// journal last, the call, what it is about, and the how many-th of that name it is.
class PointNames {
 public:
  /// `every_call`: also those that change nothing, such as futex and read.
  PointNames(Replacements replacements, bool every_call)
      : replacements_(std::move(replacements)), every_call_(every_call) {}

  /// Nothing if dying here is the same as dying at the next call that changes something.
  std::optional<std::string> name(const CallAtEntry& call);

 private:
  struct Described {
    std::string subject;
    bool changes = true;
    std::string record{};  ///< "began create", if that is what the call writes
  };
  Described describe(const CallAtEntry& call) const;
  Described describe_descriptor(const CallAtEntry& call, int descriptor, const std::string& bytes) const;
  std::string subject_of(const std::string& text) const;

  Replacements replacements_;
  bool every_call_;
  std::string record_ = "start";
  std::map<std::string, int> counts_;
};

/// With ids as "ID" and numbers as "N": `/containers/0123456789abcdef/start` is `/containers/ID/start`.
std::string without_numbers(std::string_view text);

}  // namespace halcyon::syscall_kill
