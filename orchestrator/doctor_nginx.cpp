// What doctor finds at nginx, and where requests get.
#include <fmt/format.h>

#include "orchestrator/doctor_findings.hpp"
#include "orchestrator/nginx_control.hpp"
#include "orchestrator/promotion_steps.hpp"
#include "orchestrator/traffic_faults.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

asio::awaitable<Verdict> ask_about_declaration(Session session, const Truth& truth) {
  const StateDirectory directory(session.environment.state_directory);
  EnvironmentState state = truth.state;
  Promotion promotion{.session = session, .directory = directory, .journal = nullptr, .state = state};
  promotion.release = *truth.current;
  promotion.current = truth.current;
  promotion.target = state.placements;
  const Verdict verdict = co_await nginx_has_declaration(promotion);
  co_return verdict;
}

asio::awaitable<void> examine_declaration(Session session, const Truth& truth, Findings& findings) {
  if (!truth.current) {
    findings.unknown("nginx", "it runs; what it should be told is in a record that cannot be read",
                     "See what is said of releases");
    co_return;
  }
  const Verdict verdict = co_await ask_about_declaration(session, truth);
  if (verdict == Verdict::holds) {
    findings.agrees("nginx", "it runs, and has loaded what is on disk, which is what we declare");
  } else {
    findings.repairable("nginx", "what it has loaded, or what is on disk for it, is not what we declare",
                        "it is written anew, tested and loaded");
  }
}

asio::awaitable<void> examine_traffic(Session session, const Truth& truth, Findings& findings) {
  const auto faults = co_await find_traffic_faults(session, truth.state, {});
  if (faults.empty()) {
    findings.agrees("traffic", "each service answers through nginx, from the slot that the journal says");
  } else {
    findings.repairable("traffic", fmt::format("{}", fmt::join(faults, "; ")),
                        "flags, containers and nginx are made to agree with the journal");
  }
}

}  // namespace

asio::awaitable<void> examine_nginx(Session session, const Truth& truth, Findings& findings) {
  const Nginx& settings = session.environment.nginx;
  if (truth.state.placements.empty()) {
    findings.agrees("nginx", "no release serves yet");
    co_return;
  }
  if (!find_nginx_master(settings)) {
    findings.differs("nginx", fmt::format("no nginx master runs under the id in {}", settings.pid_file),
                     "Start it (systemctl start nginx), or set nginx.pid_file");
    co_return;
  }
  std::string failed;
  try {
    co_await examine_declaration(session, truth, findings);
    // In the middle of a promotion nginx may be ahead of the journal.
    if (!truth.state.open) co_await examine_traffic(session, truth, findings);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    failed = error.what();
  }
  if (!failed.empty()) findings.unknown("nginx", failed, "Look at nginx's error log");
}

}  // namespace halcyon::orchestrator
