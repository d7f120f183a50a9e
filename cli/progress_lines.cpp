#include "cli/progress_lines.hpp"

#include <fmt/format.h>

#include "cli/amounts.hpp"
#include "cli/terminal_text.hpp"

namespace halcyon::cli {
namespace {

using orchestrator::Event;
using orchestrator::EventKind;

constexpr std::chrono::seconds k_between_progress_lines{5};

std::string over_line(const Event& event, std::string_view word) {
  // A failure is told at the end.
  const std::string text = event.kind == EventKind::step_failed ? "" : for_terminal(event.text, Lines::one);
  return fmt::format("{:<9} {:<6} {}{}{}", step_label(event), word, for_people(event.elapsed),
                     text.empty() ? "" : "  ", text);
}

std::string line_of(const Event& event) {
  std::string text = for_terminal(event.text, Lines::one);
  switch (event.kind) {
    case EventKind::promotion_began:
      return text;
    case EventKind::step_began:
      break;
    case EventKind::progress:
      return fmt::format("{:<9} {}", step_label(event), progress_words(event));
    case EventKind::step_done:
      return over_line(event, "done");
    case EventKind::step_failed:
      return over_line(event, "failed");
    case EventKind::step_undone:
      return over_line(event, "undone");
    case EventKind::committed:
      return text.empty() ? "committed" : fmt::format("{:<9} {}", "committed", text);
    case EventKind::note:
      return fmt::format("{:<9} {}", "note", text);
  }
  return {};
}

}  // namespace

bool LineProgress::is_due() {
  const auto now = clock_();
  if (!last_) {
    last_ = now;
  }
  if (now - *last_ < k_between_progress_lines) {
    return false;
  }
  last_ = now;
  return true;
}

void LineProgress::on_event(const Event& event) {
  // What somebody should know is no progress.
  if (quiet_ && event.kind == EventKind::note) output_.offer(line_of(event) + '\n');
  if (quiet_ || (event.kind == EventKind::progress && !is_due())) {
    return;
  }
  if (event.kind == EventKind::step_began) {
    last_ = clock_();
    return;
  }
  output_.offer(line_of(event) + '\n');
}

void LineProgress::say(std::string_view text) { output_.offer(for_terminal(text, Lines::one) + '\n'); }

}  // namespace halcyon::cli
