#include "cli/progress_live.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/amounts.hpp"
#include "cli/colour.hpp"
#include "cli/terminal_text.hpp"

namespace halcyon::cli {
namespace {

using orchestrator::Event;
using orchestrator::EventKind;

constexpr std::array<const char*, 10> k_dots = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr std::array<const char*, 4> k_strokes = {"|", "/", "-", "\\"};
constexpr std::size_t k_bar_width = 20;

const char* spinner(bool utf8, std::chrono::milliseconds elapsed) {
  const auto frame = static_cast<std::size_t>(elapsed.count() / 100);
  return utf8 ? k_dots[frame % k_dots.size()] : k_strokes[frame % k_strokes.size()];
}

/// "[=====>     ]" or nothing if the size is not known.
std::string bar(const Event& event) {
  if (event.step != "pull" || event.total == 0) {
    return {};
  }
  const std::uint64_t part = std::min(event.current, event.total);
  const auto filled = static_cast<std::size_t>(static_cast<double>(part) / static_cast<double>(event.total) *
                                               static_cast<double>(k_bar_width));
  std::string result(filled, '=');
  if (filled < k_bar_width) {
    result += '>';
    result.resize(k_bar_width, ' ');
  }
  return fmt::format("[{}] ", result);
}

}  // namespace

void LiveProgress::on_event(const Event& event) {
  switch (event.kind) {
    case EventKind::promotion_began:
      keep_line(for_terminal(event.text, Lines::one));
      break;
    case EventKind::step_began:
    case EventKind::progress:
      update_row(event);
      break;
    case EventKind::step_done:
    case EventKind::step_failed:
    case EventKind::step_undone:
      keep_over(event);
      break;
    case EventKind::committed:
    case EventKind::note: {
      const std::string word(to_string(event.kind));
      const std::string text = fmt::format("  {:<9} {}", word, for_terminal(event.text, Lines::one));
      keep_line(text.substr(0, text.find_last_not_of(' ') + 1));
      break;
    }
  }
  draw_if_due();
}

void LiveProgress::say(std::string_view text) {
  keep_line(for_terminal(text, Lines::one));
  draw_if_due();
}

void LiveProgress::tick() {
  output_.offer({});
  if (!rows_.empty() || !kept_.empty()) {
    draw_if_due();
  }
}

void LiveProgress::finish() {
  rows_.clear();
  if (drawn_rows_ > 0 || !kept_.empty()) {
    draw(clock_());
  }
  output_.write({});
}

/// Kept lines may be longer than the terminal is wide: they wrap, and are never drawn again.
void LiveProgress::keep_line(const std::string& line) { kept_ += line + '\n'; }

void LiveProgress::keep_over(const Event& event) {
  drop_rows(event);
  const bool is_done = event.kind == EventKind::step_done;
  const bool is_failed = event.kind == EventKind::step_failed;
  std::string mark = is_done ? (style_.utf8 ? "✓" : "+") : is_failed ? (style_.utf8 ? "✗" : "x") : "<";
  if (style_.colour) {
    mark = paint(mark, is_done ? Colour::green : is_failed ? Colour::red : Colour::yellow);
  }
  // A failure is told at the end.
  const std::string text = is_failed ? "" : for_terminal(event.text, Lines::one);
  const std::string_view word = is_done ? "" : is_failed ? "failed " : "undone ";
  keep_line(fmt::format("{} {:<9} {}{}{}{}", mark, step_label(event), word, for_people(event.elapsed),
                        text.empty() ? "" : "  ", text));
}

/// A step that is over takes the rows of all its services with it.
void LiveProgress::drop_rows(const Event& event) {
  std::erase_if(rows_, [&](const Row& row) {
    return row.event.step == event.step && (event.service.empty() || row.event.service == event.service);
  });
}

/// A step begins as one row, which its first service takes over; every further service gets a row below it.
void LiveProgress::update_row(const Event& event) {
  auto place = rows_.end();
  Time began = clock_();
  for (auto row = rows_.begin(); row != rows_.end(); ++row) {
    if (row->event.step == event.step) {
      began = row->began;
      place = row;
      if (row->event.service.empty() || row->event.service == event.service) {
        row->event = event;
        return;
      }
    }
  }
  rows_.insert(place == rows_.end() ? place : place + 1, {event, began});
}

void LiveProgress::draw_if_due() {
  const Time now = clock_();
  if (last_frame_ && now - *last_frame_ < k_between_frames) {
    return;
  }
  if (!output_.is_behind()) {
    draw(now);
  }
}

void LiveProgress::draw(Time now) {
  std::string frame;
  if (drawn_rows_ > 0) {
    frame = "\r";
    for (std::size_t i = 1; i < drawn_rows_; ++i) {
      frame += "\x1b[A";
    }
    frame += "\x1b[J";
  }
  frame += kept_;
  kept_.clear();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    frame += (i == 0 ? "" : "\n") + row_line(rows_[i], now);
  }
  drawn_rows_ = rows_.size();
  last_frame_ = now;
  output_.offer(frame);
}

std::string LiveProgress::row_line(const Row& row, Time now) const {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - row.began);
  const std::string words = row.event.kind == EventKind::progress ? progress_words(row.event) : std::string();
  const std::string rest = fmt::format(" {:<9} {}{}{}{}", step_label(row.event), bar(row.event), words,
                                       words.empty() ? "" : "  ", for_people(elapsed));
  const std::string mark = spinner(style_.utf8, elapsed);
  return (style_.colour ? paint(mark, Colour::cyan) : mark) + fit(rest, width() - 1);
}

/// One column less than there is: a full last column makes some terminals wrap.
std::size_t LiveProgress::width() const {
  const std::size_t columns = columns_ == nullptr ? 80 : columns_();
  return std::max<std::size_t>(columns, 20) - 1;
}

}  // namespace halcyon::cli
