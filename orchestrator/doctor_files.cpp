// What doctor finds on the disk.
#include <fmt/format.h>
#include <sys/statvfs.h>

#include <filesystem>

#include "backup/durable_file.hpp"
#include "backup/error.hpp"
#include "orchestrator/doctor_findings.hpp"
#include "orchestrator/environment_lock.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/journal.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/storage_failure.hpp"

namespace halcyon::orchestrator {
namespace {

namespace fs = std::filesystem;

/// A promotion's records, the copies and nginx's files.
constexpr std::uint64_t k_needed_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t k_journal_limit_bytes = std::uint64_t{1} << 30;

void examine_storage(const StateDirectory& directory, Findings& findings) {
  if (const auto failure = find_storage_failure(directory)) {
    findings.repairable("storage", fmt::format("the disk has failed an earlier command: {}", *failure),
                        "all state is read back from the disk and written anew");
    return;
  }
  if (const auto fault = directory.find_file_system_fault()) {
    findings.differs("storage", fmt::format("{}: {}", directory.root(), *fault), "Move the state directory");
    return;
  }
  struct statvfs status {};
  const bool is_known = ::statvfs(directory.root().c_str(), &status) == 0;
  const std::uint64_t free_bytes =
      is_known ? std::uint64_t{status.f_bavail} * status.f_frsize : k_needed_bytes;
  if (free_bytes < k_needed_bytes || (is_known && status.f_files > 0 && status.f_favail == 0)) {
    findings.differs(
        "storage",
        fmt::format("{} has {} bytes and {} inodes left", directory.root(), free_bytes, status.f_favail),
        "Free some space: promotions are refused before that");
    return;
  }
  const std::vector<std::string> unsaved = find_unsaved_files(directory);
  if (unsaved.empty()) {
    findings.agrees("storage", "what the disk holds is what was written");
  } else {
    findings.repairable(
        "storage",
        fmt::format("the disk holds something else than the page cache: {}", fmt::join(unsaved, ", ")),
        "all state is read back from the disk and written anew");
  }
}

void examine_directories(const StateDirectory& directory, Findings& findings) {
  const std::vector<std::string> wrong = directory.find_wrong_directories();
  if (wrong.empty()) {
    findings.agrees("directories", directory.root());
  } else {
    findings.repairable("directories", fmt::format("{}", fmt::join(wrong, "; ")), "they are put right");
  }
}

std::optional<Release> examine_record(const StateDirectory& directory, const std::string& release,
                                      std::vector<std::string>& faults) {
  if (release.empty()) return std::nullopt;
  try {
    return directory.read_release(release);
  } catch (const std::exception& error) {
    faults.emplace_back(error.what());
    return std::nullopt;
  }
}

void examine_promotion(const Environment& environment, const StateDirectory& directory,
                       const EnvironmentState& state, Findings& findings) {
  if (const auto holder = find_lock_holder(directory.lock())) {
    findings.unknown("promotion", fmt::format("the environment is being changed: {}", to_string(*holder)),
                     fmt::format("Run halcyon doctor {} again when that is over", environment.name.text()));
  } else if (state.open) {
    findings.repairable("promotion",
                        fmt::format("{} {} was interrupted {} COMMIT", to_string(state.open->kind),
                                    state.open->id, state.open->committed ? "after" : "before"),
                        state.open->committed ? "it is finished" : "it is undone");
  } else {
    findings.agrees("promotion", "none is open");
  }
}

void examine_caches(const StateDirectory& directory, const EnvironmentState& state, Findings& findings) {
  const std::vector<std::string> stale = directory.find_stale_caches(state);
  if (stale.empty()) {
    findings.agrees("caches", "current_release, previous_release and releases.log say what the journal says");
  } else {
    findings.repairable("caches", fmt::format("{}: not what the journal says", fmt::join(stale, ", ")),
                        "they are written from the journal");
  }
}

void examine_flags(const Environment& environment, const StateDirectory& directory,
                   const EnvironmentState& state, Findings& findings) {
  if (environment.nginx.switch_way == SwitchWay::reload || state.placements.empty()) return;
  std::vector<std::string> wrong;
  for (const auto& [service, placement] : state.placements) {
    if (directory.read_flag(service) != placement.slot)
      wrong.push_back(fmt::format("{} does not say {}", directory.flag(service), to_string(placement.slot)));
  }
  if (wrong.empty()) {
    findings.agrees("flags",
                    fmt::format("{} as the journal says", state.placements.size() == 1 ? "one" : "all"));
  } else {
    findings.repairable("flags", fmt::format("{}", fmt::join(wrong, "; ")), "they are put right");
  }
}

/// Files that a killed process left, and what an earlier promotion replaced.
void examine_leftovers(const StateDirectory& directory, const EnvironmentState& state, Findings& findings) {
  std::vector<std::string> left;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(directory.root(), failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (backup::is_temporary_name(name) || (!state.open && name.find(".before.p") != std::string::npos))
      left.push_back(entry->path().string());
  }
  if (left.empty()) {
    findings.agrees("leftovers", "no file of a killed process");
  } else {
    findings.repairable("leftovers", fmt::format("{}", fmt::join(left, ", ")), "they are removed");
  }
}

}  // namespace

std::optional<Truth> examine_journal(const Environment& environment, const StateDirectory& directory,
                                     Findings& findings) {
  Truth truth;
  try {
    examine_storage(directory, findings);
    examine_directories(directory, findings);
    const std::string text = backup::read_file(directory.journal(), k_journal_limit_bytes).value_or("");
    const JournalText journal = parse_journal(text);
    if (journal.damage) throw_damaged_journal(directory.journal(), *journal.damage);
    truth.state = fold_all(journal.records);
    refuse_lost_records(directory, directory.last_promotion_in_log(), truth.state);
    const bool is_torn = !journal.torn_tail.empty() && !find_lock_holder(directory.lock());
    if (is_torn) {
      findings.repairable("journal",
                          fmt::format("it ends in a record that was not written to its end ({} bytes)",
                                      journal.torn_tail.size()),
                          "that is cut off and kept beside it");
    } else {
      findings.agrees("journal", fmt::format("{} records, none missing", journal.records.size()));
    }
  } catch (const Error& error) {
    findings.differs("journal", error.what(), "Nothing else can be compared until then");
    return std::nullopt;
  } catch (const backup::Error& error) {
    findings.unknown("journal", error.what(), "Nothing else can be compared until then");
    return std::nullopt;
  }
  examine_promotion(environment, directory, truth.state, findings);
  std::vector<std::string> faults;
  truth.current = examine_record(directory, truth.state.current, faults);
  truth.previous = examine_record(directory, truth.state.previous, faults);
  if (faults.empty()) {
    findings.agrees("releases",
                    truth.state.current.empty()
                        ? "none yet"
                        : fmt::format("the record of {}{} is whole", truth.state.current,
                                      truth.state.previous.empty() ? "" : " and of " + truth.state.previous));
  } else {
    findings.differs("releases", fmt::format("{}", fmt::join(faults, "; ")),
                     fmt::format("What serves goes on; halcyon promote {} TAG writes a new record",
                                 environment.name.text()));
  }
  return truth;
}

void examine_files(const Environment& environment, const StateDirectory& directory, const Truth& truth,
                   Findings& findings) {
  examine_caches(directory, truth.state, findings);
  if (!truth.state.open) examine_flags(environment, directory, truth.state, findings);
  examine_leftovers(directory, truth.state, findings);
}

}  // namespace halcyon::orchestrator
