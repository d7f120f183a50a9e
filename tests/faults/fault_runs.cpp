#include "fault_runs.hpp"

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "orchestrator/error.hpp"

namespace halcyon::fault_tests {
namespace {

using crash_tests::answers;
using crash_tests::count_commits;
using lab_tests::ended;
using lab_tests::Finished;

constexpr auto k_last_outcome = static_cast<int>(orchestrator::Outcome::check_failed);

/// The word that goes with the exit code is the one that it told.
bool is_an_outcome(const Finished& finished, const std::string& word) {
  for (int value = 0; value <= k_last_outcome; ++value) {
    const auto outcome = static_cast<orchestrator::Outcome>(value);
    if (to_string(outcome) == word && exit_code(outcome) == finished.exit_code) return true;
  }
  return false;
}

}  // namespace

bool is_full() {
  const char* const full = std::getenv("HALCYON_TEST_FULL");
  return full != nullptr && std::string_view(full) == "1";
}

FaultRuns::FaultRuns() : control_(host_.directory() + "/control") {
  lab_tests::Settings settings = crash_tests::short_settings();
  settings.more = "\n[service.web.env]\nGREETING = \"hello\"\n";
  project_ = std::make_unique<lab_tests::Project>(settings, host_.lab());
}

void FaultRuns::install() { ASSERT_TRUE(ended(project_->install("one"), 0, "deployed")); }

bool FaultRuns::run_with(const std::vector<std::string>& words, const Injection& injection,
                         const std::string& record) {
  control_.reset();
  control_->fault = injection.fault;
  control_->error_number = injection.error_number;
  control_->fail_at = injection.at;
  std::strncpy(control_->root.data(), host_.directory().c_str(), control_->root.size() - 1);
  commits_before_ = count_commits(*project_);
  std::map<std::string, std::string> variables{{k_control_variable, control_.path()}};
  if (!record.empty()) variables[k_record_variable] = record;
  last_ = project_->halcyon(words, variables);
  look_again();
  return control_->place.front() != '\0';
}

void FaultRuns::look_again() { has_committed_ = count_commits(*project_) > commits_before_; }

bool FaultRuns::promote_with(const Injection& injection, const std::string& record) {
  attempted_ = wanted();
  return run_with({"promote", "production", attempted_}, injection, record);
}

std::string FaultRuns::place() const {
  return std::string(control_->place.data()) + ", which it ended with " + std::to_string(last_.exit_code) +
         ":\n" + last_.out + last_.err;
}

void FaultRuns::check_end() const {
  ASSERT_GE(last_.exit_code, 0) << "it did not end by itself (signal " << last_.signal << ")";
  ASSERT_TRUE(last_.document.is_object()) << "its result is not one document";
  ASSERT_TRUE(is_an_outcome(last_, last_.document.value("outcome", "")));
  for (const std::string_view word : {"Sanitizer", "terminate called", "runtime error", "std::"})
    ASSERT_EQ((last_.out + last_.err).find(word), std::string::npos) << word;
  ASSERT_FALSE(control_->told_too_early) << "success was told before COMMIT was durable";
  if (last_.exit_code == 0) {
    ASSERT_TRUE(has_committed_) << "it tells success without COMMIT";
  } else {
    const std::string error = last_.document.value("error", "");
    const char* const reason = std::strerror(control_->error_number);
    ASSERT_NE(error.find("cannot "), std::string::npos) << "its error does not say what was attempted";
    ASSERT_NE(error.find(reason), std::string::npos) << "its error does not say what happened: " << reason;
  }
  if (last_.exit_code == 1) ASSERT_FALSE(has_committed_) << "aborted, it says, and has committed";
  if (has_committed_) {
    ASSERT_TRUE(answers(*project_, {attempted_}));
  } else if (last_.exit_code == 1) {
    ASSERT_TRUE(answers(*project_, {serving_}));
  } else {
    ASSERT_TRUE(answers(*project_, {serving_, attempted_}));
  }
}

/// After a failed fsync every change is refused until doctor has read everything back.
void FaultRuns::let_doctor_read_back() {
  const Finished refused = project_->promote(wanted());
  ASSERT_TRUE(ended(refused, 3, "needs_operator")) << "changes go on after a disk that failed";
  ASSERT_NE(refused.document.value("error", "").find("halcyon doctor production --fix"), std::string::npos);
  const Finished fixed = project_->halcyon({"doctor", "production", "--fix"});
  ASSERT_EQ(fixed.exit_code, 0) << fixed.out << fixed.err;
  look_again();
}

bool FaultRuns::are_changes_stopped() const {
  return last_.document.is_object() &&
         last_.document.value("error", "").find("halcyon doctor production --fix") != std::string::npos;
}

void FaultRuns::recover(bool by_resume) {
  if (are_changes_stopped()) ASSERT_NO_FATAL_FAILURE(let_doctor_read_back());
  if (has_committed_) serving_ = attempted_;
  if (by_resume) {
    const Finished resumed = project_->resume();
    ASSERT_EQ(resumed.exit_code, 0) << resumed.out << resumed.err;
  } else {
    serving_ = wanted();
    ASSERT_TRUE(ended(project_->promote(serving_), 0, "deployed"));
  }
  ASSERT_TRUE(project_->serves(serving_));
}

}  // namespace halcyon::fault_tests
