#include "orchestrator/storage_failure.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "backup/durable_file.hpp"
#include "backup/error.hpp"
#include "orchestrator/journal.hpp"

namespace halcyon::orchestrator {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_file_limit_bytes = std::uint64_t{1} << 30;
constexpr mode_t k_permissions = 07777;

/// On another file system, which forgets with the page cache: at the next start of the host.
constexpr const char* k_elsewhere = "/run/halcyon";

/// Where a failure is kept if the state directory cannot keep it.
std::string path_elsewhere(const StateDirectory& directory) {
  std::string name = directory.root().substr(1);
  std::replace(name.begin(), name.end(), '/', '-');
  return fmt::format("{}/{}.storage_failed", k_elsewhere, name);
}

/// The first failure is the one that tells something.
void keep(const StateDirectory& directory, const std::string& text) {
  for (const std::string& path : {directory.storage_failed(), path_elsewhere(directory)}) {
    if (::access(path.c_str(), F_OK) == 0) return;
  }
  try {
    backup::replace_file(directory.storage_failed(), text, 0600);
    return;
  } catch (const backup::Error&) {
    backup::ensure_directory(k_elsewhere, 0711);
  }
  backup::replace_file(path_elsewhere(directory), text, 0600);
}

/// Files that hold nothing of ours to lose: nginx writes its log, and the lock's text is for people.
bool is_left_alone(const StateDirectory& directory, const std::string& path) {
  return path == directory.lock() || path == directory.storage_failed() ||
         path.starts_with(directory.root() + "/logs/");
}

std::vector<std::string> list_state_files(const StateDirectory& directory) {
  std::vector<std::string> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(directory.root(), failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string path = entry->path().string();
    if (entry->symlink_status().type() == fs::file_type::regular && !is_left_alone(directory, path))
      files.push_back(path);
  }
  if (!failed) return files;
  throw backup::Error(backup::ErrorKind::failed, failed.value(),
                      fmt::format("cannot list what is in {}: {}", directory.root(), failed.message()));
}

std::string read_back(const std::string& path) {
  return backup::read_file_from_disk(path, k_file_limit_bytes).value_or("");
}

/// The kernel may still have to tell of the failure that is over; it does so once.
std::string read_after_failure(const std::string& path) {
  try {
    return read_back(path);
  } catch (const backup::Error& error) {
    if (error.kind() != backup::ErrorKind::not_synced) throw;
  }
  return read_back(path);
}

void rewrite(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return;
  const std::string content = read_after_failure(path);
  backup::replace_file(path, content, status.st_mode & k_permissions);
  if (read_back(path) == content) return;
  throw backup::Error(backup::ErrorKind::not_synced, EIO,
                      fmt::format("{} was written, and something else was read back from the disk", path));
}

}  // namespace

std::string remember_storage_failure(const Environment& environment, const Failure& failure) {
  if (!failure.storage) return {};
  const StateDirectory directory(environment.state_directory);
  std::string remembered;
  try {
    keep(directory, fmt::format("{} {}\n", timestamp_now(), failure.text));
  } catch (const backup::Error& error) {
    remembered = fmt::format(" (that could not be kept for later commands: {})", error.what());
  }
  return fmt::format(
      "Changes stop{}, traffic is left alone. When the disk is well, halcyon doctor {} --fix reads all "
      "state back from it, writes it anew, and lets changes go on",
      remembered, environment.name.text());
}

std::optional<std::string> find_storage_failure(const StateDirectory& directory) {
  auto text = backup::read_file(directory.storage_failed());
  if (!text) text = backup::read_file(path_elsewhere(directory));
  while (text && text->ends_with('\n')) text->pop_back();
  return text;
}

void refuse_after_storage_failure(const Environment& environment, const StateDirectory& directory) {
  if (!directory.exists()) return;  // of what was there once; nothing is left to be read back
  const auto failure = find_storage_failure(directory);
  if (!failure) return;
  throw Error(
      Outcome::needs_operator,
      fmt::format("cannot change {}: the disk has failed an earlier command ({}). Nothing was changed, "
                  "and traffic is left alone. When the disk is well, run halcyon doctor {} --fix: it "
                  "reads all state back from the disk and writes it anew",
                  environment.name.text(), *failure, environment.name.text()));
}

std::vector<std::string> find_unsaved_files(const StateDirectory& directory) {
  std::vector<std::string> unsaved;
  for (const std::string& path : list_state_files(directory)) {
    try {
      const auto cached = backup::read_file(path, k_file_limit_bytes);
      const auto on_disk = backup::read_file_from_disk(path, k_file_limit_bytes);
      // A journal that is being written has grown meanwhile.
      const bool is_same = !cached || (on_disk && on_disk->starts_with(*cached));
      if (!is_same) unsaved.push_back(path);
    } catch (const backup::Error& error) {
      unsaved.emplace_back(error.what());
    }
  }
  return unsaved;
}

std::size_t rewrite_state(const StateDirectory& directory) {
  const JournalText journal = parse_journal(read_after_failure(directory.journal()));
  if (journal.damage) throw_damaged_journal(directory.journal(), *journal.damage);
  const std::vector<std::string> files = list_state_files(directory);
  for (const std::string& file : files) rewrite(file);
  backup::remove_file(directory.storage_failed());
  backup::remove_file(path_elsewhere(directory));
  return files.size();
}

}  // namespace halcyon::orchestrator
