#include "docker_api/image_attestations.hpp"
#include "docker_api/image_list.hpp"

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using test_support::SeenRequest;
using Lines = std::vector<std::string>;

class ImageListTest : public EngineFixture {};

TEST_F(ImageListTest, lists_of_old_and_new_engines_are_read) {
  // API 1.41, then 1.52 with a content store.
  serve_bytes(answer(200, R"([
    {"Containers":-1,"Created":1700000000,"Id":"sha256:1","Labels":null,"ParentId":"sha256:0",
     "RepoDigests":["<none>@<none>"],"RepoTags":["<none>:<none>"],"SharedSize":-1,"Size":6000000000,"VirtualSize":6000000000},
    {"Containers":2,"Created":1700000000,"Id":"sha256:2","Labels":{"a":"b"},"RepoTags":["redis:7"],
     "RepoDigests":["redis@sha256:d"],"SharedSize":5,"Size":9,"Manifests":[
       {"ID":"sha256:m","Kind":"image","Available":true,"Size":{"Content":3,"Total":4},
        "ImageData":{"Platform":{"os":"linux","architecture":"arm","variant":"v7"},"Containers":null}},
       {"ID":"sha256:n","Kind":"attestation","Available":false,"Size":null,"AttestationData":{"For":"sha256:m"}}]}])"));
  const auto images = run(list_images(*engine_));
  EXPECT_EQ(call_seen().target, "/v1.41/images/json");
  ASSERT_EQ(images.size(), 2U);
  EXPECT_EQ(images[0].id, ImageId("sha256:1"));
  EXPECT_EQ(images[0].parent, ImageId("sha256:0"));
  EXPECT_TRUE(images[0].repo_tags.empty());
  EXPECT_TRUE(images[0].repo_digests.empty());
  EXPECT_EQ(images[0].size_bytes, 6'000'000'000U);
  EXPECT_EQ(images[0].shared_bytes, std::nullopt);
  EXPECT_EQ(images[0].containers, std::nullopt);
  EXPECT_TRUE(images[0].created_at);
  EXPECT_EQ(images[1].repo_tags, (Lines{"redis:7"}));
  EXPECT_EQ(images[1].containers, 2U);
  ASSERT_EQ(images[1].manifests.size(), 2U);
  EXPECT_EQ(to_string(images[1].manifests[0].platform), "linux/arm/v7");
  EXPECT_TRUE(images[1].manifests[0].available);
  EXPECT_EQ(images[1].manifests[0].total_bytes, 4U);
  EXPECT_EQ(images[1].manifests[1].kind, "attestation");
  EXPECT_EQ(images[1].manifests[1].content_bytes, std::nullopt);
}

TEST_F(ImageListTest, the_options_become_a_query) {
  serve([](const SeenRequest&) { return answer(200, "null"); }, "1.54");
  run(list_images(*engine_,
                  {.filters = {{"dangling", {"true"}}}, .all = true, .shared_size = true, .identity = true}));
  EXPECT_EQ(
      seen().back(),
      "GET /v1.54/images/json?filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D&all=1&shared-size=1&manifests=1"
      "&identity=1");
}

TEST_F(ImageListTest, history_is_read_newest_first) {
  serve_bytes(answer(200, R"([
    {"Comment":"","Created":1700000000,"CreatedBy":"CMD [\"/app\"]","Id":"sha256:1","Size":0,"Tags":["web:1"]},
    {"Comment":"imported","Created":-62135596800,"CreatedBy":"","Id":"<missing>","Size":5000000000,"Tags":null}])"));
  const auto layers = run(list_image_history(*engine_, "shop/web:1"));
  EXPECT_EQ(call_seen().target, "/v1.41/images/shop/web:1/history");
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].id, ImageId("sha256:1"));
  EXPECT_EQ(layers[0].created_by, R"(CMD ["/app"])");
  EXPECT_EQ(layers[0].tags, (Lines{"web:1"}));
  EXPECT_TRUE(layers[1].id.empty());
  EXPECT_EQ(layers[1].created_at, std::nullopt) << "Go's zero time as a number";
  EXPECT_EQ(layers[1].size_bytes, 5'000'000'000U);
}

TEST_F(ImageListTest, attestations_are_listed_with_or_without_their_text) {
  const std::string descriptor =
      R"({"mediaType":"application/vnd.in-toto+json","digest":"sha256:5","size":4096,"annotations":{}})";
  serve(
      [&](const SeenRequest& request) {
        const bool has_text = request.target.find("statement=1") != std::string::npos;
        return answer(200, R"([{"Descriptor":)" + descriptor +
                               R"(,"PredicateType":"https://spdx.dev/Document","Statement":)" +
                               (has_text ? R"({"_type":"x","subject":[]})" : "null") + "}]");
      },
      "1.55");
  const auto listed = run(list_attestations(*engine_, "shop/web:1"));
  EXPECT_EQ(seen().back(), "GET /v1.55/images/shop/web:1/attestations");
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].predicate_type, "https://spdx.dev/Document");
  EXPECT_EQ(listed[0].digest, Digest("sha256:5"));
  EXPECT_EQ(listed[0].media_type, "application/vnd.in-toto+json");
  EXPECT_EQ(listed[0].size_bytes, 4096U);
  EXPECT_EQ(listed[0].statement, "");
  const auto read = run(list_attestations(*engine_, "shop/web:1",
                                          {.platform = Platform{.os = "linux", .architecture = "arm64"},
                                           .predicate_types = {"https://spdx.dev/Document", "b"},
                                           .statements = true}));
  EXPECT_EQ(
      seen().back(),
      "GET /v1.55/images/shop/web:1/attestations?platform=%7B%22architecture%22%3A%22arm64%22%2C%22os%22"
      "%3A%22linux%22%7D&type=https%3A%2F%2Fspdx.dev%2FDocument%2Cb&statement=1");
  EXPECT_EQ(read.at(0).statement, R"({"_type":"x","subject":[]})");
}

TEST_F(ImageListTest, platforms_are_json_where_the_engine_wants_json) {
  serve([](const SeenRequest&) { return answer(200, "[]"); }, "1.48");
  run(list_image_history(*engine_, "x", Platform{.os = "linux", .architecture = "arm", .variant = "v7"}));
  EXPECT_EQ(
      seen().back(),
      "GET /v1.48/images/x/history?platform=%7B%22architecture%22%3A%22arm%22%2C%22os%22%3A%22linux%22%2C"
      "%22variant%22%3A%22v7%22%7D");
  expect_error([&] { run(list_image_history(*engine_, "x", Platform{.os = "linux"})); },
               ErrorKind::invalid_argument, "as in linux/arm64");
}

TEST_F(ImageListTest, a_search_has_terms_and_results) {
  serve_bytes(answer(200, R"([{"star_count":12000,"is_official":true,"name":"redis","is_automated":false,
    "description":"a store"},{"name":"x","description":null}])"));
  const auto results = run(search_images(*engine_, "redis",
                                         {.limit = 5,
                                          .filters = {{"is-official", {"true"}}},
                                          .credentials = RegistryCredentials{.username = "u"}}));
  EXPECT_EQ(call_seen().target,
            "/v1.41/images/search?filters=%7B%22is-official%22%3A%5B%22true%22%5D%7D&term=redis&limit=5");
  EXPECT_FALSE(call_seen().header("X-Registry-Auth").empty());
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].stars, 12000);
  EXPECT_TRUE(results[0].is_official);
  EXPECT_EQ(results[1].description, "");
  expect_error([&] { run(search_images(*engine_, "")); }, ErrorKind::invalid_argument, "nothing to search");
}

TEST_F(ImageListTest, the_platforms_of_a_name_are_read) {
  serve(
      [](const SeenRequest&) {
        return answer(200,
                      R"({"Id":"sha256:1","Manifests":[{"ID":"sha256:m","Kind":"image","Available":true}]})");
      },
      "1.48");
  EXPECT_EQ(run(list_platforms(*engine_, "x")).at(0).id, Digest("sha256:m"));
  EXPECT_EQ(seen().back(), "GET /v1.48/images/x/json?manifests=1");
  serve([](const SeenRequest&) { return answer(200, R"({"Id":"sha256:1"})"); }, "1.48");
  EXPECT_TRUE(run(list_platforms(*engine_, "x")).empty());
}

TEST_F(ImageListTest, wrong_types_name_the_field) {
  serve_bytes(answer(200, R"([{"RepoTags":"x"}])"));
  expect_error([&] { run(list_images(*engine_)); }, ErrorKind::protocol, "RepoTags");
  serve_bytes(answer(200, R"({"message":"not a list"})"));
  expect_error([&] { run(list_images(*engine_)); }, ErrorKind::protocol, "not a list");
}

}  // namespace
}  // namespace halcyon::docker_api
