// Runs the program with a fault, and looks at how it ends.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/crash/crash_project.hpp"
#include "tests/crash/shared_object.hpp"
#include "tests/faults/fault_control.hpp"

namespace halcyon::fault_tests {

/// "Everything", with HALCYON_TEST_FULL=1; else a part.
bool is_full();

struct Injection {
  Fault fault = Fault::none;
  int error_number = 0;
  std::uint64_t at = 0;  ///< from 1
};

/// A host with an application of which release "one" serves.
class FaultRuns {
 public:
  FaultRuns();

  const crash_tests::FakeHost& host() const noexcept { return host_; }
  const lab_tests::Project& project() const noexcept { return *project_; }
  const std::string& serving() const noexcept { return serving_; }
  /// What the next promotion brings.
  std::string wanted() const { return crash_tests::next_tag(serving_); }
  const FaultControl& control() const noexcept { return *control_.operator->(); }
  const lab_tests::Finished& last() const noexcept { return last_; }
  /// COMMIT of the last run is in the journal.
  bool has_committed() const noexcept { return has_committed_; }

  /// Installs "one". Without it nothing is there.
  void install();
  /// Promotes what is wanted, with the fault. False: it came to its end without meeting it. `record`: a file
  /// that takes its operations, "" for none.
  bool promote_with(const Injection& injection, const std::string& record = "");
  /// The same with any command.
  bool run_with(const std::vector<std::string>& words, const Injection& injection,
                const std::string& record = "");
  /// After the state on the disk was changed: looks for COMMIT again.
  void look_again();
  /// How the last run ended, held against what must be so whatever failed: an end of its own, one document
  /// with a clear error, no success without COMMIT, an answer through nginx.
  void check_end() const;
  /// Brings all to rest: by `resume`, or simply by the next promotion; after a failed fsync by `doctor --fix`
  /// before that. Then everything agrees.
  void recover(bool by_resume);
  /// For messages.
  std::string place() const;

 private:
  bool are_changes_stopped() const;
  void let_doctor_read_back();
  crash_tests::FakeHost host_;
  crash_tests::SharedObject<FaultControl> control_;
  std::unique_ptr<lab_tests::Project> project_;
  std::string serving_ = "one";
  std::string attempted_ = "one";
  lab_tests::Finished last_;
  std::size_t commits_before_ = 0;
  bool has_committed_ = false;
};

}  // namespace halcyon::fault_tests
