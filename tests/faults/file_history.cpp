#include "file_history.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace halcyon::fault_tests {
namespace {

namespace fs = std::filesystem;

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Node read_node(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) throw std::runtime_error("cannot look at " + path);
  Node node{.kind = Node::Kind::file, .mode = status.st_mode & 07777, .content = {}};
  if (S_ISDIR(status.st_mode)) {
    node.kind = Node::Kind::directory;
  } else if (S_ISLNK(status.st_mode)) {
    node.kind = Node::Kind::link;
    node.content = fs::read_symlink(path);
  } else {
    node.content = read_bytes(path);
  }
  return node;
}

void make_node(const std::string& path, const Node& node) {
  if (node.kind == Node::Kind::link) return fs::create_symlink(node.content, path);
  if (node.kind == Node::Kind::directory) {
    fs::create_directory(path);
  } else {
    std::ofstream(path, std::ios::binary) << node.content;
  }
  ::chmod(path.c_str(), node.mode);
}

void write_at(std::string& content, std::size_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
  content.replace(offset, bytes.size(), bytes);
}

/// Takes away what lies in a directory that is not there.
template <class Names>
void drop_unreachable(Names& names, const Roots& roots) {
  std::erase_if(names, [&](const auto& entry) {
    for (std::string parent = directory_of(entry.first); roots.watches(parent);
         parent = directory_of(parent)) {
      if (!names.contains(parent)) return true;
    }
    return false;
  });
}

}  // namespace

bool Roots::watches(const std::string& path) const {
  if (path.ends_with("/lock") || path.find("/logs/") != std::string::npos) return false;
  return std::any_of(paths.begin(), paths.end(),
                     [&](const std::string& root) { return path == root || path.starts_with(root + "/"); });
}

Tree read_tree(const Roots& roots) {
  Tree tree;
  for (const std::string& root : roots.paths) {
    if (!fs::exists(root)) continue;
    tree[root] = read_node(root);
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      const std::string path = entry.path();
      if (roots.watches(path)) tree[path] = read_node(path);
    }
  }
  return tree;
}

void write_tree(const Tree& tree, const Roots& roots, const std::string& from, const std::string& to) {
  const auto placed = [&](const std::string& path) { return to + path.substr(from.size()); };
  Roots there;
  for (const std::string& root : roots.paths) {
    there.paths.push_back(placed(root));
    fs::create_directories(directory_of(placed(root)));
  }
  Tree now = read_tree(there);
  for (const auto& [path, node] : tree) {
    const auto found = now.find(placed(path));
    if (found != now.end() && found->second == node) continue;
    if (found != now.end() && node.kind == Node::Kind::directory && found->second.kind == node.kind) {
      ::chmod(placed(path).c_str(), node.mode);
      continue;
    }
    fs::remove_all(placed(path));
    make_node(placed(path), node);
  }
  for (const auto& [path, node] : now) {
    if (!tree.contains(from + path.substr(to.size()))) fs::remove_all(path);
  }
}

FileHistory::FileHistory(Roots roots) : roots_(std::move(roots)) {
  for (const auto& [path, node] : read_tree(roots_)) {
    struct stat status {};
    ::lstat(path.c_str(), &status);
    names_[path] = add_node(std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino), node);
  }
}

FileHistory::NodeId FileHistory::add_node(const std::string& inode, Node node) {
  nodes_.push_back(std::move(node));
  return inodes_[inode] = nodes_.size() - 1;
}

void FileHistory::add(const std::vector<Operation>& operations) {
  for (const Operation& operation : operations) {
    operations_.push_back(operation);
    effects_.push_back(operation.error_number == 0 ? effect_of(operation) : Effect{});
    if (operation.call == "sync" && operation.error_number == 0) settle(operations_.size() - 1);
  }
}

FileHistory::Effect FileHistory::effect_of(const Operation& operation) {
  const std::string& call = operation.call;
  if (call == "sync" || call == "request" || call == "signal") return {};
  const bool has_content = call == "write" || call == "truncate" || call == "chmod";
  if (has_content) {
    const auto known = inodes_.find(operation.inode);
    if (known == inodes_.end() || !roots_.watches(operation.path)) return {};
    return {.changes_content = true, .node = known->second};
  }
  if (!roots_.watches(operation.path)) return {};
  Effect effect{.changes_names = true};
  const auto mode = static_cast<mode_t>(operation.offset);
  if (call == "create") effect.node = add_node(operation.inode, {Node::Kind::file, mode, {}});
  if (call == "mkdir") effect.node = add_node(operation.inode, {Node::Kind::directory, mode, {}});
  if (call == "symlink") effect.node = add_node(operation.inode, {Node::Kind::link, 0777, operation.to});
  if (call == "rename" || call == "link") effect.node = inodes_.at(operation.inode);
  return effect;
}

/// That sync makes durable what came before it.
void FileHistory::settle(std::size_t sync) {
  const Operation& done = operations_[sync];
  const auto node = inodes_.find(done.inode);
  for (std::size_t index = 0; index < sync; ++index) {
    Effect& effect = effects_[index];
    if (effect.durable_at != k_never) continue;
    const bool is_covered =
        (effect.changes_content && node != inodes_.end() && effect.node == node->second) ||
        (effect.changes_names && directory_of(operations_[index].path) == done.path);
    if (is_covered) effect.durable_at = sync;
  }
}

std::vector<std::size_t> FileHistory::find_unsynced(std::size_t count) const {
  std::vector<std::size_t> found;
  for (std::size_t index = 0; index < count; ++index) {
    const Effect& effect = effects_[index];
    if ((effect.changes_content || effect.changes_names) && effect.durable_at >= count)
      found.push_back(index);
  }
  return found;
}

std::size_t FileHistory::bytes_of_write(std::size_t index) const {
  return effects_[index].changes_content ? operations_[index].bytes.size() : 0;
}

Tree FileHistory::state(std::size_t count, const Loss& loss) const {
  std::map<std::string, NodeId> names = names_;
  std::vector<Node> nodes = nodes_;
  for (std::size_t index = 0; index < count; ++index) {
    const Effect& effect = effects_[index];
    const Operation& operation = operations_[index];
    if (loss.lost.contains(index)) continue;
    if (effect.changes_content) {
      Node& node = nodes[effect.node];
      const auto torn = loss.torn.find(index);
      const std::string_view bytes =
          std::string_view(operation.bytes)
              .substr(0, torn == loss.torn.end() ? std::string::npos : torn->second);
      if (operation.call == "write") write_at(node.content, operation.offset, bytes);
      if (operation.call == "truncate") node.content.resize(operation.offset, '\0');
      if (operation.call == "chmod") node.mode = static_cast<mode_t>(operation.offset);
    } else if (effect.changes_names) {
      if (operation.call == "rename" || operation.call == "unlink") names.erase(operation.path);
      if (operation.call == "rename" || operation.call == "link") names[operation.to] = effect.node;
      if (operation.call == "create" || operation.call == "mkdir" || operation.call == "symlink")
        names[operation.path] = effect.node;
    }
  }
  drop_unreachable(names, roots_);
  Tree tree;
  for (const auto& [path, node] : names) tree[path] = nodes[node];
  return tree;
}

std::vector<Operation> read_operations(const std::string& path) {
  std::vector<Operation> operations;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto read = nlohmann::json::parse(line, nullptr, false);
    if (!read.is_object()) break;  // the process was killed in the middle of it
    operations.push_back(read.get<Operation>());
  }
  return operations;
}

}  // namespace halcyon::fault_tests
