// Events as a picture that is redrawn in place, for people at a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/progress.hpp"

namespace halcyon::cli {

struct LiveStyle {
  bool colour = false;
  bool utf8 = false;
};

/// Steps that are over stay as lines; those that run are redrawn below them, at most every k_between_frames.
///
/// The cursor is never hidden and no mode of the terminal is changed, so that there is nothing to restore
/// after kill -9. A frame is left out while the terminal does not take what was written before.
class LiveProgress final : public Progress {
 public:
  LiveProgress(Output& output, Clock clock, LiveStyle style, unsigned (*columns)())
      : output_(output), clock_(std::move(clock)), style_(style), columns_(columns) {}

  void on_event(const orchestrator::Event& event) override;
  void say(std::string_view text) override;
  void tick() override;
  void finish() override;

  static constexpr std::chrono::milliseconds k_between_frames{50};

 private:
  using Time = std::chrono::steady_clock::time_point;
  /// A step, or one service's part of it.
  struct Row {
    orchestrator::Event event;  ///< the last one
    Time began;                 ///< of the step
  };

  void keep_line(const std::string& line);
  void keep_over(const orchestrator::Event& event);
  void drop_rows(const orchestrator::Event& event);
  void update_row(const orchestrator::Event& event);
  void draw_if_due();
  void draw(Time now);
  std::string row_line(const Row& row, Time now) const;
  std::size_t width() const;

  Output& output_;
  Clock clock_;
  LiveStyle style_;
  unsigned (*columns_)();
  std::vector<Row> rows_;
  std::string kept_;            ///< lines that stay, not drawn yet
  std::size_t drawn_rows_ = 0;  ///< how many lines the next frame has to erase
  std::optional<Time> last_frame_;
};

}  // namespace halcyon::cli
