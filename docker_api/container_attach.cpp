#include "docker_api/container_attach.hpp"

#include "docker_api/output_pieces.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

asio::awaitable<ProcessStream> attach_container(Engine& engine, ContainerId id, AttachOptions options) {
  EngineRequest request{.method = "POST", .path = resource_path("/containers/", id.value, "/attach")};
  const auto ask_for = [&request](bool wanted, const char* what) {
    if (wanted) request.query.emplace_back(what, "1");
  };
  ask_for(options.stdin_open, "stdin");
  ask_for(options.stdout_open, "stdout");
  ask_for(options.stderr_open, "stderr");
  ask_for(options.logs, "logs");
  ask_for(options.stream, "stream");
  if (!options.detach_keys.empty()) request.query.emplace_back("detachKeys", options.detach_keys);
  const ApiVersion version = co_await engine.api_version();
  DuplexStream stream = co_await engine.open_duplex(std::move(request));
  bool multiplexed = !options.tty.value_or(false);
  if (!options.tty) {
    if (const auto framing = framing_of(stream.head(), version)) {
      multiplexed = *framing == Framing::multiplexed;
    } else {
      const ContainerDetails details = co_await inspect_container(engine, id);
      multiplexed = !details.tty;
    }
  }
  co_return ProcessStream(std::move(stream), multiplexed);
}

}  // namespace halcyon::docker_api
