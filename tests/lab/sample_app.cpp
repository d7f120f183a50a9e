// The application that Halcyon's tests deploy: a static HTTP server for a FROM-scratch image, whose
// behaviour (ready late, never ready, dying, ignoring SIGTERM ...) is chosen by its environment. See
// README.md.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "sample_app_server.h"
#include "sample_app_settings.h"

namespace {

namespace asio = boost::asio;
using halcyon::lab::Server;
using halcyon::lab::Settings;

constexpr int k_exit_bad_environment = 2;
constexpr int k_exit_cannot_listen = 3;

void run(const Settings& settings, std::chrono::steady_clock::time_point started) {
  asio::io_context io{1};
  // Before the start delay is waited for: PID 1 has no default action, and would ignore an early SIGTERM.
  asio::signal_set signals{io};
  if (settings.ignore_sigterm) {
    std::signal(SIGTERM, SIG_IGN);
  } else {
    signals.add(SIGTERM);
    signals.add(SIGINT);
  }
  Server server{io, settings, started};
  signals.async_wait([&server](const boost::system::error_code& problem, int) {
    if (problem) return;
    server.stop();
  });
  asio::steady_timer start{io, started + settings.start_delay};
  start.async_wait([&server, &settings](const boost::system::error_code&) {
    if (server.is_stopping()) return;
    server.listen();
    std::printf("listening port=%u release=%s\n", unsigned{settings.port}, settings.release.c_str());
    std::fflush(stdout);
  });
  asio::steady_timer death{io};
  if (settings.exit_after.has_value()) {
    death.expires_at(started + *settings.exit_after);
    death.async_wait([&settings](const boost::system::error_code& problem) {
      if (problem) return;
      std::fprintf(stderr, "exiting code=%d because EXIT says so\n", settings.exit_code);
      std::_Exit(settings.exit_code);
    });
  }
  io.run();
}

}  // namespace

int main() {
  const auto started = std::chrono::steady_clock::now();
  Settings settings;
  try {
    settings = halcyon::lab::settings_from_environment();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "sample_app: %s\n", problem.what());
    return k_exit_bad_environment;
  }
  if (settings.exit_at_once) {
    std::fprintf(stderr, "exiting code=%d at once because EXIT says so\n", settings.exit_code);
    return settings.exit_code;
  }
  try {
    run(settings, started);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "sample_app: cannot serve: %s\n", problem.what());
    return k_exit_cannot_listen;
  }
  return 0;
}
