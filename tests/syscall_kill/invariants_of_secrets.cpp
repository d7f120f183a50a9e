// 11: a value that only the container may have is looked for everywhere else.
#include <fmt/format.h>

#include <filesystem>

#include "invariants.hpp"

namespace halcyon::syscall_kill {
namespace {

namespace fs = std::filesystem;
using lab_tests::read_file;

class Search {
 public:
  explicit Search(const Evidence& evidence) : secret_(evidence.scene.secret) {}

  void look_at(const std::string& where, const std::string& text) {
    ++places_;
    if (text.find(secret_) != std::string::npos) finding_.faults.push_back("the secret is in " + where);
  }
  void look_into_directory(const fs::path& directory) {
    std::error_code absent;
    for (const auto& entry : fs::recursive_directory_iterator(directory, absent)) {
      const bool is_its_place = entry.path().parent_path().filename() == "secrets";
      if (entry.is_regular_file() && !is_its_place) look_at(entry.path(), read_file(entry.path()));
    }
  }
  /// Arguments of all processes; environments of those that are not in a container.
  void look_at_processes() {
    const auto own_namespace = fs::read_symlink("/proc/self/ns/pid");
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator("/proc", gone)) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      look_at("the arguments of process " + name, read_file(entry.path() / "cmdline"));
      const auto its_namespace = fs::read_symlink(entry.path() / "ns/pid", gone);
      if (!gone && its_namespace == own_namespace)
        look_at("the environment of process " + name, read_file(entry.path() / "environ"));
    }
  }
  Finding take() {
    finding_.looked_at = fmt::format("{} files, processes and answers", places_);
    return finding_;
  }

 private:
  const std::string secret_;
  std::size_t places_ = 0;
  Finding finding_{.number = 11};
};

}  // namespace

Finding no_secret_is_seen(const Evidence& evidence) {
  if (evidence.scene.secret.empty())
    return {.number = 11, .looked_at = "no secret was given", .applies = false};
  Search search(evidence);
  search.look_into_directory(evidence.scene.state);
  for (const auto& entry : fs::directory_iterator(evidence.scene.conf_dir)) {
    if (entry.path().filename().string().find(evidence.prefix()) != std::string::npos)
      search.look_at(entry.path(), read_file(entry.path()));
  }
  search.look_at("what commands have told", read_file(evidence.scene.runs_file));
  search.look_at("arguments or environment of a command that was killed",
                 read_file(evidence.scene.seen_file));
  for (const json& container : evidence.containers) {
    search.look_at("the labels of " + name_of_container(container),
                   container.at("Config").at("Labels").dump());
    search.look_at("the arguments of " + name_of_container(container), container.at("Args").dump());
  }
  for (const json& network : evidence.networks) search.look_at("a network's labels", network.dump());
  search.look_at_processes();
  return search.take();
}

}  // namespace halcyon::syscall_kill
