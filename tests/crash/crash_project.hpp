// The application of the crash tests, and what they ask about it.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "fake_host.hpp"
#include "harness_project.hpp"

namespace halcyon::crash_tests {

/// No run has as many points; a loop that comes here would never end.
inline constexpr std::uint64_t k_too_many = 2'000;

/// Every run has more; with fewer something was not looked at.
inline constexpr std::uint64_t k_fewest_points = 10;

/// HALCYON_TEST_FULL=1: nothing is left out.
bool runs_in_full();

/// With short times.
lab_tests::Settings short_settings();
/// With those, on that host; not installed.
std::unique_ptr<lab_tests::Project> make_project(const FakeHost& host);
/// How often the point of no return is in the journal on disk.
std::size_t count_commits(const lab_tests::Project& project);
/// nginx answers, with one of these releases.
testing::AssertionResult answers(const lab_tests::Project& project, const std::set<std::string>& releases);
/// A third one beside what serves and the way back, so that its containers have to be made.
std::string next_tag(const std::string& serving);

}  // namespace halcyon::crash_tests
