#include "docker_api/disk_usage.hpp"

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using test_support::SeenRequest;

class DiskUsageTest : public EngineFixture {
 protected:
  DiskUsage inspect(std::string body, std::string version = "1.41", DiskUsageOptions options = {}) {
    serve([body = std::move(body)](const SeenRequest&) { return answer(200, body); }, std::move(version));
    return run(inspect_disk_usage(*engine_, std::move(options)));
  }
};

void expect_total(const UsageTotal& total, std::uint64_t count, std::uint64_t active, std::uint64_t bytes,
                  std::uint64_t reclaimable) {
  EXPECT_EQ(total.count, count);
  EXPECT_EQ(total.active, active);
  EXPECT_EQ(total.total_bytes, bytes);
  EXPECT_EQ(total.reclaimable_bytes, reclaimable);
}

constexpr const char* k_old_answer = R"({"LayersSize":6000000000,
  "Images":[{"Id":"sha256:1","Size":100,"SharedSize":40,"Containers":0},{"Id":"sha256:2","Size":9,"SharedSize":0,"Containers":2},
            {"Id":"sha256:3","Size":9,"SharedSize":-1,"Containers":-1}],
  "Containers":[{"Id":"a","State":"running","SizeRw":5},{"Id":"b","State":"exited","SizeRw":7},{"Id":"c","State":"created"}],
  "Volumes":[{"Name":"v","UsageData":{"Size":50,"RefCount":1}},{"Name":"w","UsageData":{"Size":20,"RefCount":0}},
             {"Name":"x","UsageData":{"Size":-1,"RefCount":-1}},{"Name":"y","UsageData":null}],
  "BuildCache":[{"ID":"k","Type":"regular","Description":"RUN x","InUse":false,"Shared":false,"Size":30,
                 "CreatedAt":"2026-11-20T10:00:00Z","LastUsedAt":null,"UsageCount":3},
                {"ID":"l","InUse":true,"Shared":false,"Size":3},{"ID":"m","InUse":false,"Shared":true,"Size":1000}],
  "BuilderSize":33})";

TEST_F(DiskUsageTest, lists_of_engines_before_1_52_are_counted) {
  const DiskUsage usage = inspect(k_old_answer);
  EXPECT_EQ(call_seen().target, "/v1.41/system/df");
  expect_total(usage.images.total, 3, 1, 6'000'000'000U, 60);
  expect_total(usage.containers.total, 3, 1, 12, 7);
  expect_total(usage.volumes.total, 4, 1, 70, 20);
  expect_total(usage.build_cache.total, 3, 1, 33, 30);
  ASSERT_EQ(usage.volumes.items.size(), 4U);
  EXPECT_EQ(usage.volumes.items[0].size_bytes, 50U);
  EXPECT_EQ(usage.volumes.items[2].containers, std::nullopt);
  EXPECT_EQ(usage.build_cache.items[0].type, "regular");
  EXPECT_EQ(usage.build_cache.items[0].times_used, 3);
  EXPECT_EQ(usage.build_cache.items[0].last_used_at, std::nullopt);
  EXPECT_TRUE(usage.build_cache.items[0].created_at);
}

TEST_F(DiskUsageTest, totals_of_engines_from_1_53_on_are_taken_as_they_are) {
  const DiskUsage usage = inspect(R"({
    "ImageUsage":{"ActiveCount":1,"TotalCount":3,"Reclaimable":60,"TotalSize":6000000000},
    "ContainerUsage":{"TotalCount":2,"TotalSize":12,"Items":[{"Id":"a","SizeRw":5}]},
    "VolumeUsage":{"TotalCount":0,"TotalSize":-1}})",
                                  "1.53", {.types = {"image", "container"}, .verbose = true});
  EXPECT_EQ(call_seen().target, "/v1.53/system/df?type=image&type=container&verbose=1");
  expect_total(usage.images.total, 3, 1, 6'000'000'000U, 60);
  EXPECT_TRUE(usage.images.items.empty());
  expect_total(usage.containers.total, 2, 0, 12, 0);
  EXPECT_EQ(usage.containers.items.at(0).size_rw_bytes, 5U);
  expect_total(usage.volumes.total, 0, 0, 0, 0);
  expect_total(usage.build_cache.total, 0, 0, 0, 0);
}

TEST_F(DiskUsageTest, an_engine_that_sends_both_shapes_gives_its_totals_and_its_lists) {
  const DiskUsage usage = inspect(R"({"LayersSize":9,"Images":[{"Id":"sha256:1","Size":9}],
    "ImageUsage":{"ActiveCount":1,"TotalCount":1,"TotalSize":8}})",
                                  "1.52");
  expect_total(usage.images.total, 1, 1, 8, 0);
  EXPECT_EQ(usage.images.items.size(), 1U);
}

TEST_F(DiskUsageTest, podmans_answer_and_null_lists_are_read) {
  const DiskUsage usage = inspect(
      R"({"LayersSize":0,"Images":[],"Containers":null,"Volumes":[],"BuildCache":[],"BuilderSize":0})");
  expect_total(usage.images.total, 0, 0, 0, 0);
  EXPECT_EQ(inspect("{}").volumes.items.size(), 0U);
}

TEST_F(DiskUsageTest, wrong_types_and_refusals_are_errors) {
  expect_error([&] { inspect(R"({"LayersSize":"big","Images":[]})"); }, ErrorKind::protocol, "LayersSize");
  serve_bytes(answer(409, R"({"message":"a disk usage operation is already running"})"));
  expect_error([&] { run(inspect_disk_usage(*engine_)); }, ErrorKind::conflict, "already running");
}

}  // namespace
}  // namespace halcyon::docker_api
