#include "orchestrator/refused_start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "docker_api/error.hpp"
#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {
namespace {

struct Advice {
  std::string_view words;  ///< lower case
  std::string_view advice;
};

// The first that fits counts. Words of runc, crun, dockerd 20.10 and Podman 4.3; lower case on both sides.
constexpr std::array<Advice, 17> k_advice{{
    {"exec format error", "Is the image built for this machine's processor?"},
    {"wrong architecture", "Is the image built for this machine's processor?"},
    {"mount", "Does what service.{}.volumes names exist on this host, and is a file mounted on a file?"},
    {"bind source", "Does what service.{}.volumes names exist on this host?"},
    {"no such device",
     "Does what service.{}.volumes names exist on this host, and is its file system known here?"},
    {"address already in use",
     "Another container has its address: docker network inspect says which; remove that one"},
    {"port is already allocated", "Another container has that port: docker ps says which"},
    {"permission denied", "May service.{}.user execute the program in the image?"},
    {"executable file not found",
     "Is the command of service.{} in its image? There is no shell in an image FROM scratch"},
    {"no such file or directory",
     "Is the command of service.{} in its image, and the interpreter that it names?"},
    {"unable to find user", "Is service.{}.user in the image's /etc/passwd? A number needs no entry there"},
    {"no matching entries in passwd",
     "Is service.{}.user in the image's /etc/passwd? A number needs no entry there"},
    {"capability", "Are service.{}.cap_add and cap_drop names that this kernel knows (\"CHOWN\")?"},
    {"no space left", "The engine's disk is full: docker system df says what takes the room"},
    {"cannot allocate memory",
     "This host has no memory left; or is service.{}.memory too little for the start?"},
    {"oom", "Is service.{}.memory too little for the start?"},
    {"cgroup", "Are service.{}.memory, cpus and pids possible on this host?"},
}};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

std::string advise_on_refused_start(std::string_view engine_says, std::string_view service) {
  const std::string said = lower(engine_says);
  const auto* const found = std::find_if(k_advice.begin(), k_advice.end(), [&](const Advice& entry) {
    return said.find(entry.words) != std::string::npos;
  });
  if (found == k_advice.end()) return "The engine's own log may say more (journalctl -u docker)";
  return fmt::format(fmt::runtime(found->advice), service);
}

boost::asio::awaitable<void> start_or_explain(docker_api::Engine& engine, docker_api::ContainerId name,
                                              std::string service) {
  const std::string shown = name.value;
  try {
    co_await docker_api::start_container(engine, std::move(name));
  } catch (const docker_api::Error& error) {
    if (error.is_transient() || error.in_doubt() || !error.http_status()) throw;
    throw Error(Outcome::aborted,
                fmt::format("cannot start {}: {}. The engine refused, so the program never ran. {}", shown,
                            error.what(), advise_on_refused_start(error.engine_text(), service)));
  }
}

}  // namespace halcyon::orchestrator
