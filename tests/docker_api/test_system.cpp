#include "docker_api/system.hpp"

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;

class SystemTest : public EngineFixture {};

TEST_F(SystemTest, a_ping_is_unversioned_and_needs_no_negotiation) {
  serve_bytes("");
  const PingResult result = run(ping(*engine_));
  EXPECT_EQ(result.api_version, (ApiVersion{1, 41}));
  EXPECT_EQ(result.os_type, "linux");
  EXPECT_EQ(seen(), (std::vector<std::string>{"GET /_ping"}));
}

TEST_F(SystemTest, a_ping_of_an_engine_without_version_is_still_a_ping) {
  serve_script([](test_support::ScriptedPeer& peer) {
    peer.read_request();
    peer.send(answer(200, "OK"));
  });
  EXPECT_EQ(run(ping(*engine_)).api_version, std::nullopt);
}

TEST_F(SystemTest, dockerds_version_is_read) {
  serve_bytes(answer(200, R"({"Platform":{"Name":""},"Components":[{"Name":"Engine","Version":"20.10.24"}],
    "Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64",
    "KernelVersion":"6.1.0","Experimental":false})"));
  const EngineVersion version = run(inspect_version(*engine_));
  EXPECT_EQ(version.version, "20.10.24");
  EXPECT_EQ(version.api_version, "1.41");
  EXPECT_EQ(version.min_api_version, "1.12");
  EXPECT_EQ(version.os, "linux");
  EXPECT_EQ(version.architecture, "amd64");
  EXPECT_EQ(version.kernel_version, "6.1.0");
}

TEST_F(SystemTest, info_is_read) {
  serve_bytes(answer(200, R"({"ID":"ABCD","Name":"host","DockerRootDir":"/var/lib/docker","Driver":"overlay2",
    "LiveRestoreEnabled":true,"SecurityOptions":["name=seccomp,profile=default","name=rootless"],
    "MemTotal":25769803776,"NCPU":2,"Unknown":{"x":[1]}})"));
  const EngineInfo info = run(inspect_info(*engine_));
  EXPECT_EQ(info.id, "ABCD");
  EXPECT_EQ(info.name, "host");
  EXPECT_EQ(info.root_dir, "/var/lib/docker");
  EXPECT_EQ(info.storage_driver, "overlay2");
  EXPECT_TRUE(info.live_restore_enabled);
  EXPECT_TRUE(info.rootless);
  EXPECT_EQ(info.memory_bytes, 25769803776U);
  EXPECT_EQ(info.cpus, 2);
}

TEST_F(SystemTest, missing_and_null_fields_are_empty) {
  serve_bytes(answer(200, R"({"SecurityOptions":null,"MemTotal":18446744073709551615})"));
  const EngineInfo info = run(inspect_info(*engine_));
  EXPECT_FALSE(info.rootless);
  EXPECT_EQ(info.memory_bytes, UINT64_MAX);
}

}  // namespace
}  // namespace halcyon::docker_api
