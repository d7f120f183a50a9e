// The life cycle of everything that an engine keeps, run through the public calls of docker_api against
// whatever engine is instantiated: a real one over each transport, Podman, a fake one. See life_cycle_*.cpp.
//
// A program links halcyon_life_cycle_suite and writes, at namespace level,
//   INSTANTIATE_TEST_SUITE_P(Name, LifeCycle, ::testing::Values(EngineUnderTest{...}), name_of_engine);
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "docker_api/containers.hpp"
#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/images.hpp"
#include "tests/support/run_coroutine.hpp"

namespace halcyon::docker_api {

/// What some engines have not. Where one is missing the suite expects the refusal that docker_api promises.
struct Capabilities {
  bool can_build = true;            ///< POST /build, classic
  bool has_distribution = true;     ///< GET /distribution: a tag's digest without a pull
  bool says_conflict = true;        ///< 409 where a name is taken or the state forbids it; otherwise 500
  bool tells_fixed_address = true;  ///< inspect repeats the address that create asked for
  bool tells_os_in_ping = true;
  bool tells_name_in_404_of_wait = true;
  std::string last_event = "destroy";  ///< of a container
};

struct EngineUnderTest {
  std::string name;  ///< letters and digits: part of the test's name
  EngineKind kind = EngineKind::docker;
  /// Makes a client; called once for all tests. What must live as long as the client may share its pointer.
  /// Nothing may stay pending on the io_context but what the client itself does.
  std::function<std::shared_ptr<Engine>(boost::asio::io_context&)> connect;
  /// A tag in a registry that the engine can pull from, of an image that has the programs below;
  /// called in each test, cheap from the second time on.
  std::function<std::string()> image;
  Capabilities can;
};

/// For GoogleTest, which would print the bytes.
void PrintTo(const EngineUnderTest& engine, std::ostream* out);
std::string name_of_engine(const ::testing::TestParamInfo<EngineUnderTest>& info);

/// A program that containers and execs of the suite run. An engine that really runs it needs a shell with
/// busybox's applets; a fake one tells it by its command and does what is said here.
struct SuiteProgram {
  std::vector<std::string> command;
  std::string stdout_text;  ///< written at once
  std::string stderr_text;
  bool echoes_stdin = false;        ///< first copies its input to stdout, to the end of the input
  bool runs_until_stopped = false;  ///< then waits for SIGTERM, writes "bye\n" to stdout and exits with 0
  std::int64_t exit_code = 0;
};
/// Writes "ready" and "warm", runs until it is stopped.
const SuiteProgram& serve_program();
/// Writes "one" and "two", exits with 42.
const SuiteProgram& short_program();
/// Copies its input to its output, writes "done" to stderr, exits with 3.
const SuiteProgram& echo_program();

class LifeCycle : public ::testing::TestWithParam<EngineUnderTest> {
 protected:
  LifeCycle();

  /// Also run before each test: an earlier run of the same process id may have been killed.
  void SetUp() override { clean_up(); }
  void TearDown() override { clean_up(); }
  static void TearDownTestSuite();

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test_support::run(io_, std::move(work));
  }

  Engine& engine() { return engine_; }
  const Capabilities& can() const { return GetParam().can; }
  /// A name that is this run's own.
  std::string named(const std::string& what) const { return prefix_ + "-" + what; }
  std::map<std::string, std::string> labels() const { return {{"halcyon.life-cycle", prefix_}}; }
  std::string label() const { return "halcyon.life-cycle=" + prefix_; }

  const std::string& image_name() const { return image_name_; }
  /// The suite's image, pulled if it is not there; it stays for the next test.
  ImageDetails image();
  /// An image name that is removed at the end.
  ImageReference image_to_remove(const std::string& repository_and_tag);

  ContainerSpec spec(const SuiteProgram& program, const std::string& name = "c");
  ContainerId create(const SuiteProgram& program, const std::string& name = "c");
  ContainerId create(ContainerSpec spec);
  /// Started, and everything written that it writes at once.
  ContainerId start_serving(const std::string& name = "c");
  ContainerDetails inspect(const ContainerId& id);
  /// Starts it with a wait armed before; its exit code.
  std::int64_t run_to_end(const ContainerId& id);

  /// Of an engine that refuses because of a name or a state.
  ErrorKind conflict() const { return can().says_conflict ? ErrorKind::conflict : ErrorKind::refused; }

 private:
  struct Client;
  static Client& client_of(const EngineUnderTest& engine);
  static std::map<std::string, std::unique_ptr<Client>>& clients();
  void clean_up();

  boost::asio::io_context& io_;
  Engine& engine_;
  std::string prefix_;
  std::string image_name_;
  std::vector<std::string> images_to_remove_;
};

/// Breaks every connected socket of this process at once, as a network does that goes away.
void break_all_connections();

/// Both streams of a container's log or process.
struct OutputTexts {
  std::string out;
  std::string err;
  void add(const LogPiece& piece);
  bool operator==(const OutputTexts&) const = default;
};

}  // namespace halcyon::docker_api
