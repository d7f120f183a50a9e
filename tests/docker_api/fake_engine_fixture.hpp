// A fixture for tests of the fake engine through the real client.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <utility>

#include "docker_api/containers.hpp"
#include "docker_api/engine.hpp"
#include "docker_api/images.hpp"
#include "docker_api/testing/fake_engine.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/support/run_coroutine.hpp"

namespace halcyon::docker_api {

class FakeEngineFixture : public ::testing::Test {
 protected:
  explicit FakeEngineFixture(fake::Settings settings = {})
      : fake_(std::move(settings)), engine_(io_.get_executor(), fake_.address()) {
    fake_.add_image("app:1");
  }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test_support::run(io_, std::move(work));
  }

  ContainerId create(const std::string& name, ContainerSpec spec = {}) {
    spec.name = name;
    spec.image = "app:1";
    if (spec.command.empty()) spec.command = {"/app"};
    return run(create_container(engine_, std::move(spec))).id;
  }
  ContainerId start(const std::string& name, ContainerSpec spec = {}) {
    ContainerId id = create(name, std::move(spec));
    run(start_container(engine_, id));
    return id;
  }
  /// What the engine itself knows of a container; nothing if there is none.
  std::optional<fake::ContainerView> find(const std::string& name) {
    for (const fake::ContainerView& container : fake_.containers()) {
      if (container.name == name) return container;
    }
    return std::nullopt;
  }

  boost::asio::io_context io_;
  fake::FakeEngine fake_;
  Engine engine_;
};

}  // namespace halcyon::docker_api
