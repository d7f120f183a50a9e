#include "crash_project.hpp"

#include <cstdlib>

namespace halcyon::crash_tests {
namespace {

using lab_tests::Project;
using lab_tests::Settings;

constexpr std::string_view k_commit = " commit {";

}  // namespace

bool runs_in_full() {
  const char* const full = std::getenv("HALCYON_TEST_FULL");
  return full != nullptr && std::string_view(full) == "1";
}

Settings short_settings() {
  return {.app = {{"keep_releases", "3"}},
          .web = {{"stop_timeout", "\"1s\""}, {"drain_max", "\"20ms\""}},
          .gate = {{"successes", "1"}, {"deadline", "\"5s\""}},
          .environment = {{"subnet", "\"10.213.7.0/24\""}}};
}

std::unique_ptr<Project> make_project(const FakeHost& host) {
  return std::make_unique<Project>(short_settings(), host.lab());
}

std::size_t count_commits(const Project& project) {
  const std::string journal = lab_tests::read_file(project.state("journal"));
  std::size_t count = 0;
  for (auto at = journal.find(k_commit); at != std::string::npos; at = journal.find(k_commit, at + 1)) {
    if (journal.find('\n', at) != std::string::npos) ++count;  // a torn record has no end
  }
  return count;
}

testing::AssertionResult answers(const Project& project, const std::set<std::string>& releases) {
  const lab_tests::Reply reply = project.get();
  if (reply.status == 200 && releases.contains(reply.release())) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "nginx answers " << reply.status << ' ' << reply.release() << ' '
                                     << reply.error;
}

std::string next_tag(const std::string& serving) {
  return serving == "one" ? "two" : serving == "two" ? "three" : "one";
}

}  // namespace halcyon::crash_tests
