// Events as plain lines, for files, pipes and CI.
#pragma once

#include <optional>

#include "cli/progress.hpp"

namespace halcyon::cli {

/// `pull      done   412 ms`, one line when a step ends, and one every few seconds while it goes on.
class LineProgress final : public Progress {
 public:
  LineProgress(Output& output, Clock clock, bool quiet)
      : output_(output), clock_(std::move(clock)), quiet_(quiet) {}
  void on_event(const orchestrator::Event& event) override;
  void say(std::string_view text) override;
  void tick() override { output_.offer({}); }
  void finish() override { output_.write({}); }

 private:
  bool is_due();

  Output& output_;
  Clock clock_;
  bool quiet_;
  std::optional<std::chrono::steady_clock::time_point> last_;
};

}  // namespace halcyon::cli
