#include "orchestrator/open_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "backup/durable_file.hpp"
#include "backup/error.hpp"
#include "orchestrator/access_log.hpp"
#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/own_containers.hpp"
#include "orchestrator/random_hex.hpp"
#include "orchestrator/storage_failure.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

/// The directory must be there before its lock can be taken.
StateDirectory with_root(StateDirectory directory) {
  backup::ensure_parents(directory.root(), 0711);
  backup::ensure_directory(directory.root(), 0711);
  return directory;
}

/// Nothing is written, not even a torn end cut off, while a failed disk is remembered.
std::string journal_to_open(const Environment& environment, const StateDirectory& directory) {
  refuse_after_storage_failure(environment, directory);
  return directory.journal();
}

/// How much of a release is what `wanted`, a tag or a digest, names.
enum class Share { none, some, all };

Share share_of(const Release& release, const std::string& wanted) {
  const auto named = std::count_if(release.services.begin(), release.services.end(), [&](const auto& item) {
    const ReleaseService& entry = item.second;
    return entry.digest.value == wanted || entry.reference == wanted ||
           entry.reference.ends_with(":" + wanted);
  });
  if (named == 0) return Share::none;
  return static_cast<std::size_t>(named) == release.services.size() ? Share::all : Share::some;
}

}  // namespace

void refuse_lost_records(const StateDirectory& directory, std::uint64_t told, const EnvironmentState& state) {
  if (told < state.next_promotion) return;
  throw Error(
      Outcome::needs_operator,
      fmt::format("cannot trust the journal {}: it knows of {} promotions, but {} tells of p{}. Nothing "
                  "was changed and traffic is left alone. Was an old copy put in its place? Restore "
                  "the newest one; if the journal is right, move releases.log away: it is written "
                  "again",
                  directory.journal(), state.next_promotion - 1, directory.releases_log(), told));
}

void note_current(Promotion& promotion) {
  if (promotion.state.current.empty()) return;
  try {
    promotion.current = promotion.directory.read_release(promotion.state.current);
  } catch (const Error& error) {
    promotion.note(
        fmt::format("{} serves, but its record cannot be read; what it was made with is taken "
                    "from the configuration: {}",
                    promotion.state.current, error.what()));
  }
}

OpenEnvironment::OpenEnvironment(const Session& session, const std::string& doing)
    : directory_(with_root(StateDirectory(session.environment.state_directory))),
      lock_(directory_.lock(), doing, session.actor),
      journal_(journal_to_open(session.environment, directory_)),
      state_(fold_all(journal_.records())) {
  refuse_lost_records(directory_, directory_.last_promotion_in_log(), state_);
  directory_.ensure();
  const std::filesystem::path link = managed_link(session.environment);
  backup::remove_stale_temporaries(link.parent_path(), link.filename().string());
  try {
    directory_.write_caches(state_);
  } catch (const backup::Error& error) {
    // Copies for people; a full disk must not stop a resume here. Whatever needs room says so itself.
    if (error.kind() == backup::ErrorKind::not_synced) throw;
  }
  if (!journal_.torn().empty()) {
    session.events.on_event(
        {.kind = EventKind::note,
         .text = fmt::format("the journal ended in a record that was not written to its end ({} "
                             "bytes); it was cut off and kept as {}.torn.{}",
                             journal_.torn().size(), directory_.journal(), journal_.records().size() + 1)});
  }
}

Promotion OpenEnvironment::begin(const Session& session, PromotionKind kind, Release release) {
  journal_.reserve();
  OpenPromotion open;
  open.id = fmt::format("p{}", state_.next_promotion);
  open.label = fmt::format("{}-{}", open.id, random_hex(8));
  open.kind = kind;
  open.release = release.id;
  open.actor = session.actor;
  open.access_log_offset = access_log_size(directory_.access_log());
  Promotion promotion{.session = session, .directory = directory_, .journal = &journal_, .state = state_};
  note_current(promotion);  // what cannot be read fails before anything is begun
  fold(state_, journal_.append(RecordType::begin, begin_body(open)));
  // Durable before any effect: containers and files that carry this promotion's number must find it in the
  // journal.
  journal_.sync();
  promotion.id = open.id;
  promotion.label = open.label;
  promotion.kind = kind;
  promotion.release = std::move(release);
  session.events.on_event({.kind = EventKind::promotion_began,
                           .text = fmt::format("{} {} {}", to_string(kind), open.release, open.id)});
  return promotion;
}

Promotion OpenEnvironment::reopen(const Session& session) {
  Promotion promotion{.session = session, .directory = directory_, .journal = &journal_, .state = state_};
  promotion.id = state_.open->id;
  promotion.label = state_.open->label;
  promotion.kind = state_.open->kind;
  promotion.release.id = state_.open->release;
  note_current(promotion);
  if (!state_.open->committed) {
    promotion.found_marks = state_.open->marks;
    // After a power cut marks may be lost that effects followed: every step is undone, begun or not.
    for (Mark& mark : state_.open->marks) {
      if (mark == Mark::none) mark = Mark::began;
    }
  }
  if (state_.open->committed && !state_.open->release.empty()) {
    promotion.release = directory_.read_release(state_.open->release);
    promotion.target = state_.placements;
  }
  return promotion;
}

void OpenEnvironment::close_unfinished() {
  const std::string text = "its clearing up was left to the next promotion";
  fold(state_, journal_.append(RecordType::end, end_body(to_string(Outcome::deployed), text)));
  journal_.sync();
}

asio::awaitable<std::optional<Report>> recover(Session session, OpenEnvironment& environment) {
  if (!environment.state().open) co_return std::nullopt;
  const OpenPromotion open = *environment.state().open;
  const Direction direction = open.committed ? Direction::forward : Direction::back;
  session.events.on_event(
      {.kind = EventKind::note,
       .text = fmt::format("{} {} of {} was interrupted {} COMMIT and is being {}", to_string(open.kind),
                           open.id, open.started, open.committed ? "after" : "before",
                           open.committed ? "finished" : "undone")});
  Promotion promotion = environment.reopen(session);
  Report report = co_await run_promotion(promotion, direction);
  co_return report;
}

EnvironmentState read_state_or_none(const Environment& environment) {
  const StateDirectory directory(environment.state_directory);
  const std::uint64_t told =
      directory.last_promotion_in_log();  // before the journal, which may grow meanwhile
  EnvironmentState state;
  if (directory.exists()) state = fold_all(read_journal(directory.journal()));
  refuse_lost_records(directory, told, state);
  return state;
}

EnvironmentState read_state(const Environment& environment) {
  EnvironmentState state = read_state_or_none(environment);
  if (state.installed) return state;
  const StateDirectory directory(environment.state_directory);
  throw Error(
      Outcome::usage,
      fmt::format("environment {} of {} is not installed on this host ({} {}). Run {}",
                  environment.name.text(), environment.app.text(), directory.exists() ? "nothing in" : "no",
                  directory.journal(), install_hint(environment)));
}

asio::awaitable<void> refuse_unknown_containers(Session session, const EnvironmentState& state) {
  if (state.installed) co_return;
  const auto containers = co_await list_own_containers(session.engine, session.environment);
  if (containers.empty()) co_return;
  std::vector<std::string> names;
  names.reserve(containers.size());
  for (const OwnContainer& container : containers) names.push_back(container.summary.name);
  throw Error(
      Outcome::usage,
      fmt::format("cannot install {}: containers of this environment exist ({}), but {} knows nothing "
                  "of them. Was app.state_dir changed, or the journal lost? Set app.state_dir back or "
                  "restore the state directory; to begin anew, remove them first (docker rm -f {}; "
                  "named volumes stay)",
                  session.environment.name.text(), fmt::join(names, ", "),
                  StateDirectory(session.environment.state_directory).journal(), fmt::join(names, " ")));
}

std::optional<std::string> find_release(const StateDirectory& directory, const EnvironmentState& state,
                                        const std::string& wanted) {
  for (auto release = state.releases.rbegin(); release != state.releases.rend(); ++release) {
    if (release->id == wanted) return release->id;
  }
  std::optional<std::string> of_another;
  std::optional<std::string> of_current;
  for (auto release = state.releases.rbegin(); release != state.releases.rend(); ++release) {
    try {
      const Share share = share_of(directory.read_release(release->id), wanted);
      if (share == Share::all) return release->id;
      if (share == Share::none) continue;
      auto& found = release->id == state.current ? of_current : of_another;
      if (!found) found = release->id;
    } catch (const Error&) {
      continue;  // a record that is gone cannot be the one
    }
  }
  return of_another ? of_another : of_current;
}

Report report_failure(const std::exception_ptr& error, std::string_view attempt,
                      const Environment& environment) {
  const Failure failure = describe(error, attempt);
  Report report;
  report.outcome = failure.outcome;
  report.text = failure.text;
  if (failure.storage) report.text += ". " + remember_storage_failure(environment, failure);
  try {
    const EnvironmentState state = read_state(environment);
    report.release = state.current;
    report.previous_release = state.previous;
    if (state.open && report.outcome == Outcome::aborted) {
      // "aborted" would say that nothing is left behind.
      report.outcome = Outcome::needs_operator;
      report.text += fmt::format(". {} is open in the journal; when the cause is gone run halcyon resume {}",
                                 state.open->id, environment.name.text());
    }
    report.services = report_services(StateDirectory(environment.state_directory), state);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    // Not installed, or not to be read: what failed first is what counts.
  }
  return report;
}

asio::awaitable<Report> reported(Session session, asio::awaitable<Report> operation, std::string attempt) {
  std::exception_ptr failed;
  try {
    co_return co_await std::move(operation);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    failed = std::current_exception();
  }
  co_return report_failure(failed, attempt, session.environment);
}

std::string install_hint(const Environment& environment) {
  return fmt::format("halcyon install {} TAG", environment.name.text());
}

}  // namespace halcyon::orchestrator
