// docker run --rm, in a few lines.   run_once IMAGE COMMAND...   (standard input is handed on)
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <iterator>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/find_engine.hpp"
#include "docker_api/run_container.hpp"

namespace api = halcyon::docker_api;

boost::asio::awaitable<void> run(api::Engine& engine, api::ContainerSpec spec, api::RunInput input,
                                 int& exit_code) {
  const api::RunOutput output = co_await api::run_container(engine, std::move(spec), std::move(input));
  std::fwrite(output.stdout_text.data(), 1, output.stdout_text.size(), stdout);
  std::fwrite(output.stderr_text.data(), 1, output.stderr_text.size(), stderr);
  exit_code = static_cast<int>(output.exit_code);
}

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: run_once IMAGE COMMAND...\n");
    return 2;
  }
  int exit_code = 125;
  try {
    const api::Surroundings surroundings = api::read_surroundings(environ);
    boost::asio::io_context io;
    api::Engine engine(io.get_executor(), address_of(api::find_engine(surroundings)));
    api::ContainerSpec spec{.image = argv[1], .command = std::vector<std::string>(argv + 2, argv + argc)};
    api::RunInput input{.stdin_text = {std::istreambuf_iterator<char>(std::cin), {}}};
    std::exception_ptr failed;
    boost::asio::co_spawn(io, run(engine, std::move(spec), std::move(input), exit_code),
                          [&failed](std::exception_ptr error) { failed = std::move(error); });
    io.run();
    if (failed) std::rethrow_exception(failed);
  } catch (const api::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  return exit_code;
}
