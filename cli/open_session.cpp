#include "cli/open_session.hpp"

#include <fmt/format.h>

#include <csignal>

#include "cli/amounts.hpp"
#include "cli/error.hpp"
#include "docker_api/credentials.hpp"
#include "docker_api/docker_config.hpp"
#include "docker_api/docker_host.hpp"
#include "docker_api/engine_address.hpp"

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

/// The engine that `docker` would talk to from here.
docker_api::EngineChoice choose_engine(const Context& context) {
  docker_api::EngineWishes wishes;
  if (!context.options.host.empty()) wishes.host = context.options.host;
  return docker_api::find_engine(context.surroundings.docker, wishes);
}

using FoundCredentials = std::optional<docker_api::RegistryCredentials>;

/// What `docker login` has left for that registry; looked up when it is needed, for a helper may ask
/// somebody.
boost::asio::awaitable<FoundCredentials> find_login(docker_api::Surroundings surroundings,
                                                    std::string registry) {
  docker_api::DockerConfig config = docker_api::read_docker_config(surroundings);
  co_return co_await docker_api::find_credentials(std::move(surroundings), std::move(config),
                                                  std::move(registry));
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
      choice_(choose_engine(context)),
      engine_(loop_.executor(), docker_api::address_of(choice_),
              {.headers = choice_.headers, .environment = context.surroundings.docker.environment()}),
      progress_(make_progress(context)),
      watch_(std::make_unique<Watch>(*progress_)) {
#ifdef HALCYON_FAULT_POINTS
  faults_ = make_fault_points(*watch_, context.surroundings);
#endif
  if (docker_api::is_open_to_others(docker_api::address_of(choice_))) {
    progress_->say(
        fmt::format("warning: {} ({}) has no TLS: anyone on the way is root on the engine's host; ssh:// or "
                    "DOCKER_TLS_VERIFY=1 would protect it",
                    docker_api::without_password(choice_.host), choice_.origin));
  }
  loop_.every(k_tick, [this] { progress_->tick(); });
}

OpenSession::~OpenSession() = default;

orchestrator::Session OpenSession::in(const orchestrator::Environment& environment) {
  orchestrator::EventSink& events = faults_ ? *faults_ : *watch_;
  const docker_api::Surroundings& surroundings = context_.surroundings.docker;
  return {.engine = engine_,
          .environment = environment,
          .events = events,
          .interrupt = loop_,
          .actor = context_.surroundings.actor,
          .find_credentials = [surroundings](std::string registry) {
            return find_login(surroundings, std::move(registry));
          }};
}

orchestrator::Report OpenSession::change(boost::asio::awaitable<orchestrator::Report> work,
                                         const orchestrator::Environment& environment) {
  const std::string& name = environment.name.text();
  loop_.when_signalled([this, &name](int number) { tell_about_signal(number, name); });
  const Finish finish{*progress_};
  try {
    orchestrator::Report report = loop_.run(std::move(work), OnSignal::orderly);
    report.text = with_origin(std::move(report.text));
    return report;
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

std::string OpenSession::with_origin(std::string text) const {
  const std::string told =
      fmt::format("cannot connect to {}", docker_api::to_string(docker_api::address_of(choice_)));
  if (const std::size_t at = text.find(told); at != std::string::npos)
    text.insert(at + told.size(), fmt::format(" ({})", choice_.origin));
  return text;
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
