// The chunked coding: what is taken off is what a plain reading of the whole text gives, however the text is
// cut, and what is broken is broken everywhere.
#include <algorithm>

#include "docker_api/chunked_body.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using docker_api::ChunkedBody;

namespace {

struct BodyOutcome {
  std::string body;
  bool is_done = false;
  bool is_broken = false;
  std::size_t left_bytes = 0;  // behind the end
  bool operator==(const BodyOutcome&) const = default;
};

BodyOutcome found_in_body(const std::vector<std::string_view>& pieces) {
  BodyOutcome outcome;
  ChunkedBody body;
  for (const std::string_view piece : pieces) {
    std::string bytes(piece);  // it works in place
    std::span<char> rest(bytes);
    while (!rest.empty() && !body.is_done() && !body.is_broken()) {
      const ChunkedBody::Step step = body.take(rest);
      fuzz::require(step.used_bytes <= rest.size(), "no more is used than there is");
      const bool is_inside =
          step.piece.empty() || (step.piece.data() >= rest.data() &&
                                 step.piece.data() + step.piece.size() <= rest.data() + rest.size());
      fuzz::require(is_inside, "a piece lies in the bytes given");
      fuzz::require(
          !step.piece.empty() || step.used_bytes == rest.size() || body.is_done() || body.is_broken(),
          "without a piece all is used");
      outcome.body += step.piece;
      rest = rest.subspan(step.used_bytes);
    }
    if (body.is_done()) outcome.left_bytes += rest.size();
  }
  outcome.is_done = body.is_done();
  outcome.is_broken = body.is_broken();
  return outcome;
}

/// Takes a line off `text`, which must end in CRLF; false if it does not.
bool take_line(std::string_view& text, std::string_view& line) {
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line.find_first_of("\r\n") == std::string_view::npos;
}

/// The whole of a well-formed body with nothing unusual in it; nothing for everything else.
bool read_plainly(std::string_view text, BodyOutcome& outcome) {
  outcome.is_done = true;
  for (;;) {
    std::string_view line;
    if (!take_line(text, line) || line.empty() || line.size() > 8) return false;
    std::size_t size = 0;
    for (const char c : line) {
      const std::size_t digit = std::string_view("0123456789abcdef").find(c);
      if (digit == std::string_view::npos) return false;
      size = size << 4U | digit;
    }
    if (size == 0) break;
    if (text.size() < size || text.substr(size, 2) != "\r\n") return false;
    outcome.body += text.substr(0, size);
    text.remove_prefix(size + 2);
  }
  if (!text.starts_with("\r\n")) return false;
  outcome.left_bytes = text.size() - 2;
  return true;
}

}  // namespace

HALCYON_FUZZ_TARGET(chunked_body, input) {
  fuzz::Choices choices(input);
  const std::string_view pattern = input.substr(0, std::min<std::size_t>(2, input.size()));
  choices.up_to(0);
  const std::string_view text = choices.rest();
  const BodyOutcome whole = found_in_body({text});
  BodyOutcome plain;
  if (read_plainly(text, plain)) fuzz::require(whole == plain, "the body is what the chunks hold");
  BodyOutcome cut = found_in_body(fuzz::split(text, pattern));
  fuzz::require(cut == whole, "the body does not depend on where the text is cut");
}
