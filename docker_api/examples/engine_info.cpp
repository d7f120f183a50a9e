// Which engine would `docker` talk to from here, and what is it?   engine_info [ADDRESS]
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/find_engine.hpp"
#include "docker_api/system.hpp"

namespace api = halcyon::docker_api;

boost::asio::awaitable<void> tell(api::Engine& engine) {
  const api::EngineVersion version = co_await api::inspect_version(engine);
  const api::EngineInfo info = co_await api::inspect_info(engine);
  const std::string spoken = to_string(co_await engine.api_version());
  std::printf("engine %s, API %s (spoken: %s), %s, %lld CPUs\n", version.version.c_str(),
              version.api_version.c_str(), spoken.c_str(), info.storage_driver.c_str(),
              static_cast<long long>(info.cpus));
}

int main(int argc, char** argv) {
  try {
    const api::Surroundings surroundings = api::read_surroundings(environ);
    const api::EngineChoice choice = api::find_engine(
        surroundings, {.host = argc > 1 ? std::optional<std::string>(argv[1]) : std::nullopt});
    std::printf("%s, from %s\n", choice.host.c_str(), choice.origin.c_str());
    boost::asio::io_context io;
    api::Engine engine(io.get_executor(), address_of(choice),
                       {.headers = choice.headers, .environment = surroundings.environment()});
    std::exception_ptr failed;
    boost::asio::co_spawn(io, tell(engine),
                          [&failed](std::exception_ptr error) { failed = std::move(error); });
    io.run();
    if (failed) std::rethrow_exception(failed);
  } catch (const api::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());  // says what was attempted, what happened, what to do
    return 1;
  }
  return 0;
}
