// A host for the crash tests: the fake engine, a real nginx, and one server that answers for every container
// that runs.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "docker_api/testing/fake_engine.hpp"
#include "harness_lab.hpp"

namespace halcyon::crash_tests {

/// Where the environments of these tests have their containers: local addresses in the network namespace that
/// main() makes, so that a container of the fake engine can be asked.
inline constexpr const char* k_containers_network = "10.213.0.0/16";
inline constexpr int k_application_port = 8000;
inline constexpr int k_nginx_port = 8080;

/// Owns:  a directory in /tmp, nginx, the engine and a thread; all are gone after the destructor.
class FakeHost {
 public:
  /// Errors: std::runtime_error if nginx does not start.
  FakeHost();
  ~FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  /// As the harness of the lab takes it; its registry has app:one, app:two and app:three, which only the fake
  /// engine can pull.
  lab_tests::Lab lab() const;
  docker_api::fake::FakeEngine& engine() noexcept { return *engine_; }
  const std::string& directory() const noexcept { return directory_; }

 private:
  void write_nginx_conf() const;
  void answer_for_containers();
  /// "one": the tag of what runs at that address; empty if nothing does.
  std::string release_at(const std::string& address) const;

  std::string directory_;
  std::unique_ptr<docker_api::fake::FakeEngine> engine_;
  std::map<std::string, std::string> tags_;  ///< by image id
  int listening_ = -1;
  int stop_ = -1;
  std::thread server_;
};

}  // namespace halcyon::crash_tests
