// 3, 5, 8 and 10: the journal, and what was told of it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "invariants.hpp"

namespace halcyon::syscall_kill {
namespace {

using lab_tests::read_file;

/// The promotion that a run began: its event's text is `promote r4 p7`.
std::string begun_by(const Run& run) {
  for (const json& event : run.events) {
    if (event.value("event", "") != "promotion_began") continue;
    const std::string text = event.value("text", "");
    return text.substr(text.rfind(' ') + 1);
  }
  return "";
}

/// Between the beginning of its own promotion and its end, everything a run tells is about that.
void compare_told_with_records(const Evidence& evidence, const Run& run, std::size_t& told,
                               Finding& finding) {
  const std::string id = begun_by(run);
  if (id.empty()) return;
  const PromotionOnDisk* const promotion = evidence.journal.find_promotion(id);
  if (promotion == nullptr) {
    finding.faults.push_back(fmt::format("{} was told to have begun and is not in the journal", id));
    return;
  }
  bool is_own = false;
  for (const json& event : run.events) {
    const std::string kind = event.value("event", "");
    is_own = is_own || kind == "promotion_began";
    if (!is_own) continue;
    const std::string step = event.value("step", "");
    ++told;
    if (kind == "committed" && !promotion->committed)
      finding.faults.push_back(fmt::format("COMMIT of {} was told and is not in the journal", id));
    if (kind == "step_done" && !promotion->done.contains(step))
      finding.faults.push_back(
          fmt::format("{} of {} was told to be done and is not in the journal", step, id));
  }
}

std::string described(const Run& run) {
  return fmt::format("{} that ended with {} {}", run.verb, run.exit_code, run.document.dump());
}

void compare_exit_with_journal(const Evidence& evidence, const Run& run, Finding& finding) {
  const std::string outcome = run.document.value("outcome", "");
  const std::string id = run.document.value("promotion", "");
  const PromotionOnDisk* const promotion = evidence.journal.find_promotion(id);
  const bool is_committed = promotion != nullptr && promotion->committed;
  const bool tells_success = run.exit_code == 0 && outcome == "deployed";
  if (!id.empty() && promotion == nullptr)
    finding.faults.push_back("the journal does not know the promotion of the " + described(run));
  if (tells_success && (!is_committed || promotion->outcome != "deployed"))
    finding.faults.push_back("no COMMIT stands behind the " + described(run));
  if (!tells_success && is_committed && begun_by(run) == id)
    finding.faults.push_back("there is a COMMIT, but no success was told by the " + described(run));
  if ((run.exit_code == 0) != (outcome == "deployed" || outcome == "unchanged"))
    finding.faults.push_back("code and word contradict each other in the " + described(run));
  if (run.exit_code != 0 && run.document.value("error", "").empty())
    finding.faults.push_back("nothing is said about the state by the " + described(run));
}

}  // namespace

Finding one_promotion_at_a_time(const Evidence& evidence) {
  Finding finding{.number = 3,
                  .looked_at = fmt::format("{} promotions in the journal, one after the other; the lock",
                                           evidence.journal.promotions.size())};
  for (const std::string& fault : evidence.journal.faults) {
    if (fault.find("begins a promotion while") != std::string::npos) finding.faults.push_back(fault);
  }
  const int lock = ::open(evidence.path("lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (lock >= 0 && ::flock(lock, LOCK_EX | LOCK_NB) != 0)
    finding.faults.emplace_back("the lock is held although nothing runs");
  ::close(lock);
  return finding;
}

Finding acknowledged_records_are_there(const Evidence& evidence) {
  Finding finding{.number = 5, .faults = evidence.journal.faults};
  std::size_t kept = 0;
  for (const std::string& file : evidence.scene.journals_before) {
    const std::string before = read_file(file);
    kept = before.rfind('\n') + 1;  // a torn record behind it was acknowledged to nobody
    if (!evidence.journal.text.starts_with(before.substr(0, kept)))
      finding.faults.emplace_back(
          "records that were in the journal before are not there any more, or changed");
  }
  std::size_t told = 0;
  for (const Run& run : evidence.runs) compare_told_with_records(evidence, run, told, finding);
  finding.looked_at =
      fmt::format("the chain of {} records; {} bytes of before; {} things told by {} commands",
                  evidence.journal.records.size(), kept, told, evidence.runs.size());
  return finding;
}

Finding nothing_waits_for_ever(const Evidence& evidence) {
  Finding finding{.number = 8,
                  .looked_at = "the end of the journal; the processes that know the state's directory"};
  const auto& promotions = evidence.journal.promotions;
  if (!promotions.empty() && promotions.back().outcome.empty())
    finding.faults.push_back(fmt::format("{} is still open", promotions.back().id));
  const std::string project = std::filesystem::path(evidence.scene.runs_file).parent_path();
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(::getpid()))
      continue;
    const std::string program = std::filesystem::path(read_file(entry.path() / "comm")).filename();
    const auto directory = std::filesystem::read_symlink(entry.path() / "cwd", gone);
    if (!gone && directory == project && program.starts_with("halcyon"))
      finding.faults.push_back(
          fmt::format("process {} still runs: {}", name, read_file(entry.path() / "cmdline")));
  }
  return finding;
}

Finding success_is_told_rightly(const Evidence& evidence) {
  Finding finding{.number = 10};
  std::size_t ended = 0;
  for (const Run& run : evidence.runs) {
    if (run.signal != 0) continue;
    ++ended;
    if (run.document.is_object()) {
      compare_exit_with_journal(evidence, run, finding);
    } else {
      finding.faults.push_back(
          fmt::format("{} ended with {} and printed no document", run.verb, run.exit_code));
    }
  }
  finding.looked_at = fmt::format("{} commands that came to their end, beside {} that were killed", ended,
                                  evidence.runs.size() - ended);
  return finding;
}

}  // namespace halcyon::syscall_kill
