// The splitter gives the same messages and the same end however its input is cut, and no message over its
// limit.
#include "docker_api/error.hpp"
#include "docker_api/json_lines.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;

namespace {

struct LinesOutcome {
  std::vector<std::string> messages;
  std::string end;  // the kind of the error, empty if there was none
  bool operator==(const LinesOutcome&) const = default;
};

LinesOutcome found_in_lines(const std::vector<std::string_view>& pieces, std::size_t limit) {
  LinesOutcome outcome;
  docker_api::JsonSplitter splitter(limit);
  try {
    for (const std::string_view piece : pieces)
      splitter.feed(piece, [&](std::string_view message) { outcome.messages.emplace_back(message); });
    splitter.finish();
  } catch (const docker_api::Error& error) {
    outcome.end = to_string(error.kind());
  }
  return outcome;
}

}  // namespace

HALCYON_FUZZ_TARGET(json_lines, input) {
  fuzz::Choices choices(input);
  const std::size_t limit = 16 + choices.up_to(1000);
  const std::string_view pattern = choices.rest().substr(0, 2);
  choices.up_to(0);
  const std::string_view text = choices.rest();
  const LinesOutcome whole = found_in_lines({text}, limit);
  std::size_t from = 0;
  for (const std::string& message : whole.messages) {
    fuzz::require(message.size() <= limit, "no message is over the limit");
    from = text.find(message, from);
    fuzz::require(from != std::string_view::npos, "a message is a part of the text, in order");
    from += message.size();
  }
  fuzz::require(whole.end.empty() || whole.end == "protocol" || whole.end == "truncated",
                "there are two errors");
  fuzz::require(found_in_lines(fuzz::split(text, pattern), limit) == whole,
                "messages do not depend on where the text is cut");
}
