// A fixture for tests of engine calls against a scripted engine.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "docker_api/engine.hpp"
#include "docker_api/ids.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"

namespace halcyon::docker_api {

/// The container that the calls are about.
inline const ContainerId k_id("web");
inline const std::string k_no_content = "HTTP/1.1 204 No Content\r\n\r\n";

/// The engine outlives the test's own variables: a script takes what it needs by value.
class EngineFixture : public ::testing::Test {
 protected:
  /// Starts an engine that answers every call but the ping with what `reply` returns.
  void serve(std::function<std::string(const test_support::SeenRequest&)> reply,
             std::string api_version = "1.41") {
    serve_script(test_support::engine_script(std::move(reply), std::move(api_version)));
  }
  /// Starts an engine that answers every call but the ping with `bytes`.
  void serve_bytes(std::string bytes) {
    serve([bytes = std::move(bytes)](const auto&) { return bytes; });
  }
  void serve_script(std::vector<test_support::Script> scripts) {
    engine_.reset();
    server_ = std::make_unique<test_support::ScriptedServer>(std::move(scripts));
    engine_ = std::make_unique<Engine>(io_.get_executor(), server_->address());
  }
  void serve_script(test_support::Script script) { serve_script(std::vector{std::move(script)}); }

  /// The targets of all requests so far, "GET /_ping" among them.
  std::vector<std::string> seen() const {
    std::vector<std::string> lines;
    for (const auto& request : server_->requests()) lines.push_back(request.method + ' ' + request.target);
    return lines;
  }
  /// The only request besides the ping.
  test_support::SeenRequest call_seen() const {
    const auto requests = server_->requests();
    EXPECT_EQ(requests.size(), 2U);
    return requests.back();
  }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test_support::run(io_, std::move(work));
  }

  boost::asio::io_context io_;
  std::unique_ptr<test_support::ScriptedServer> server_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace halcyon::docker_api
