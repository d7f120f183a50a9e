#include "docker_api/images.hpp"
#include "docker_api/tar_stream.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::chunked_answer;
using Lines = std::vector<std::string>;

class ImageUploadsTest : public EngineFixture {
 protected:
  static std::shared_ptr<BodySource> context() {
    return make_tar_source({{.name = "Dockerfile", .content = "FROM scratch\n"}});
  }
  ImageId build(BuildOptions options = {}, ProgressSink progress = {}) {
    return run(build_image(*engine_, context(), std::move(options), std::move(progress)));
  }
};

TEST_F(ImageUploadsTest, build_sends_the_context_and_takes_the_id_from_aux) {
  serve_bytes(chunked_answer({R"({"stream":"Step 1/1 : FROM scratch"})", "\r\n",
                              R"({"aux":{"ID":"sha256:1"}})", R"({"stream":"Successfully built 1\n"})"}));
  Lines lines;
  const BuildOptions options{.tags = {"r.io/web:7", "web"},
                             .dockerfile = "Dockerfile",
                             .build_args = {{"A", "b&c"}},
                             .labels = {{"l", "1"}},
                             .network_mode = "none",
                             .no_cache = true,
                             .pull = true};
  EXPECT_EQ(build(options, [&lines](const ImageProgress& progress) { lines.push_back(progress.status); }),
            ImageId("sha256:1"));
  EXPECT_EQ(lines.front(), "Step 1/1 : FROM scratch");
  EXPECT_EQ(call_seen().target,
            "/v1.41/"
            "build?dockerfile=Dockerfile&rm=1&forcerm=1&t=r.io%2Fweb%3A7&t=web&buildargs=%7B%22A%22%3A%22b%"
            "26c%22%7D"
            "&labels=%7B%22l%22%3A%221%22%7D&networkmode=none&nocache=1&pull=1");
  EXPECT_EQ(call_seen().header("Content-Type"), "application/x-tar");
  EXPECT_EQ(call_seen().body.size(), 4 * 512U);
  EXPECT_TRUE(call_seen().body.starts_with("Dockerfile"));
}

TEST_F(ImageUploadsTest, build_can_choose_stage_platform_cache_and_who_pulls_the_base) {
  serve_bytes(chunked_answer({R"({"aux":{"ID":"sha256:1"}})"}));
  build({.target = "run",
         .cache_from = {"r.io/web:6"},
         .platform = Platform{.os = "linux", .architecture = "arm64"},
         .more_query = {{"shmsize", "65536"}, {"extrahosts", "db:10.0.0.2"}},
         .credentials = {{"r.io", {.username = "a", .password = Secret("bc"), .server_address = "r.io"}}}});
  EXPECT_NE(call_seen().target.find("&target=run&cachefrom=%5B%22r.io%2Fweb%3A6%22%5D&platform=linux%2Farm64"
                                    "&shmsize=65536&extrahosts=db%3A10.0.0.2"),
            std::string::npos)
      << call_seen().target;
  EXPECT_EQ(call_seen().header("X-Registry-Config"),
            "eyJyLmlvIjp7InBhc3N3b3JkIjoiYmMiLCJzZXJ2ZXJhZGRyZXNzIjoici5pbyIsInVzZXJuYW1lIjoiYSJ9fQ==");
}

TEST_F(ImageUploadsTest, a_failing_instruction_is_in_stream_with_its_text) {
  serve_bytes(chunked_answer(
      {R"({"stream":"Step 1/2"})",
       R"({"errorDetail":{"code":1,"message":"The command '/bin/sh -c false' returned a non-zero code: 1"},"error":"x"})"}));
  expect_error([&] { build(); }, ErrorKind::in_stream, "returned a non-zero code: 1");
}

TEST_F(ImageUploadsTest, a_build_that_names_no_image_is_not_believed) {
  serve_bytes(chunked_answer({R"({"stream":"Successfully built 1\n"})"}));
  expect_error([&] { build(); }, ErrorKind::protocol, "named no image");
}

TEST_F(ImageUploadsTest, a_load_error_inside_200_is_an_error) {
  serve_bytes(chunked_answer(
      {R"({"errorDetail":{"message":"archive/tar: invalid tar header"},"error":"archive/tar: invalid tar header"})"}));
  expect_error([&] { run(load_images(*engine_, context())); }, ErrorKind::in_stream, "invalid tar header");
}

TEST_F(ImageUploadsTest, load_returns_the_names_that_the_engine_reports) {
  serve_bytes(chunked_answer(
      {R"({"status":"Loading layer","progressDetail":{"current":1,"total":2},"id":"a"})",
       R"({"stream":"Loaded image: shop/web:7\n"})", R"({"stream":"Loaded image ID: sha256:1\n"})"}));
  EXPECT_EQ(run(load_images(*engine_, context())), (Lines{"shop/web:7", "sha256:1"}));
  EXPECT_EQ(call_seen().target, "/v1.41/images/load?quiet=0");
}

TEST_F(ImageUploadsTest, import_sends_name_and_changes_and_returns_the_id) {
  const std::string id = "sha256:" + std::string(64, '1');
  serve_bytes(chunked_answer({R"({"status":")" + id + R"("})"}));
  EXPECT_EQ(run(import_image(*engine_, context(), parse_image_reference("r.io/db:1"),
                             {"USER postgres", "ENV A=b"})),
            ImageId(id));
  EXPECT_EQ(
      call_seen().target,
      "/v1.41/images/create?fromSrc=-&repo=r.io%2Fdb&tag=1&changes=USER%20postgres&changes=ENV%20A%3Db");
}

TEST_F(ImageUploadsTest, an_import_takes_no_digest) {
  serve_bytes("");
  const ImageReference pinned = parse_image_reference("r.io/db@sha256:" + std::string(64, '1'));
  EXPECT_EQ(expect_error([&] { run(import_image(*engine_, context(), pinned)); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_TRUE(seen().empty());
}

TEST_F(ImageUploadsTest, an_import_without_id_or_with_an_error_failed) {
  const auto import = [&] { run(import_image(*engine_, context(), parse_image_reference("r.io/db"))); };
  serve_bytes(chunked_answer({R"({"status":"Importing"})"}));
  expect_error(import, ErrorKind::protocol, "named no image");
  serve_bytes(chunked_answer({R"({"error":"no space left on device"})"}));
  expect_error(import, ErrorKind::in_stream, "no space left");
}

}  // namespace
}  // namespace halcyon::docker_api
