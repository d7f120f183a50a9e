// One step of the demo: what was expected, what halcyon reported, and what its clients saw meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace halcyon::demo {

struct Phase {
  std::string id;
  std::int64_t milliseconds = 0;
  std::string result;  ///< done, failed, undone
};

/// What the load generator counted in exactly this step.
struct Clients {
  double seconds = 0;
  std::uint64_t answered = 0;
  std::uint64_t lost = 0;
  std::uint64_t wrong = 0;
  std::uint64_t truncated = 0;
  std::map<std::string, std::uint64_t> releases;  ///< answers by the release that gave them
};

/// The posts that were sent, compared with those that the application logged.
struct Posts {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t never_logged = 0;  ///< answered, and yet no container had it
  std::uint64_t duplicated = 0;
};

struct DemoStep {
  std::string title;
  std::string command;
  std::string expected_outcome;
  int exit_status = 0;
  std::string outcome;
  std::string release;           ///< serves now
  std::string previous_release;  ///< served before
  std::string error;
  std::vector<Phase> phases;
  std::int64_t until_commit_milliseconds = 0;
  std::int64_t milliseconds = 0;
  std::optional<Clients> clients;  ///< nothing: the step had no load
  std::optional<Posts> posts;
};

/// Reads the directory of a step.
///
/// Shape:  files title, command, expected, status; result.json of halcyon, and with load: load.json,
/// posts.json. Errors: std::runtime_error naming the file.
DemoStep read_step(const std::string& directory);

/// Why the step did not go as it should; nothing if it did.
std::optional<std::string> find_fault(const DemoStep& step);

}  // namespace halcyon::demo
