// Builds an image that holds just the sample application, through our own client, and pushes it.
//
//   build_image REFERENCE APPLICATION [KEY=VALUE...]
//
// REFERENCE is `registry/path:tag`; KEY=VALUE become ENV lines. DOCKER_HOST names the engine. Prints the
// image's id.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "docker_api/engine.hpp"
#include "docker_api/images.hpp"
#include "docker_api/tar_stream.hpp"

namespace halcyon::lab {
namespace {

struct Arguments {
  std::string reference;
  std::string application;
  std::vector<std::string> environment;
};

boost::asio::awaitable<void> build_and_push(docker_api::Engine& engine, Arguments arguments) {
  std::string dockerfile = "FROM scratch\nCOPY app /app\n";
  for (const std::string& line : arguments.environment) dockerfile += "ENV " + line + "\n";
  dockerfile += "ENTRYPOINT [\"/app\"]\n";
  std::vector<docker_api::TarEntry> files{
      {.name = "Dockerfile", .content = dockerfile},
      {.name = "app", .source_path = arguments.application, .mode = 0755}};
  docker_api::BuildOptions options;
  options.tags = {arguments.reference};
  const auto id =
      co_await docker_api::build_image(engine, docker_api::make_tar_source(std::move(files)), options);
  auto reference = docker_api::parse_image_reference(arguments.reference);
  co_await docker_api::push_image(engine, std::move(reference));
  std::printf("%s\n", id.value.c_str());
}

}  // namespace
}  // namespace halcyon::lab

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: build_image REFERENCE APPLICATION [KEY=VALUE...]\n", stderr);
    return 2;
  }
  const char* host = std::getenv("DOCKER_HOST");
  try {
    boost::asio::io_context io;
    halcyon::docker_api::Engine engine(
        io.get_executor(),
        halcyon::docker_api::parse_engine_address(
            host != nullptr ? host : std::string(halcyon::docker_api::k_default_engine_address)));
    halcyon::lab::Arguments arguments{argv[1], argv[2], std::vector<std::string>(argv + 3, argv + argc)};
    std::exception_ptr failed;
    boost::asio::co_spawn(io, halcyon::lab::build_and_push(engine, std::move(arguments)),
                          [&failed](const std::exception_ptr& error) { failed = error; });
    io.run();
    if (failed) std::rethrow_exception(failed);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "build_image: %s\n", error.what());
    return 1;
  }
}
