#include "cli/open_session.hpp"

#include <fmt/format.h>

#include <csignal>

#include "cli/amounts.hpp"
#include "cli/error.hpp"
#include "docker_api/engine_address.hpp"
#include "docker_api/error.hpp"

namespace halcyon::cli {

using orchestrator::EventKind;

/// Remembers where the operation is, for the answer to an impatient Ctrl-C.
class OpenSession::Watch final : public orchestrator::EventSink {
 public:
  explicit Watch(orchestrator::EventSink& next) : next_(next) {}

  void on_event(const orchestrator::Event& event) override {
    if (event.kind == EventKind::step_began) {
      step_ = event.step;
      began_ = std::chrono::steady_clock::now();
    }
    is_committed_ = is_committed_ || event.kind == EventKind::committed;
    next_.on_event(event);
  }

  bool is_committed() const noexcept { return is_committed_; }
  /// "step gate since 3.2 s".
  std::string place() const {
    const auto since =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
    return step_.empty() ? "no step has begun" : fmt::format("step {} since {}", step_, for_people(since));
  }

 private:
  orchestrator::EventSink& next_;
  std::string step_;
  std::chrono::steady_clock::time_point began_{};
  bool is_committed_ = false;
};

namespace {

constexpr std::chrono::milliseconds k_tick{50};

docker_api::EngineAddress engine_address(const Context& context) {
  std::string text = context.options.host;
  if (text.empty()) {
    text = context.surroundings.variable("DOCKER_HOST");
  }
  return docker_api::parse_engine_address(text.empty() ? docker_api::k_default_engine_address : text);
}

#ifdef HALCYON_FAULT_POINTS
std::unique_ptr<orchestrator::EventSink> make_fault_points(orchestrator::EventSink& next,
                                                           const Surroundings& surroundings) {
  std::vector<FaultPoint> points;
  for (const auto& [name, signal] : {std::pair{"HALCYON_KILL_AT", SIGKILL}, {"HALCYON_STOP_AT", SIGSTOP}}) {
    if (const std::string text = surroundings.variable(name); !text.empty()) {
      points.push_back(parse_fault_point(text, signal));
    }
  }
  return std::make_unique<FaultPoints>(next, std::move(points));
}
#endif

}  // namespace

OpenSession::OpenSession(Context& context)
    : context_(context),
      engine_(loop_.executor(), engine_address(context)),
      progress_(make_progress(context)),
      watch_(std::make_unique<Watch>(*progress_)) {
#ifdef HALCYON_FAULT_POINTS
  faults_ = make_fault_points(*watch_, context.surroundings);
#endif
  loop_.every(k_tick, [this] { progress_->tick(); });
}

OpenSession::~OpenSession() = default;

orchestrator::Session OpenSession::in(const orchestrator::Environment& environment) {
  orchestrator::EventSink& events = faults_ ? *faults_ : *watch_;
  return {engine_, environment, events, loop_, context_.surroundings.actor};
}

orchestrator::Report OpenSession::change(boost::asio::awaitable<orchestrator::Report> work,
                                         const orchestrator::Environment& environment) {
  const std::string& name = environment.name.text();
  loop_.when_signalled([this, &name](int number) { tell_about_signal(number, name); });
  const Finish finish{*progress_};
  try {
    return loop_.run(std::move(work), OnSignal::orderly);
  } catch (const orchestrator::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(Outcome::needs_operator,
                fmt::format("{}; 'halcyon status {}' shows where things are, 'halcyon resume "
                            "{}' finishes or undoes what was begun",
                            error.what(), name, name));
  }
}

void OpenSession::refuse_if_interrupted() const {
  if (loop_.requested()) {
    throw Error(Outcome::aborted, fmt::format("interrupted by {}; nothing was changed", loop_.reason()));
  }
}

void OpenSession::tell_about_signal(int number, const std::string& environment) {
  if (number > 1) {
    progress_->say(
        fmt::format("{} again: still at work, {}; kill -9 would be safe, 'halcyon resume {}' would finish it",
                    loop_.reason(), watch_->place(), environment));
  } else if (watch_->is_committed()) {
    progress_->say(
        fmt::format("{}: the new release is committed and serves; going on to the end", loop_.reason()));
  } else {
    progress_->say(fmt::format(
        "{}: stopping; what is half done is undone, or finished if it is past the point of no return",
        loop_.reason()));
  }
}

}  // namespace halcyon::cli
