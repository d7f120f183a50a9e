#include "docker_api/image_progress.hpp"

#include "docker_api/tar_stream.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using test_support::chunked_answer;
using test_support::SeenRequest;
using Lines = std::vector<std::string>;

class ProgressTest : public EngineFixture {};

struct Seen {
  Lines texts;
  std::optional<ImageId> built;
};

boost::asio::awaitable<Seen> read_progress(boost::asio::awaitable<ProgressStream> opening) {
  ProgressStream stream = co_await std::move(opening);
  Seen seen;
  while (const auto message = co_await stream.next()) seen.texts.push_back(message->status);
  seen.built = stream.built();
  co_return seen;
}

const ImageReference k_tag = parse_image_reference("r.io/web:1");

TEST_F(ProgressTest, a_pull_is_pulled) {
  serve_bytes(chunked_answer({R"({"status":"one"})"
                              "\r\n",
                              R"({"status":"two","progressDetail":{"current":-1,"total":7}})"}));
  EXPECT_EQ(run(read_progress(open_pull(*engine_, k_tag,
                                        {.platform = Platform{.os = "linux", .architecture = "arm64"}})))
                .texts,
            (Lines{"one", "two"}));
  EXPECT_EQ(call_seen().target, "/v1.41/images/create?fromImage=r.io%2Fweb&tag=1&platform=linux%2Farm64")
      << "a pull's platform is text";
}

TEST_F(ProgressTest, a_push_and_a_load_and_a_build_are_pulled) {
  const std::string ended = chunked_answer({R"({"status":"x"})"});
  serve([ended](const SeenRequest&) { return ended; }, "1.46");
  run(read_progress(
      open_push(*engine_, k_tag, {.platform = Platform{.os = "linux", .architecture = "arm64"}})));
  EXPECT_EQ(seen().back(),
            "POST /v1.46/images/r.io/web/push?tag=1&platform=%7B%22architecture%22%3A%22arm64%22%2C"
            "%22os%22%3A%22linux%22%7D");
  run(read_progress(open_load(*engine_, make_tar_source({}))));
  EXPECT_EQ(seen().back(), "POST /v1.46/images/load?quiet=0");
  serve_bytes(chunked_answer({R"({"stream":"Step 1"})", R"({"aux":{"ID":"sha256:7"}})"}));
  const Seen built = run(read_progress(open_build(*engine_, make_tar_source({}), {})));
  EXPECT_EQ(built.texts, (Lines{"Step 1", ""}));
  EXPECT_EQ(built.built, ImageId("sha256:7"));
}

TEST_F(ProgressTest, an_error_inside_the_stream_is_not_its_end) {
  serve_bytes(chunked_answer({R"({"status":"one"})", R"({"errorDetail":{"message":"denied"}})"}));
  expect_error([&] { run(read_progress(open_pull(*engine_, k_tag))); }, ErrorKind::in_stream, "denied");
  serve_bytes(chunked_answer({R"({"status":"on)"}));
  EXPECT_EQ(expect_error([&] { run(read_progress(open_pull(*engine_, k_tag))); }).kind(),
            ErrorKind::truncated);
}

TEST_F(ProgressTest, what_cannot_be_pushed_is_not_sent) {
  serve_bytes("");
  const ImageReference pinned = parse_image_reference("r.io/web@sha256:" + std::string(64, 'd'));
  EXPECT_EQ(expect_error([&] { run(open_push(*engine_, pinned)); }).kind(), ErrorKind::invalid_argument);
  EXPECT_TRUE(seen().empty());
}

TEST_F(ProgressTest, a_removal_says_what_went) {
  serve_bytes(answer(200, R"([{"Untagged":"web:1"},{"Deleted":"sha256:1"},{"Deleted":"sha256:2"}])"));
  const ImageRemoval removal =
      run(remove_image_parts(*engine_, "web:1", {.force = true, .keep_parents = true}));
  EXPECT_EQ(call_seen().target, "/v1.41/images/web:1?force=1&noprune=1");
  EXPECT_EQ(removal.result, RemoveResult::removed);
  EXPECT_EQ(removal.untagged, (Lines{"web:1"}));
  EXPECT_EQ(removal.deleted, (std::vector{ImageId("sha256:1"), ImageId("sha256:2")}));
  serve_bytes(answer(404, R"({"message":"No such image"})"));
  EXPECT_EQ(run(remove_image_parts(*engine_, "web:1", {})).result, RemoveResult::was_absent);
}

}  // namespace
}  // namespace halcyon::docker_api
