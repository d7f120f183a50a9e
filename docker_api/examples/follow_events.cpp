// Prints the engine's events, across restarts of the engine.   follow_events [HOW-MANY]
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <variant>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/event_follower.hpp"
#include "docker_api/find_engine.hpp"
#include "docker_api/system.hpp"

namespace api = halcyon::docker_api;

boost::asio::awaitable<void> follow(api::Engine& engine, long how_many) {
  co_await api::ping(engine);
  std::printf("following\n");
  std::fflush(stdout);
  // From now on; what happened while we were connecting is not missed.
  api::EventFollower follower(engine, {});
  for (long number = 0; how_many < 0 || number < how_many; ++number) {
    const api::EventOrGap next = co_await follower.next();
    if (const auto* gap = std::get_if<api::EventGap>(&next)) {
      std::printf("something may be missing here: %s\n", gap->reason.c_str());
    } else {
      const auto& event = std::get<api::Event>(next);
      std::printf("%s %s %.12s\n", event.type.c_str(), event.action.c_str(), event.actor_id.c_str());
    }
    std::fflush(stdout);
  }
}

int main(int argc, char** argv) {
  try {
    const api::Surroundings surroundings = api::read_surroundings(environ);
    boost::asio::io_context io;
    api::Engine engine(io.get_executor(), address_of(api::find_engine(surroundings)));
    std::exception_ptr failed;
    boost::asio::co_spawn(io, follow(engine, argc > 1 ? std::strtol(argv[1], nullptr, 10) : -1),
                          [&failed](std::exception_ptr error) { failed = std::move(error); });
    io.run();
    if (failed) std::rethrow_exception(failed);
  } catch (const api::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
