#include "docker_api/prune.hpp"

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using Lines = std::vector<std::string>;

class PruneTest : public EngineFixture {};

TEST_F(PruneTest, containers_and_networks_are_named) {
  serve_bytes(answer(200, R"({"ContainersDeleted":["a","b"],"SpaceReclaimed":6000000000})"));
  PruneResult result = run(prune_containers(*engine_, {{"until", {"24h"}}}));
  EXPECT_EQ(result.removed, (Lines{"a", "b"}));
  EXPECT_EQ(result.reclaimed_bytes, 6'000'000'000U);
  EXPECT_EQ(call_seen().target, "/v1.41/containers/prune?filters=%7B%22until%22%3A%5B%2224h%22%5D%7D");
  serve_bytes(answer(200, R"({"NetworksDeleted":null})"));
  result = run(prune_networks(*engine_));
  EXPECT_TRUE(result.removed.empty());
  EXPECT_EQ(result.reclaimed_bytes, 0U);
  EXPECT_EQ(call_seen().target, "/v1.41/networks/prune");
}

TEST_F(PruneTest, images_without_a_name_or_all_unused_ones) {
  serve_bytes(
      answer(200, R"({"ImagesDeleted":[{"Untagged":"x:1"},{"Deleted":"sha256:1"}],"SpaceReclaimed":7})"));
  EXPECT_EQ(run(prune_images(*engine_)).removed, (Lines{"x:1", "sha256:1"}));
  EXPECT_EQ(call_seen().target, "/v1.41/images/prune?filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D");
  serve_bytes(answer(200, R"({"ImagesDeleted":null,"SpaceReclaimed":0})"));
  EXPECT_TRUE(run(prune_images(*engine_, {.tagged_too = true})).removed.empty());
  EXPECT_EQ(call_seen().target, "/v1.41/images/prune?filters=%7B%22dangling%22%3A%5B%22false%22%5D%7D");
}

TEST_F(PruneTest, named_volumes_are_spared_unless_asked_for_whatever_the_engines_default_is) {
  const std::string nothing = answer(200, R"({"VolumesDeleted":[],"SpaceReclaimed":0})");
  const auto reply = [nothing](const auto&) { return nothing; };
  serve(reply, "1.41");
  expect_error([&] { run(prune_volumes(*engine_)); }, ErrorKind::unsupported,
               "sparing named volumes (volume prune) needs API 1.42, this engine speaks 1.41");
  EXPECT_EQ(seen(), (Lines{"GET /_ping"})) << "this engine would remove named volumes";
  run(prune_volumes(*engine_, {.named_too = true}));
  EXPECT_EQ(seen().back(), "POST /v1.41/volumes/prune") << "removes them by itself, and knows no filter all";
  serve(reply, "1.42");
  run(prune_volumes(*engine_));
  EXPECT_EQ(seen().back(), "POST /v1.42/volumes/prune");
  run(prune_volumes(*engine_, {.named_too = true}));
  EXPECT_EQ(seen().back(), "POST /v1.42/volumes/prune?filters=%7B%22all%22%3A%5B%22true%22%5D%7D");
}

TEST_F(PruneTest, the_build_caches_reserve_has_two_names) {
  for (const auto& [version, name] : {std::pair{"1.47", "keep-storage"}, {"1.48", "reserved-space"}}) {
    serve([](const auto&) { return answer(200, R"({"CachesDeleted":["c"],"SpaceReclaimed":1})"); }, version);
    EXPECT_EQ(run(prune_build_cache(*engine_, {.all = true, .keep_bytes = 5'000'000'000})).removed,
              (Lines{"c"}));
    EXPECT_EQ(seen().back(), "POST /v" + std::string(version) + "/build/prune?all=1&" + name + "=5000000000");
  }
}

TEST_F(PruneTest, a_second_prune_at_the_same_time_is_a_conflict) {
  serve_bytes(answer(409, R"({"message":"a prune operation is already running"})"));
  expect_error([&] { run(prune_containers(*engine_)); }, ErrorKind::conflict, "already running");
}

}  // namespace
}  // namespace halcyon::docker_api
