// The crash tests run in a network namespace of their own, in which every address of a container is local.
#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "fake_host.hpp"

namespace {

class OwnNetwork : public testing::Environment {
 public:
  void SetUp() override {
    if (::unshare(CLONE_NEWNET) != 0)
      throw std::runtime_error("cannot make a network namespace: run as root");
    run("ip link set lo up");
    run(std::string("ip route add local ") + halcyon::crash_tests::k_containers_network + " dev lo");
    ::setenv("HALCYON_PROGRAM", HALCYON_CRASHING_PROGRAM, 1);
    // Thousands of short runs; that nothing leaks is seen in the other tests of the same code.
    const char* const options = std::getenv("ASAN_OPTIONS");
    ::setenv("ASAN_OPTIONS",
             ((options != nullptr ? std::string(options) + ':' : "") + "detect_leaks=0").c_str(), 1);
  }

 private:
  static void run(const std::string& command) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::AddGlobalTestEnvironment(new OwnNetwork);
  return RUN_ALL_TESTS();
}
