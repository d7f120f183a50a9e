// One file operation of the program, as it is recorded: a JSON object on a line of its own.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace halcyon::fault_tests {

struct Operation {
  std::string call;   ///< "create", "write", "truncate", "chmod", "rename", "unlink", "link", "symlink",
                      ///< "mkdir", "sync"; "request" and "signal" for effects elsewhere
  std::string path;   ///< absolute; of a descriptor: what it was opened as
  std::string to;     ///< rename, link: the new name; symlink: the target
  std::string inode;  ///< "device:number" of the file or directory
  std::uint64_t offset = 0;       ///< write: where; truncate: the new size; chmod: the mode
  std::string bytes;              ///< write
  std::int32_t error_number = 0;  ///< 0: it succeeded

  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Operation, call, path, to, inode, offset, bytes, error_number)
};

}  // namespace halcyon::fault_tests
