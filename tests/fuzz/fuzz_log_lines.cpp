// Pieces of a log become the lines that were written, however the pieces are cut.
#include <algorithm>

#include "orchestrator/log_line_joiner.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using docker_api::LogStream;

namespace {

std::vector<std::string> lines_of(const std::vector<std::string_view>& pieces, bool timestamps) {
  std::vector<std::string> lines;
  orchestrator::LogLineJoiner joiner(timestamps,
                                     [&](LogStream, std::string_view line) { lines.emplace_back(line); });
  for (const std::string_view piece : pieces) joiner.take(LogStream::stdout_stream, piece);
  joiner.finish();
  return lines;
}

}  // namespace

HALCYON_FUZZ_TARGET(log_lines, input) {
  fuzz::Choices choices(input);
  const bool timestamps = choices.byte() % 2 == 1;
  const bool is_long = choices.byte() % 8 == 0;
  const std::string_view pattern = choices.rest().substr(0, 2);
  choices.up_to(0);
  std::string text(choices.rest());
  // A part of the engine's has 16 KiB; a fuzzer's input never has.
  if (is_long) text.insert(text.size() / 2, 40'000, 'x');
  const auto whole = lines_of({text}, timestamps);
  fuzz::require(lines_of(fuzz::split(text, pattern), timestamps) == whole,
                "lines do not depend on the pieces");
  std::string joined;
  for (const std::string& line : whole) joined += line + "\n";
  const bool is_short = text.size() < 16'384;
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  if (is_short) fuzz::require(joined == text, "nothing is lost and nothing is added");
}
