// An application whose commands are killed at their system calls, and looked at from outside afterwards.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness_project.hpp"

namespace halcyon::syscall_kill {

/// A moment in a run: "before POINT" or "after POINT".
using Moments = std::vector<std::string>;

/// Both moments of every point.
Moments moments_of(const std::vector<std::string>& points);
/// `wanted` of them, the same ones each time: one each from records of the journal that are evenly spread, so
/// that a record behind which much is done does not push the others out. `second`: from those between.
/// With HALCYON_TEST_FULL=1 all.
Moments choose(const Moments& moments, std::size_t wanted, bool second);

/// The load generator beside the tests.
class Load {
 public:
  /// `kinds`: its options for what to ask. Its report goes to the project's directory.
  Load(const lab_tests::Project& project, const std::vector<std::string>& kinds);
  /// Ends it. The file with its report.
  std::string finish();

 private:
  const std::string report_;
  std::unique_ptr<lab_tests::Running> running_;
};

/// Not installed at first; "one", "two" and "three" are there to be pulled and promoted.
class KillProject {
 public:
  /// `bystander`: an installed application that must not be touched.
  explicit KillProject(const lab_tests::Project& bystander);

  const lab_tests::Project& project() const noexcept { return project_; }
  /// Runs a command to its end.
  lab_tests::Finished run(const std::vector<std::string>& words,
                          const std::map<std::string, std::string>& variables = {});
  /// Runs a command and kills it at that moment; it may come to its end before.
  lab_tests::Finished kill(const std::vector<std::string>& words, const std::string& moment);
  /// Runs a command to its end; the points it had.
  std::vector<std::string> list_points(const std::vector<std::string>& words);

  /// The checker finds nothing wrong.
  ::testing::AssertionResult holds_all_invariants(const std::string& load_report = "");
  std::string serving_tag() const { return project_.get().release(); }
  bool serves_from_green() const;
  /// A tag that neither serves nor is the way back, so that it must be pulled.
  std::string next_tag() const;
  std::string previous_tag() const;
  std::size_t count_commits() const;

 private:
  lab_tests::Program traced(const std::vector<std::string>& words,
                            const std::vector<std::string>& options) const;
  lab_tests::Finished run_and_note(const std::string& verb, const lab_tests::Program& program);
  std::string path(const std::string& name) const { return project_.directory() + '/' + name; }

  const lab_tests::Project project_;
  const std::string bystander_;
};

}  // namespace halcyon::syscall_kill
