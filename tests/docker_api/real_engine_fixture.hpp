// A fixture for tests against a real engine and registry, named by the environment. Everything it makes
// carries one label and is removed at the end, whatever happened.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "docker_api/containers.hpp"
#include "docker_api/engine.hpp"
#include "docker_api/images.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/system.hpp"
#include "docker_api/tar_stream.hpp"
#include "docker_api/volumes.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/support/run_coroutine.hpp"

namespace halcyon::docker_api {

/// A shell's program that says "ready", and ends when it is asked to.
inline constexpr const char* k_serve = "trap 'exit 0' TERM; echo ready; while :; do sleep 1 & wait $!; done";

/// A variable of the environment. Without it there is nothing to test against, and that is a failure, not a
/// skip.
inline std::string required_variable(const char* name, const char* example) {
  const char* value = std::getenv(name);
  if (value != nullptr && *value != '\0') return value;
  throw std::runtime_error(std::string(name) + " is not set: start the lab (tests/lab) or set it, as in " +
                           name + "=" + example);
}

class RealEngineFixture : public ::testing::Test {
 protected:
  RealEngineFixture()
      : engine_(io_.get_executor(),
                parse_engine_address(required_variable("HALCYON_TEST_ENGINE", "unix:///tmp/e/d.sock"))),
        registry_(required_variable("HALCYON_TEST_REGISTRY", "127.0.0.1:5000")),
        prefix_("halcyon-test-" + std::to_string(::getpid())),
        label_("halcyon.test=" + prefix_) {}

  /// Also run before each test: an earlier run of the same process id may have been killed.
  void SetUp() override { clean_up(); }
  void TearDown() override { clean_up(); }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test_support::run(io_, std::move(work));
  }

  void clean_up() {
    for (const ContainerSummary& container : run(list_containers(engine_, {label_}))) {
      run(remove_container(engine_, container.id, {.force = true}));
    }
    for (const NetworkDetails& network : run(list_networks(engine_, {label_}))) {
      run(remove_network(engine_, network.id.value));
    }
    for (const VolumeDetails& volume : run(list_volumes(engine_, {label_})))
      run(remove_volume(engine_, volume.name));
    for (const std::string& name : image_names_) run(remove_image(engine_, name, true));
    image_names_.clear();
  }

  std::map<std::string, std::string> labels() const { return {{"halcyon.test", prefix_}}; }

  /// A reference in the test registry; removed from the engine at the end.
  ImageReference reference(const std::string& name) {
    image_names_.push_back(registry_ + "/" + prefix_ + "/" + name);
    return parse_image_reference(image_names_.back());
  }

  /// An image that holds one static program, /app, with busybox's applets if it is busybox.
  ImageId build_busybox(const std::string& name = "busybox:1") {
    const std::string dockerfile =
        "FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nENV PATH=/bin\nCMD "
        "[\"/bin/busybox\", \"true\"]\n";
    return build(name, {{.name = "Dockerfile", .content = dockerfile},
                        {.name = "busybox", .source_path = "/bin/busybox", .mode = 0755}});
  }

  ImageId build(const std::string& name, std::vector<TarEntry> context, ProgressSink progress = {}) {
    return run(
        build_image(engine_, make_tar_source(std::move(context)),
                    {.tags = {reference(name).to_string()}, .labels = labels(), .network_mode = "none"},
                    std::move(progress)));
  }

  /// A container of `image` that runs a shell script.
  ContainerSpec shell(const ImageId& image, const std::string& script) const {
    return {.name = prefix_ + "-c",
            .image = image.value,
            .command = {"/bin/sh", "-c", script},
            .labels = labels()};
  }

  boost::asio::io_context io_;
  Engine engine_;
  std::string registry_;
  std::string prefix_;
  std::string label_;
  std::vector<std::string> image_names_;
};

}  // namespace halcyon::docker_api
