// boot: after a start of the host, before anybody relies on the environment.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "docker_api/error.hpp"
#include "orchestrator/bounded.hpp"
#include "orchestrator/nginx_control.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr milliseconds k_boot_poll{200};

/// Errors: docker_api::Error as it was last, once `deadline` has passed; Error aborted if interrupted.
asio::awaitable<void> wait_for_engine(Session session, Clock::time_point deadline) {
  for (bool told = false;; told = true) {
    std::exception_ptr failed;
    try {
      co_await session.engine.api_version();
      co_return;
    } catch (const docker_api::Error& error) {
      if (error.kind() == docker_api::ErrorKind::cancelled || Clock::now() >= deadline) throw;
      if (!told)
        session.events.on_event(
            {.kind = EventKind::note, .text = fmt::format("waiting for the engine: {}", error.what())});
    }
    co_await pause(k_boot_poll);
  }
}

asio::awaitable<void> wait_for_nginx(Session session, Clock::time_point deadline) {
  const auto& services = session.environment.services;
  const bool needs_nginx = std::any_of(services.begin(), services.end(), [](const Service& service) {
    return service.kind == ServiceKind::web;
  });
  for (bool told = false; needs_nginx && !find_nginx_master(session.environment.nginx); told = true) {
    if (Clock::now() >= deadline) co_return;  // the repair says what is missing, having done what it can
    if (!told) session.events.on_event({.kind = EventKind::note, .text = "waiting for nginx"});
    co_await pause(k_boot_poll);
  }
}

asio::awaitable<Report> boot_or_throw(Session session, milliseconds patience) {
  read_state(session.environment);
  const auto deadline = Clock::now() + patience;
  co_await wait_for_engine(session, deadline);
  co_await wait_for_nginx(session, deadline);
  Report report = co_await resume(session);
  co_return report;
}

}  // namespace

bool is_installed(const Environment& environment) {
  try {
    return read_state_or_none(environment).installed;
  } catch (const Error&) {
    return true;
  }
}

asio::awaitable<Report> boot(Session session, milliseconds patience) {
  return reported(session, boot_or_throw(session, patience), "bring up " + session.environment.name.text());
}

}  // namespace halcyon::orchestrator
