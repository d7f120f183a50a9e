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

TEST_F(VolumesTest, create_sends_driver_and_options) {
  serve_bytes(answer(201, R"({"Name":"v","Driver":"nfs","Options":{"o":"1"},"Scope":"global",
    "CreatedAt":"2026-11-20T10:00:00Z","ClusterVolume":{"Version":{"Index":12}}})"));
  const VolumeDetails volume = run(
      create_volume(*engine_, VolumeSpec{.name = VolumeName("v"), .driver = "nfs", .options = {{"o", "1"}}}));
  EXPECT_EQ(json::parse(call_seen().body),
            json::parse(R"({"Name":"v","Driver":"nfs","Labels":{},"DriverOpts":{"o":"1"}})"));
  EXPECT_EQ(volume.options, (std::map<std::string, std::string>{{"o", "1"}}));
  EXPECT_EQ(volume.scope, "global");
  EXPECT_TRUE(volume.created_at);
  EXPECT_EQ(volume.cluster_version, 12U);
  EXPECT_EQ(volume.size_bytes, std::nullopt);
}

TEST_F(VolumesTest, a_list_takes_any_condition) {
  serve_bytes(answer(200, R"({"Volumes":[{"Name":"v","Options":null}]})"));
  EXPECT_EQ(run(query_volumes(*engine_, {{"dangling", {"true"}}})).size(), 1U);
  EXPECT_EQ(call_seen().target, "/v1.41/volumes?filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D");
  serve_bytes(answer(404, R"({"message":"no such volume"})"));
  EXPECT_EQ(expect_error([&] { run(inspect_volume(*engine_, VolumeName("x"))); }).kind(),
            ErrorKind::not_found);
}

TEST_F(VolumesTest, a_cluster_volume_is_updated_by_version) {
  serve([](const auto&) { return answer(200, ""); }, "1.42");
  run(update_cluster_volume(*engine_, VolumeName("v"), 12, R"({"Availability":"drain"})"));
  EXPECT_EQ(call_seen().method, "PUT");
  EXPECT_EQ(call_seen().target, "/v1.42/volumes/v?version=12");
  EXPECT_EQ(json::parse(call_seen().body), json::parse(R"({"Spec":{"Availability":"drain"}})"));
}

}  // namespace
}  // namespace halcyon::docker_api
