#include "cli/progress_json.hpp"

#include <nlohmann/json.hpp>

#include "cli/result.hpp"

namespace halcyon::cli {

using orchestrator::EventKind;

void JsonProgress::on_event(const orchestrator::Event& event) {
  if (quiet_) {
    return;
  }
  nlohmann::ordered_json line = {{"event", to_string(event.kind)}};
  for (const auto& [key, text] :
       {std::pair{"step", &event.step}, {"service", &event.service}, {"text", &event.text}}) {
    if (!text->empty()) {
      line[key] = *text;
    }
  }
  if (event.kind == EventKind::progress) {
    line["current"] = event.current;
    if (event.total != 0) {
      line["total"] = event.total;
    }
  }
  const bool is_over = event.kind == EventKind::step_done || event.kind == EventKind::step_failed ||
                       event.kind == EventKind::step_undone || event.kind == EventKind::committed;
  if (is_over) {
    line["milliseconds"] = event.elapsed.count();
  }
  output_.offer(to_line(line));
}

void JsonProgress::say(std::string_view text) { output_.offer(to_line({{"event", "note"}, {"text", text}})); }

}  // namespace halcyon::cli
