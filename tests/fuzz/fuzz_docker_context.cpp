// meta.json of a context: an error or a context, never anything else.
#include <filesystem>

#include "docker_api/docker_context.hpp"
#include "docker_api/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace halcyon;

namespace {

struct Store {
  Store() {
    const std::string meta = directory / "contexts/meta/" + docker_api::context_directory_name("prod");
    std::filesystem::create_directories(meta);
    file = meta + "/meta.json";
  }
  testing::TemporaryDirectory directory;
  std::string file;
};

}  // namespace

HALCYON_FUZZ_TARGET(docker_context, input) {
  static const Store store;
  testing::write_text(store.file, std::string(input));
  fuzz::succeeds<docker_api::Error>([&] {
    const docker_api::DockerContext context = docker_api::inspect_context(store.directory.path(), "prod");
    fuzz::require(context.name == "prod", "the context that was asked for");
  });
  const std::string name(input.substr(0, 100));
  const std::string id = docker_api::context_directory_name(name);
  fuzz::require(id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string::npos,
                "a directory's name is a digest, whatever the context is called");
}
