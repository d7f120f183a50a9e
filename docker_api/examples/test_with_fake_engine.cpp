// A test without a Docker engine: the code under test talks to a fake one, which loses an answer on purpose.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "docker_api/containers.hpp"
#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/testing/fake_engine.hpp"

namespace api = halcyon::docker_api;
namespace fake = halcyon::docker_api::fake;

/// The code under test: makes sure that a container of that name runs, also if an answer is lost on the way.
boost::asio::awaitable<void> ensure_running(api::Engine& engine, std::string name, std::string image) {
  bool in_doubt = false;
  try {
    co_await api::create_container(engine, {.name = name, .image = image});
  } catch (const api::Error& error) {
    in_doubt = error.in_doubt() || error.kind() == api::ErrorKind::conflict;
    if (!in_doubt) throw;
  }
  if (in_doubt) co_await api::inspect_container(engine, api::ContainerId(name));  // throws if it is not there
  co_await api::start_container(engine, api::ContainerId(name));
}

void run(boost::asio::io_context& io, boost::asio::awaitable<void> work) {
  std::exception_ptr failed;
  boost::asio::co_spawn(io, std::move(work),
                        [&failed](std::exception_ptr error) { failed = std::move(error); });
  io.restart();
  io.run();
  if (failed) std::rethrow_exception(failed);
}

int failures = 0;
void expect(bool holds, const char* what) {
  if (!holds) std::printf("failed: %s\n", what);
  failures += holds ? 0 : 1;
}

int main() {
  fake::FakeEngine engine({.program = [](const fake::Launch& launch) {
    return launch.container == "web" ? fake::runs_until_stopped() : fake::exits_with(1);
  }});
  engine.add_image("shop/web:1", {.command = {"/web"}});
  engine.inject(fake::lose_answer(), fake::on("POST", "/containers/create"));

  boost::asio::io_context io;
  api::Engine client(io.get_executor(), engine.address());
  run(io, ensure_running(client, "web", "shop/web:1"));
  expect(engine.containers().size() == 1, "one container, though the answer was lost");
  expect(engine.containers().at(0).state == "running", "it runs");

  engine.restart();  // as after a crash: what has no restart policy stays down
  expect(engine.containers().at(0).state == "exited", "the engine's crash ended it");
  run(io, ensure_running(client, "web", "shop/web:1"));
  expect(engine.containers().at(0).starts == 2, "it was started again, not made again");

  std::printf("%s\n", failures == 0 ? "all is well" : "something is wrong");
  return failures == 0 ? 0 : 1;
}
