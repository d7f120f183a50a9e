#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"
#include "docker_api/api_version.hpp"

namespace halcyon::cli {

Result run_version(const Arguments&, Context&) {
  const std::string oldest = to_string(docker_api::k_oldest_api_version);
  const std::string newest = to_string(docker_api::k_newest_api_version);
  nlohmann::ordered_json document = begin_document(Outcome::unchanged);
  document["version"] = HALCYON_VERSION;
  document["docker_engine_api"] = {{"oldest", oldest}, {"newest", newest}};
  document["compiler"] = __VERSION__;
  return {Outcome::unchanged,
          fmt::format("halcyon {}\nDocker Engine API {} to {}\n", HALCYON_VERSION, oldest, newest),
          to_text(document)};
}

}  // namespace halcyon::cli
