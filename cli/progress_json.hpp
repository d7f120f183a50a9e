// Events as JSON lines, for programs.
#pragma once

#include "cli/progress.hpp"

namespace halcyon::cli {

/// Shape: {"event", and if they are set: "step", "service", "text", "current", "total", "milliseconds"}.
class JsonProgress final : public Progress {
 public:
  JsonProgress(Output& output, bool quiet) : output_(output), quiet_(quiet) {}
  void on_event(const orchestrator::Event& event) override;
  void say(std::string_view text) override;
  void tick() override { output_.offer({}); }
  void finish() override { output_.write({}); }

 private:
  Output& output_;
  bool quiet_;
};

}  // namespace halcyon::cli
