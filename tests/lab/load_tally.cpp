// Counting, and the report.
#include "load_tally.h"

#include <iomanip>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace halcyon::lab {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array k_lost_classes{"reset",   "eof_before_answer", "refused",
                                    "timeout", "local_error",       "other"};

void open_for_writing(std::ofstream& stream, const std::string& path) {
  if (path.empty()) return;
  stream.open(path, std::ios::trunc);
  if (!stream) throw std::runtime_error{"cannot write " + path};
}

Json latency_report(const Histogram& latency) {
  if (latency.count() == 0) return nullptr;
  return {{"p50", latency.quantile_ms(0.5)},
          {"p90", latency.quantile_ms(0.9)},
          {"p99", latency.quantile_ms(0.99)},
          {"max", latency.max_ms()}};
}

void increment(std::map<std::string, std::uint64_t, std::less<>>& counts, std::string_view key) {
  const auto place = counts.find(key);
  if (place == counts.end()) {
    counts.emplace(key, 1);
  } else {
    ++place->second;
  }
}

template <typename Enum>
constexpr std::size_t index(Enum value) {
  return static_cast<std::size_t>(value);
}

}  // namespace

Tally::Tally(const LoadOptions& options) : seed_{options.seed} {
  for (const char* name : k_lost_classes) lost_by_.emplace(name, 0);
  open_for_writing(posts_, options.posts_file);
  open_for_writing(failures_, options.record_lost_file);
}

void Tally::count(Kind kind, const Outcome& outcome, Clock::duration latency, std::string_view post_id) {
  PerKind& of_kind = kinds_[index(kind)];
  ++of_kind.verdicts[index(outcome.verdict)];
  if (!outcome.release.empty()) increment(releases_, outcome.release);
  if (posts_.is_open() && !post_id.empty()) {
    posts_ << post_id << ' ' << k_verdict_names[index(outcome.verdict)] << '\n';
  }
  if (outcome.verdict == Verdict::answered) {
    of_kind.latency.add(latency);
    if (kind != Kind::slow && kind != Kind::upload) latency_.add(latency);
    return;
  }
  if (outcome.verdict == Verdict::lost) increment(lost_by_, outcome.reason);
  if (outcome.verdict == Verdict::wrong) increment(wrong_by_, outcome.reason);
  if (failures_.is_open()) {
    const std::chrono::duration<double> wall_clock = std::chrono::system_clock::now().time_since_epoch();
    failures_ << std::fixed << std::setprecision(3) << wall_clock.count() << ' ' << k_kind_names[index(kind)]
              << ' ' << k_verdict_names[index(outcome.verdict)] << ' ' << outcome.reason << std::endl;
  }
}

std::uint64_t Tally::total(Verdict verdict) const {
  std::uint64_t sum = 0;
  for (const PerKind& kind : kinds_) sum += kind.verdicts[index(verdict)];
  return sum;
}

double Tally::seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

bool Tally::is_ok() const {
  // A run in which nothing was asked has shown nothing.
  return total(Verdict::answered) > 0 &&
         total(Verdict::lost) + total(Verdict::wrong) + total(Verdict::truncated) == 0;
}

Json Tally::report() const {
  Json kinds = Json::object();
  std::uint64_t requests = 0;
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    std::uint64_t of_kind = 0;
    Json entry = Json::object();
    for (std::size_t v = 0; v < k_verdict_names.size(); ++v) {
      entry[std::string{k_verdict_names[v]}] = kinds_[i].verdicts[v];
      of_kind += kinds_[i].verdicts[v];
    }
    requests += of_kind;
    if (of_kind == 0) continue;
    entry["requests"] = of_kind;
    entry["latency_ms"] = latency_report(kinds_[i].latency);
    kinds[std::string{k_kind_names[i]}] = std::move(entry);
  }
  const double elapsed = seconds();
  return {{"seconds", elapsed},
          {"requests", requests},
          {"requests_per_second", static_cast<double>(requests) / elapsed},
          {"answered", total(Verdict::answered)},
          {"lost", total(Verdict::lost)},
          {"lost_by", lost_by_},
          {"wrong", total(Verdict::wrong)},
          {"wrong_by", wrong_by_},
          {"truncated", total(Verdict::truncated)},
          {"connections_opened", connections_opened_},
          {"websocket_opened", websocket_opened_},
          {"websocket_closed", websocket_closed_},
          {"latency_ms", latency_report(latency_)},
          {"releases", releases_},
          {"kinds", std::move(kinds)},
          {"seed", seed_},
          {"ok", is_ok()}};
}

Json Tally::progress() {
  std::uint64_t requests = 0;
  for (const PerKind& kind : kinds_) {
    for (const std::uint64_t verdict : kind.verdicts) requests += verdict;
  }
  Json line{{"seconds", seconds()},
            {"requests", requests},
            {"new_requests", requests - requests_at_last_progress_},
            {"answered", total(Verdict::answered)},
            {"lost", total(Verdict::lost)},
            {"wrong", total(Verdict::wrong)},
            {"truncated", total(Verdict::truncated)},
            {"websocket_closed", websocket_closed_},
            {"connections_opened", connections_opened_},
            {"releases", releases_}};
  requests_at_last_progress_ = requests;
  if (posts_.is_open()) posts_.flush();
  return line;
}

}  // namespace halcyon::lab
