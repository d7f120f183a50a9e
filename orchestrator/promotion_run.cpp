// The loop: ask next_action, do it, write it down. Nothing here knows what a step does.
#include <fmt/format.h>

#include <chrono>
#include <set>

#include "backup/error.hpp"
#include "orchestrator/access_log.hpp"
#include "orchestrator/bounded.hpp"
#include "orchestrator/promotion.hpp"
#include "orchestrator/promotion_steps.hpp"
#include "orchestrator/storage_failure.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr int k_undo_attempts = 3;
constexpr milliseconds k_undo_deadline{180'000};
constexpr milliseconds k_pause_between_attempts{300};
constexpr milliseconds k_verify_deadline{15'000};
/// How long a world that cannot be asked is asked again: an engine that restarts is back by then.
constexpr milliseconds k_longest_unknown{45'000};

milliseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
}

const Step& row_of(StepId id) { return k_promotion_steps.at(static_cast<std::size_t>(id)); }

asio::awaitable<void> ask(const Step& step, Promotion& promotion, Verdict& verdict) {
  verdict = co_await step.verify(promotion);
}

/// Where people reach the environment, as far as we know: in include mode the team's own server block
/// decides.
std::string find_url(const Environment& environment) {
  const std::string domain = environment.domain.substr(0, environment.domain.find(' '));
  const std::string& listen = environment.nginx.listen;
  const std::string port = listen.substr(listen.rfind(':') + 1);
  const bool has_port = environment.nginx.mode == NginxMode::managed && port != "80";
  return "http://" + domain + (has_port ? ":" + port : "") + "/";
}

class PromotionRun {
 public:
  PromotionRun(Promotion& promotion, Direction direction) : p_(promotion), direction_(direction) {}

  asio::awaitable<Report> run() {
    p_.session.interrupt.on_request([this] { interrupt(); });
    // One that came while nobody listened: before the start, or while an older promotion was being undone.
    if (p_.session.interrupt.requested()) interrupt();
    std::exception_ptr storage_error;
    try {
      while (!over_)
        co_await take(next_action(open().marks, open().committed, direction_, verdict_, budget()));
    } catch (...) {
      storage_error = std::current_exception();  // only writing the journal throws here
    }
    p_.session.interrupt.on_request({});
    if (storage_error) stop(describe(storage_error, "write the journal"));
    fill_in_report();
    co_return std::move(report_);
  }

 private:
  const OpenPromotion& open() const { return *p_.state.open; }

  void record(RecordType type, std::string body) {
    fold(p_.state, p_.journal->append(type, std::move(body)));
  }

  Budget budget() const {
    const auto now = Clock::now();
    const bool asks_in_vain = verdict_ == Verdict::unknown && now >= unknown_until_;
    return {.attempts = attempts_left_ > 0, .time = now < step_deadline_ && !asks_in_vain};
  }

  void interrupt() {
    if (!p_.state.open || open().committed || direction_ == Direction::back) return;
    direction_ = Direction::back;
    failure_ = Failure{
        .outcome = Outcome::aborted,
        .text = fmt::format("{} was interrupted by {}", to_string(p_.kind), p_.session.interrupt.reason())};
    is_interrupted_ = true;
    canceller_.cancel();
  }

  asio::awaitable<void> take(Action action) {
    switch (action.kind) {
      case ActionKind::apply:
        return apply(row_of(action.step));
      case ActionKind::verify:
        return verify(row_of(action.step));
      case ActionKind::record_done:
        return record_done(action.step);
      case ActionKind::commit:
        return commit();
      case ActionKind::undo:
        return undo(row_of(action.step));
      case ActionKind::finish_deployed:
        return finish_deployed();
      case ActionKind::finish_aborted:
        return finish_aborted();
      case ActionKind::leave_for_resume:
        return leave_for_resume(action.step);
    }
    return finish_aborted();
  }

  asio::awaitable<void> apply(const Step& step) {
    if (running_ != step.id) {
      running_ = step.id;
      step_began_ = Clock::now();
      step_deadline_ = step_began_ + step.deadline(p_);
      attempts_left_ = step.attempts;
    }
    if (attempts_left_ < step.attempts) co_await pause(k_pause_between_attempts);
    if (direction_ == Direction::back && !open().committed) co_return;  // interrupted meanwhile
    --attempts_left_;
    record(RecordType::began, step_body(step.id));
    p_.tell({.kind = EventKind::step_began, .step = std::string(to_string(step.id))});
    const auto left = std::chrono::duration_cast<milliseconds>(step_deadline_ - Clock::now());
    auto operation = step.apply(p_);
    const BoundedResult result =
        co_await run_bounded(p_.engine().executor(), std::move(operation), left, canceller_);
    apply_succeeded_ = !result.error;
    if (apply_succeeded_ && direction_ == Direction::forward) failure_.reset();
    verdict_ = Verdict::not_asked;
    if (result.error) {
      const Failure failure = describe(result.error, attempt_of(step));
      if (failure.storage) {
        stop(failure);  // going back would write, too
        co_return;
      }
      note_failure(step, result);
    }
    if (p_.nothing_to_do) direction_ = Direction::back;
  }

  std::string attempt_of(const Step& step) const {
    return fmt::format("do step {} of {}", to_string(step.id), to_string(p_.kind));
  }

  void note_failure(const Step& step, const BoundedResult& result) {
    if (direction_ == Direction::back)
      return;  // interrupted: that is the reason, not the cancellation it caused
    failure_ = describe(result.error, attempt_of(step));
    if (result.timed_out) {
      failure_->text = fmt::format(
          "step {} took longer than {} ms and was given up. Look at the engine's and nginx's "
          "logs, then try again",
          to_string(step.id), step.deadline(p_).count());
    }
    if (!failure_->transient) attempts_left_ = 0;
    p_.tell({.kind = EventKind::step_failed,
             .step = std::string(to_string(step.id)),
             .text = failure_->text,
             .elapsed = since(step_began_)});
  }

  asio::awaitable<void> verify(const Step& step) {
    if (running_ != step.id) {  // met in the journal: one attempt to finish it, as if it had just begun
      running_ = step.id;
      step_began_ = Clock::now();
      step_deadline_ = step_began_ + step.deadline(p_);
      attempts_left_ = step.attempts;
      apply_succeeded_ = false;
    }
    // Only what may have been done in spite of the failure is asked about; a definite no is believed.
    if (failure_ && !failure_->transient) {
      verdict_ = Verdict::does_not_hold;
      co_return;
    }
    if (step.verify == nullptr) {
      verdict_ = apply_succeeded_ ? Verdict::holds : Verdict::does_not_hold;
      co_return;
    }
    if (verdict_ == Verdict::unknown) co_await pause(k_pause_between_attempts);
    Verdict answer = Verdict::unknown;
    auto question = ask(step, p_, answer);
    const BoundedResult result =
        co_await run_bounded(p_.engine().executor(), std::move(question), k_verify_deadline, canceller_);
    if (result.error && verdict_ != Verdict::unknown) unknown_until_ = Clock::now() + k_longest_unknown;
    verdict_ = result.error ? Verdict::unknown : answer;
    if (result.error && !failure_) note_failure(step, result);
    if (verdict_ == Verdict::does_not_hold && !failure_) {
      failure_ =
          Failure{.text = fmt::format("step {} was done, but its effect is not there. Has somebody changed "
                                      "containers or files by hand? Look at halcyon status",
                                      to_string(step.id))};
    }
  }

  asio::awaitable<void> record_done(StepId step) {
    record(RecordType::done, step_body(step));
    failure_.reset();
    verdict_ = Verdict::not_asked;
    running_.reset();
    report_.steps.push_back({std::string(to_string(step)), since(step_began_), "done"});
    p_.tell(
        {.kind = EventKind::step_done, .step = std::string(to_string(step)), .elapsed = since(step_began_)});
    co_return;
  }

  asio::awaitable<void> commit() {
    if (p_.target.size() != p_.release.services.size()) {
      // Cannot be unless a step's verify is wrong; then going back is the one safe thing.
      failure_ =
          Failure{.text =
                      "a service of the new release was given no slot, so the release was not put into "
                      "service. This is a defect of halcyon; please report it with the journal"};
      direction_ = Direction::back;
      co_return;
    }
    for (const auto& [service, placement] : p_.target) {
      if (p_.replaces(service)) replaced_.insert(service);
    }
    record(RecordType::commit, commit_body(p_.release.id, p_.target, p_.accessories));
    commit_is_in_doubt_ = true;
    p_.journal->sync();  // the point of no return
    commit_is_in_doubt_ = false;
    report_.until_commit = since(began_);
    p_.tell({.kind = EventKind::committed, .text = p_.release.id, .elapsed = report_.until_commit});
    write_readable_copies();
    co_return;
  }

  asio::awaitable<void> undo(const Step& step) {
    if (running_ == step.id && failure_) {
      report_.steps.push_back({std::string(to_string(step.id)), since(step_began_), "failed"});
    }
    running_.reset();
    record(RecordType::undoing, step_body(step.id));
    if (step.undo != nullptr) {
      const auto began = Clock::now();
      for (int attempt = 1;; ++attempt) {
        auto operation = step.undo(p_);
        const BoundedResult result = co_await run_bounded(p_.engine().executor(), std::move(operation),
                                                          k_undo_deadline, undo_canceller_);
        if (!result.error) break;
        const Failure failure = describe(result.error, fmt::format("undo step {}", to_string(step.id)));
        // An engine that restarts is back by then.
        const bool may_pass = failure.transient && Clock::now() < began + k_longest_unknown;
        if ((attempt >= k_undo_attempts && !may_pass) || failure.storage) {
          stop(failure);
          co_return;
        }
        if (attempt == 1 && failure.transient) p_.note(failure.text + "; it is tried again");
        co_await pause(k_pause_between_attempts);
      }
      // Of a step that had not begun, as far as we know, there was nothing to undo.
      const bool had_begun =
          !p_.found_marks || (*p_.found_marks)[static_cast<std::size_t>(step.id)] != Mark::none;
      if (!p_.nothing_to_do && had_begun) tell_undone(step, since(began));
    }
    record(RecordType::undone, step_body(step.id));
  }

  void tell_undone(const Step& step, milliseconds elapsed) {
    const std::string id(to_string(step.id));
    report_.steps.push_back({id, elapsed, "undone"});
    p_.tell({.kind = EventKind::step_undone, .step = id, .elapsed = elapsed});
  }

  asio::awaitable<void> finish_deployed() {
    finish(Outcome::deployed, "");
    co_return;
  }

  asio::awaitable<void> finish_aborted() {
    if (p_.nothing_to_do) {
      const std::string_view done =
          p_.notes.empty() ? "nothing was changed" : "nothing was changed but what the notes tell";
      finish(Outcome::unchanged,
             p_.release.id.empty()
                 ? fmt::format("network and accessories are there already; {}", done)
                 : fmt::format("release {} serves this already; {}", p_.state.current, done));
      co_return;
    }
    const Failure failure =
        failure_.value_or(Failure{.text = "a promotion that was interrupted before COMMIT was undone"});
    const bool touched = open().marks[static_cast<std::size_t>(StepId::prepare)] != Mark::none;
    // "unreachable" and "usage" promise that nothing was touched.
    finish(touched ? Outcome::aborted : failure.outcome, tell_abort(failure.text));
    co_return;
  }

  /// Why, what has become of it, and what counts now. That the current release answers, too, is not known
  /// here.
  std::string tell_abort(std::string text) const {
    if (is_interrupted_) text += "; it has been undone";
    const char* const stop = text.ends_with('?') ? "" : ".";
    if (!p_.state.current.empty())
      text += fmt::format("{} {} stays the current release", stop, p_.state.current);
    if (is_interrupted_) text += ". Run the command again when you are ready";
    return text;
  }

  /// Committed, so the new release serves; what is left is remembered in the journal and done by the next
  /// command.
  asio::awaitable<void> leave_for_resume(StepId step) {
    p_.note(fmt::format(
        "the new release serves, but step {} is left to do: {}. Run halcyon resume {} when the cause is "
        "gone",
        to_string(step), failure_ ? failure_->text : "unknown cause", p_.environment().name.text()));
    report_.steps.push_back({std::string(to_string(step)), since(step_began_), "failed"});
    report_.outcome = Outcome::deployed;
    p_.journal->sync();
    over_ = true;
    co_return;
  }

  void finish(Outcome outcome, const std::string& text) {
    record(RecordType::end, end_body(to_string(outcome), text, since(began_), list_images()));
    p_.journal->sync();
    over_ = true;
    report_.outcome = outcome;
    report_.text = text;
    write_readable_copies();
  }

  void stop(const Failure& failure) {
    const bool was_undoing = failure_ && direction_ == Direction::back;
    const std::string cause = was_undoing ? failure_->text + "\nThen undoing it failed: " : "";
    const std::string remedy =
        failure.storage
            ? ". " + remember_storage_failure(p_.environment(), failure)
            : fmt::format(" and traffic is left alone; when the cause is gone run halcyon resume {}",
                          p_.environment().name.text());
    report_.outcome = Outcome::needs_operator;
    report_.text =
        fmt::format("{}{}. The promotion {} stays open in the journal{}{}", cause, failure.text, p_.id,
                    commit_is_in_doubt_ ? "; whether it is committed is for the disk to say" : "", remedy);
    over_ = true;
  }

  /// current_release, previous_release and releases.log are copies of what the journal says: a full disk must
  /// not undo a promotion.
  void write_readable_copies() {
    try {
      p_.directory.write_caches(p_.state);
    } catch (const backup::Error& error) {
      if (error.kind() == backup::ErrorKind::not_synced) throw;
      p_.note(std::string(error.what()) + "; the journal has it, and the next command writes it again");
    }
  }

  /// "web=registry.example.com/shop/web:sha-1 api=..." for releases.log.
  std::string list_images() const {
    std::string images;
    for (const auto& [name, entry] : p_.release.services) {
      images += fmt::format("{}{}={}", images.empty() ? "" : " ", name, entry.reference);
    }
    return images;
  }

  void fill_in_report() {
    report_.promotion = p_.id;
    if (!commit_is_in_doubt_) report_.release = p_.state.current;
    report_.previous_release = p_.state.previous;
    report_.total = since(began_);
    report_.notes = p_.notes;
    if (const auto count = count_requests_since(p_.directory.access_log(), log_offset_)) {
      report_.requests = {.counted = true, .total = count->total, .failed = count->failed};
    }
    try {
      report_.services = report_services(p_.directory, p_.state);
    } catch (const Error& error) {
      report_.notes.emplace_back(error.what());
    } catch (const backup::Error& error) {
      report_.notes.emplace_back(error.what());  // how it ended is known, and must not be lost for a list
    }
    for (ServiceReport& service : report_.services) {
      service.changed = report_.outcome == Outcome::deployed && replaced_.contains(service.name);
    }
    report_.urls = {find_url(p_.environment())};
  }

  Promotion& p_;
  Direction direction_;
  Verdict verdict_ = Verdict::not_asked;
  std::optional<StepId> running_;
  bool apply_succeeded_ = false;
  int attempts_left_ = 0;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point step_began_ = began_;
  Clock::time_point step_deadline_ = began_;
  Clock::time_point unknown_until_ = began_;
  const std::uint64_t log_offset_ = p_.state.open->access_log_offset;
  bool is_interrupted_ = false;
  std::optional<Failure> failure_;
  std::set<std::string> replaced_;
  Canceller canceller_;
  Canceller undo_canceller_;
  Report report_;
  bool commit_is_in_doubt_ = false;
  bool over_ = false;
};

}  // namespace

asio::awaitable<Report> run_promotion(Promotion& promotion, Direction direction) {
  PromotionRun run(promotion, direction);
  Report report = co_await run.run();
  co_return report;
}

}  // namespace halcyon::orchestrator
