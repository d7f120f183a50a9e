// Images, against a real engine and registry: see real_engine_fixture.hpp.
#include "tests/docker_api/real_engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

class RealImagesTest : public RealEngineFixture {};

TEST_F(RealImagesTest, the_engine_introduces_itself) {
  EXPECT_TRUE(run(ping(engine_)).api_version);
  const EngineVersion version = run(inspect_version(engine_));
  EXPECT_FALSE(version.version.empty());
  EXPECT_EQ(version.os, "linux");
  const EngineInfo info = run(inspect_info(engine_));
  EXPECT_TRUE(info.root_dir.starts_with('/'));
  EXPECT_GT(info.memory_bytes, 0U);
  EXPECT_GT(info.cpus, 0);
}

TEST_F(RealImagesTest, an_image_is_built_pushed_resolved_removed_and_pulled_by_digest) {
  // HALCYON_TEST_SAMPLE_APP: a static program of ours; any static program will do here.
  const char* sample = std::getenv("HALCYON_TEST_SAMPLE_APP");
  std::size_t build_lines = 0;
  const ImageId built =
      build("app:1",
            {{.name = "Dockerfile",
              .content = "FROM scratch\nCOPY app id /\nEXPOSE 8000\nENV A=b\nHEALTHCHECK CMD [\"/app\"]\n"},
             {.name = "app", .source_path = sample != nullptr ? sample : "/bin/busybox", .mode = 0755},
             {.name = "id", .content = prefix_}},  // a layer of our own: a known one is not pulled again
            [&build_lines](const ImageProgress&) { ++build_lines; });
  EXPECT_TRUE(is_digest(built.value));
  EXPECT_GT(build_lines, 3U);

  const ImageReference tag = reference("app:2");
  run(tag_image(engine_, built.value, tag));
  run(tag_image(engine_, built.value, tag));  // idempotent
  run(push_image(engine_, tag));
  const Digest digest = run(resolve_digest(engine_, tag));
  EXPECT_EQ(run(inspect_image(engine_, built.value)).find_digest(tag.repository), digest);

  clean_up();
  EXPECT_FALSE(run(find_image(engine_, built.value)));
  EXPECT_EQ(run(remove_image(engine_, tag.to_string())), RemoveResult::was_absent);

  ImageReference pinned = reference("app:2");
  pinned.digest = digest;
  std::uint64_t most_bytes = 0;
  const ImageDetails pulled =
      run(pull_image(engine_, pinned, {}, [&most_bytes](const ImageProgress& progress) {
        most_bytes = std::max(most_bytes, progress.current_bytes);
      }));
  image_names_.push_back(pulled.id.value);
  EXPECT_EQ(pulled.id, built) << "the same content has the same id";
  EXPECT_EQ(pulled.find_digest(tag.repository), digest);
  EXPECT_GT(most_bytes, 0U);
  EXPECT_EQ(pulled.exposed_tcp_ports, (std::vector<std::uint16_t>{8000}));
  EXPECT_EQ(pulled.labels, labels());
  EXPECT_TRUE(pulled.has_healthcheck);
  EXPECT_EQ(pulled.os, "linux");
  EXPECT_GT(pulled.size_bytes, 10'000U);
}

TEST_F(RealImagesTest, what_the_registry_does_not_have_is_not_found) {
  const ImageReference absent = parse_image_reference(registry_ + "/" + prefix_ + "/absent:1");
  EXPECT_EQ(expect_error([&] { run(pull_image(engine_, absent)); }).kind(), ErrorKind::not_found);
  const Error error = expect_error([&] { run(resolve_digest(engine_, absent)); });
  EXPECT_TRUE(error.kind() == ErrorKind::not_found || error.kind() == ErrorKind::unauthorized)
      << error.what();
}

TEST_F(RealImagesTest, a_registry_that_is_not_there_is_the_engines_error) {
  const ImageReference nowhere = parse_image_reference("127.0.0.1:1/x:1");
  const Error error = expect_error([&] { run(pull_image(engine_, nowhere)); });
  EXPECT_TRUE(error.kind() == ErrorKind::refused || error.kind() == ErrorKind::in_stream) << error.what();
  EXPECT_NE(error.engine_text().find("connection refused"), std::string::npos) << error.what();
}

TEST_F(RealImagesTest, a_failing_build_says_which_instruction) {
  const auto build_broken = [&] {
    build("broken:1", {{.name = "Dockerfile", .content = "FROM scratch\nCOPY absent /x\n"}});
  };
  const Error error = expect_error(build_broken);
  EXPECT_EQ(error.kind(), ErrorKind::in_stream);
  EXPECT_NE(error.engine_text().find("absent"), std::string::npos) << error.what();
}

TEST_F(RealImagesTest, a_root_file_system_is_imported_with_changes) {
  const ImageId id = run(import_image(
      engine_, make_tar_source({{.name = "bin/busybox", .source_path = "/bin/busybox", .mode = 0755}}),
      reference("imported:1"), {"ENV A=\"b c\"", "CMD [\"/bin/busybox\", \"true\"]"}));
  const ImageDetails image = run(inspect_image(engine_, id.value));
  EXPECT_EQ(image.id, id);
  EXPECT_EQ(image.environment, (std::vector<std::string>{"A=b c"}));
}

TEST_F(RealImagesTest, loading_what_is_no_image_fails_though_the_status_is_200) {
  const auto load = [&] {
    run(load_images(engine_, make_tar_source({{.name = "manifest.json", .content = "not json"}})));
  };
  const Error error = expect_error(load);
  EXPECT_EQ(error.kind(), ErrorKind::in_stream) << error.what();
  EXPECT_EQ(error.http_status(), 200);
  EXPECT_FALSE(error.engine_text().empty());
}

TEST_F(RealImagesTest, an_image_that_a_container_uses_is_not_removed) {
  const ImageId image = build_busybox();
  run(create_container(engine_, shell(image, "true")));
  EXPECT_EQ(expect_error([&] { run(remove_image(engine_, image.value)); }).kind(), ErrorKind::conflict);
}

}  // namespace
}  // namespace halcyon::docker_api
