#include "cli/progress.hpp"

#include <fmt/format.h>

#include "cli/amounts.hpp"
#include "cli/colour.hpp"
#include "cli/progress_json.hpp"
#include "cli/progress_lines.hpp"
#include "cli/progress_live.hpp"
#include "cli/terminal_text.hpp"

namespace halcyon::cli {
namespace {

std::string numbers(const orchestrator::Event& event) {
  if (event.step == "drain") {
    return counted(event.current, "socket") + " left";
  }
  if (event.step == "pull") {
    return event.total == 0
               ? bytes_for_people(event.current)
               : fmt::format("{} of {}", bytes_for_people(event.current), bytes_for_people(event.total));
  }
  return event.total == 0 ? "" : fmt::format("{} of {}", event.current, event.total);
}

bool can_redraw(const Surroundings& surroundings) {
  const std::string terminal = surroundings.variable("TERM");
  return surroundings.error_is_terminal && !terminal.empty() && terminal != "dumb";
}

}  // namespace

std::unique_ptr<Progress> make_progress(const Context& context) {
  const Surroundings& surroundings = context.surroundings;
  const Clock clock = [] { return std::chrono::steady_clock::now(); };
  if (context.options.json) {
    return std::make_unique<JsonProgress>(context.error, context.options.quiet);
  }
  if (!context.options.quiet && can_redraw(surroundings)) {
    return std::make_unique<LiveProgress>(context.error, clock,
                                          LiveStyle{uses_colour(context, true), surroundings.speaks_utf8()},
                                          surroundings.error_columns);
  }
  return std::make_unique<LineProgress>(context.error, clock, context.options.quiet);
}

std::string step_label(const orchestrator::Event& event) {
  const std::string label = event.service.empty() ? event.step : event.step + ' ' + event.service;
  return for_terminal(label, Lines::one);
}

std::string progress_words(const orchestrator::Event& event) {
  const std::string amount = numbers(event);
  // Of a drain, the number says it all.
  const std::string text = event.step == "drain" ? std::string() : for_terminal(event.text, Lines::one);
  return amount.empty() || text.empty() ? amount + text : amount + ", " + text;
}

}  // namespace halcyon::cli
