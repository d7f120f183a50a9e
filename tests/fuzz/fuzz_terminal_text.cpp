// Whatever others say, it cannot move the cursor: valid UTF-8 without control characters, cut to its width.
#include <chrono>

#include "cli/amounts.hpp"
#include "cli/terminal_text.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using cli::Lines;

namespace {

void check_text(std::string_view text, bool may_have_newlines) {
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < ' ' || c == 0x7f;
    fuzz::require(!is_control || (may_have_newlines && c == '\n'), "no control characters");
  }
  fuzz::require(text.find("\xe2\x80\xae") == std::string_view::npos, "nothing turns the text around");
}

}  // namespace

HALCYON_FUZZ_TARGET(terminal_text, input) {
  fuzz::Choices choices(input);
  const std::size_t columns = choices.up_to(300);
  const std::string_view text = choices.rest();
  for (const Lines lines : {Lines::one, Lines::several}) {
    const std::string safe = cli::for_terminal(text, lines);
    check_text(safe, lines == Lines::several);
    fuzz::require(cli::for_terminal(safe, lines) == safe, "what is harmless stays as it is");
    fuzz::require(safe.size() <= 4 * text.size(), "it grows by little");
  }
  const std::string line = cli::for_terminal(text, Lines::one);
  const std::string cut = cli::fit(line, columns);
  fuzz::require(cli::display_width(cut) <= columns, "it fits");
  fuzz::require(cli::display_width(line) > columns || cut == line, "what fits is not cut");
  fuzz::require(cli::for_terminal(cut, Lines::one) == cut, "no character is cut in two");
  const auto now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + std::chrono::seconds(0);
  fuzz::require(!cli::age_for_people(std::string(text), now).empty() || text.empty(),
                "an age, or what was there");
}
