// What a file system may hold after a power cut: the recorded operations of a run, replayed with some of
// those that were not synced left out.
//
// The model is as weak as POSIX allows: content becomes durable by a sync of the file, a name by a sync of
// its directory, and until then each operation is kept or lost independently of every other. A rename is kept
// or lost as a whole.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/faults/operation.hpp"

namespace halcyon::fault_tests {

struct Node {
  enum class Kind { file, directory, link };
  Kind kind = Kind::file;
  mode_t mode = 0;
  std::string content;  ///< a link's: its target
  bool operator==(const Node&) const = default;
};

/// Everything below the watched roots, by path.
using Tree = std::map<std::string, Node>;

/// The directories that are recorded and made again.
struct Roots {
  std::vector<std::string> paths;
  /// False for what is for people only or written by nginx: the lock's text, the logs.
  bool watches(const std::string& path) const;
};

Tree read_tree(const Roots& roots);
/// Makes what is below the roots exactly `tree`, each path with the beginning `from` replaced by `to`.
void write_tree(const Tree& tree, const Roots& roots, const std::string& from, const std::string& to);

/// Which operations are lost, and of which writes only so many bytes are kept.
struct Loss {
  std::set<std::size_t> lost;
  std::map<std::size_t, std::size_t> torn;
};

class FileHistory {
 public:
  /// Reads what is there before the operations; to be constructed before the run.
  explicit FileHistory(Roots roots);

  /// Takes the record of the run.
  void add(const std::vector<Operation>& operations);

  std::size_t size() const noexcept { return operations_.size(); }
  const Operation& operation(std::size_t index) const { return operations_.at(index); }
  const Roots& roots() const noexcept { return roots_; }

  /// Of the first `count` operations, those that a power cut may lose.
  std::vector<std::size_t> find_unsynced(std::size_t count) const;
  /// The number of bytes if that operation is a write to a watched file; else 0.
  std::size_t bytes_of_write(std::size_t index) const;
  /// What is there after the first `count` operations but those that are lost.
  Tree state(std::size_t count, const Loss& loss) const;

 private:
  using NodeId = std::size_t;
  static constexpr std::size_t k_never = ~std::size_t{0};

  /// What an operation means to the watched files.
  struct Effect {
    bool changes_content = false;
    bool changes_names = false;
    NodeId node = 0;
    std::size_t durable_at = k_never;  ///< the sync that made it so
  };

  Effect effect_of(const Operation& operation);
  void settle(std::size_t sync);
  NodeId add_node(const std::string& inode, Node node);

  Roots roots_;
  std::map<std::string, NodeId> names_;   ///< before the operations
  std::vector<Node> nodes_;               ///< as they begin
  std::map<std::string, NodeId> inodes_;  ///< whose the number is by now
  std::vector<Operation> operations_;
  std::vector<Effect> effects_;
};

/// Reads a record of operations.
std::vector<Operation> read_operations(const std::string& path);

}  // namespace halcyon::fault_tests
