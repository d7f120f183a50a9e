// What is shown of a running operation on standard error.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/context.hpp"
#include "orchestrator/events.hpp"

namespace halcyon::cli {

class Progress : public orchestrator::EventSink {
 public:
  /// Tells the operator something now, even with --quiet.
  virtual void say(std::string_view text) = 0;
  /// To be called often while the operation runs.
  virtual void tick() {}
  /// To be called once, when the operation is over: what was shown for the moment only disappears.
  virtual void finish() {}
};

using Clock = std::function<std::chrono::steady_clock::time_point()>;

/// JSON lines with --json; only notes with --quiet; live on a terminal; else plain lines.
std::unique_ptr<Progress> make_progress(const Context& context);

/// "pull", or "pull web" if the event is about one service.
std::string step_label(const orchestrator::Event& event);
/// "12.3 MB of 48.0 MB", "2 of 3", "5 sockets left": a progress event's numbers and text; no control
/// characters.
std::string progress_words(const orchestrator::Event& event);

}  // namespace halcyon::cli
