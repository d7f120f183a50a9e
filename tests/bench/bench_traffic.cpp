// Requests lost by promotions under load: back to back through the real command, by flag and by reload.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench.hpp"
#include "figures.hpp"
#include "processes.hpp"
#include "traffic_load.hpp"

namespace halcyon::bench {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;
using namespace std::chrono_literals;

/// The full run is 200 promotions and 10^6 requests; a shorter one needs as many requests a promotion, and
/// says by `traffic_promotions ... short` that it was one.
constexpr double k_promotions_of_full_run = 200;
constexpr double k_requests_per_promotion = 5'000;
constexpr auto k_longest_by_flag = 20min;
constexpr auto k_longest_by_reload = 4min;
constexpr auto k_settling = 2s;

struct TrafficRun {
  TrafficCounts counts;
  int promotions = 0;
  int failed_promotions = 0;
  double requests_in_windows = 0;  ///< that nginx logged while a promotion ran
  double seconds = 0;
};

void promote_under_load(const LabEnvironment& lab, const std::string& environment, TrafficRun& run) {
  const std::string tag = run.promotions % 2 == 0 ? "2" : "1";
  const auto figures = run_measured(lab, lab.halcyon({"promote", environment, tag, "--json"}));
  ++run.promotions;
  const json document = json::parse(figures.output, nullptr, false);
  if (figures.exit_code == 0 && document.is_object()) {
    run.requests_in_windows += document.at("requests").at("total").get<double>();
    return;
  }
  ++run.failed_promotions;
  fmt::print(stderr, "bench: promotion {} of {} failed: {}\n", run.promotions, environment,
             document.is_object() ? document.value("error", "") : figures.output);
}

/// Promotes without a pause, so that nearly every request falls into a promotion.
TrafficRun promote_repeatedly(const LabEnvironment& lab, const std::string& environment, int promotions,
                              double requests_wanted, Clock::duration longest) {
  run_or_throw(lab, lab.halcyon({"install", environment, "1"}));
  TrafficRun run;
  TrafficLoad load(lab, environment);
  const auto began = Clock::now();
  std::this_thread::sleep_for(k_settling);
  while ((run.promotions < promotions || run.requests_in_windows < requests_wanted) &&
         Clock::now() - began < longest) {
    promote_under_load(lab, environment, run);
    load.save_logs_of_stopped_containers();
  }
  std::this_thread::sleep_for(k_settling);  // what the last switch did to idle clients is seen later
  run.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  run.counts = load.finish();
  return run;
}

double each(std::uint64_t count, int promotions) { return static_cast<double>(count) / promotions; }

void print_by_flag(const TrafficRun& run, double requests_wanted) {
  const TrafficCounts& counts = run.counts;
  const auto none = [](std::string_view name, std::uint64_t count, std::string_view unit) {
    print_figure(name, static_cast<double>(count), unit, Goal::at_most, 0);
  };
  print_figure("traffic_requests", run.requests_in_windows, "requests", Goal::at_least, requests_wanted);
  print_figure("traffic_requests.in_all", static_cast<double>(counts.requests), "requests");
  print_figure("traffic_promotions", run.promotions, "promotions", Goal::at_least, k_promotions_of_full_run);
  print_figure("traffic_seconds", run.seconds, "s");
  print_figure("traffic_requests_per_window", run.requests_in_windows / run.promotions, "requests");
  none("traffic_promotions_failed", static_cast<std::uint64_t>(run.failed_promotions), "promotions");
  none("traffic_lost", counts.lost, "requests");
  none("traffic_wrong", counts.wrong, "requests");
  none("traffic_truncated", counts.truncated, "requests");
  print_figure("traffic_posts", static_cast<double>(counts.posts_sent), "posts");
  none("traffic_posts_lost", counts.posts_lost, "posts");
  none("traffic_posts_duplicated", counts.posts_duplicated, "posts");
  print_figure("traffic_websockets_closed", each(counts.websockets_closed, run.promotions), "per_promotion");
}

void print_failures_per_switch(const TrafficRun& by_flag, const TrafficRun& by_reload) {
  const auto failures = [](const TrafficRun& run) {
    return each(run.counts.lost + run.counts.wrong + run.counts.truncated, run.promotions);
  };
  print_figure("traffic_failed_per_switch", failures(by_flag), "requests", Goal::at_most, 0);
  print_figure("traffic_failed_per_switch.reload", failures(by_reload), "requests");
  print_figure("traffic_promotions.reload", by_reload.promotions, "promotions");
  print_figure("traffic_posts_duplicated.reload", static_cast<double>(by_reload.counts.posts_duplicated),
               "posts");
}

}  // namespace

void measure_traffic(const LabEnvironment& lab) {
  const double requests_wanted = k_requests_per_promotion * lab.promotions;
  const TrafficRun by_flag =
      promote_repeatedly(lab, "flag", lab.promotions, requests_wanted, k_longest_by_flag);
  print_by_flag(by_flag, requests_wanted);
  const TrafficRun by_reload =
      promote_repeatedly(lab, "reload", lab.reload_promotions, 0, k_longest_by_reload);
  print_failures_per_switch(by_flag, by_reload);
}

}  // namespace halcyon::bench
