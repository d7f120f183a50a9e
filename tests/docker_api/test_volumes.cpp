#include "docker_api/volumes.hpp"

#include <nlohmann/json.hpp>

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;
using test_support::answer;

class VolumesTest : public EngineFixture {};

constexpr const char* k_volume =
    R"({"Name":"data","Driver":"local","Mountpoint":"/m/data/_data","Labels":{"a":"b"},"Options":null})";

TEST_F(VolumesTest, create_sends_name_driver_and_labels) {
  serve_bytes(answer(201, k_volume));
  const VolumeDetails volume = run(create_volume(*engine_, VolumeName("data"), {{"a", "b"}}));
  EXPECT_EQ(volume.name, VolumeName("data"));
  EXPECT_EQ(volume.driver, "local");
  EXPECT_EQ(volume.mountpoint, "/m/data/_data");
  EXPECT_EQ(volume.labels, (std::map<std::string, std::string>{{"a", "b"}}));
  EXPECT_EQ(call_seen().target, "/v1.41/volumes/create");
  EXPECT_EQ(json::parse(call_seen().body),
            json::parse(R"({"Name":"data","Driver":"local","Labels":{"a":"b"}})"));
}

TEST_F(VolumesTest, an_absent_volume_is_nothing) {
  serve_bytes(answer(404, R"({"message":"get x: no such volume"})"));
  EXPECT_FALSE(run(find_volume(*engine_, VolumeName("x"))));
  EXPECT_FALSE(run(remove_volume(*engine_, VolumeName("x"))));
}

TEST_F(VolumesTest, a_volume_in_use_is_a_conflict) {
  serve_bytes(answer(409, R"({"message":"remove data: volume is in use - [abc]"})"));
  expect_error([&] { run(remove_volume(*engine_, VolumeName("data"))); }, ErrorKind::conflict,
               "volume is in use");
}

TEST_F(VolumesTest, list_filters_by_label_and_knows_null) {
  serve_bytes(answer(200, R"({"Volumes":[)" + std::string(k_volume) + R"(],"Warnings":null})"));
  EXPECT_EQ(run(list_volumes(*engine_, {"a=b"})).size(), 1U);
  EXPECT_EQ(call_seen().target, "/v1.41/volumes?filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D");
  serve_bytes(answer(200, R"({"Volumes":null,"Warnings":null})"));
  EXPECT_TRUE(run(list_volumes(*engine_, {})).empty());
  EXPECT_EQ(call_seen().target, "/v1.41/volumes");
}

TEST_F(VolumesTest, empty_names_are_never_sent) {
  serve_bytes("");
  for (const auto& attempt :
       std::vector<std::function<void()>>{[&] { run(create_volume(*engine_, VolumeName(""))); },
                                          [&] { run(find_volume(*engine_, VolumeName(""))); },
                                          [&] { run(remove_volume(*engine_, VolumeName(""))); }}) {
    EXPECT_EQ(expect_error(attempt).kind(), ErrorKind::invalid_argument);
  }
  EXPECT_TRUE(seen().empty());
}

}  // namespace
}  // namespace halcyon::docker_api
