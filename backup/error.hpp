// The one error type of backup.
#pragma once

#include <stdexcept>
#include <string>

namespace halcyon::backup {

enum class ErrorKind {
  no_space,    ///< ENOSPC or EDQUOT; nothing was replaced
  not_synced,  ///< fsync, close or rename failed: what is on disk is unknown; never retried
               ///< (third_party_docs/linux_files.md)
  refused,     ///< not ours to write: a link, a wrong owner, a network file system
  failed,      ///< any other operating system error
};

/// Says which path, which call, and what the operating system answered.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, int error_number, const std::string& text)
      : std::runtime_error(text), kind_(kind), error_number_(error_number) {}
  ErrorKind kind() const noexcept { return kind_; }
  int error_number() const noexcept { return error_number_; }

 private:
  ErrorKind kind_;
  int error_number_;
};

}  // namespace halcyon::backup
