// Engine, images, and what is absent, of the life-cycle suite: life_cycle_suite.hpp.
#include "docker_api/system.hpp"
#include "docker_api/tar_stream.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/life_cycle_suite.hpp"

namespace halcyon::docker_api {
namespace {

TEST_P(LifeCycle, the_engine_introduces_itself) {
  const PingResult answer = run(ping(engine()));
  ASSERT_TRUE(answer.api_version);
  EXPECT_EQ(answer.os_type, can().tells_os_in_ping ? "linux" : "");
  EXPECT_LE(run(engine().api_version()), *answer.api_version);
  EXPECT_EQ(run(engine().kind()), GetParam().kind);
  const EngineVersion version = run(inspect_version(engine()));
  EXPECT_FALSE(version.version.empty());
  EXPECT_EQ(version.api_version, to_string(*answer.api_version));
  EXPECT_EQ(version.os, "linux");
  const EngineInfo info = run(inspect_info(engine()));
  EXPECT_TRUE(info.root_dir.starts_with('/')) << info.root_dir;
  EXPECT_GT(info.memory_bytes, 0U);
  EXPECT_GT(info.cpus, 0);
}

TEST_P(LifeCycle, an_image_is_pulled_by_tag_and_by_digest) {
  const ImageReference tag = parse_image_reference(image_name());
  const ImageId there_before = image().id;
  run(remove_image(engine(), there_before.value, true));
  EXPECT_FALSE(run(find_image(engine(), image_name())));
  EXPECT_EQ(run(remove_image(engine(), image_name())), RemoveResult::was_absent);

  const ImageDetails pulled = run(pull_image(engine(), tag));
  EXPECT_TRUE(is_digest(pulled.id.value)) << pulled.id.value;
  EXPECT_EQ(pulled.id, there_before);
  EXPECT_EQ(pulled.repo_tags, (std::vector<std::string>{image_name()}));
  EXPECT_EQ(pulled.os, "linux");
  EXPECT_GT(pulled.size_bytes, 0U);
  const auto digest = pulled.find_digest(tag.repository);
  ASSERT_TRUE(digest);
  if (can().has_distribution) {
    EXPECT_EQ(run(resolve_digest(engine(), tag)), *digest);
  } else {
    EXPECT_EQ(expect_error([&] { run(resolve_digest(engine(), tag)); }).kind(), ErrorKind::unsupported);
  }

  EXPECT_EQ(run(remove_image(engine(), image_name())), RemoveResult::removed);
  EXPECT_FALSE(run(find_image(engine(), pulled.id.value))) << "its last name has gone";
  ImageReference pinned = tag;
  pinned.tag.reset();
  pinned.digest = digest;
  EXPECT_EQ(run(pull_image(engine(), pinned)).id, pulled.id);
  EXPECT_EQ(run(inspect_image(engine(), pinned.to_string())).id, pulled.id);
}

TEST_P(LifeCycle, an_image_gets_a_second_name_and_loses_it) {
  const ImageId id = image().id;
  const ImageReference second = image_to_remove("localhost/" + named("image") + ":2");
  run(tag_image(engine(), id.value, second));
  run(tag_image(engine(), id.value, second));  // idempotent
  EXPECT_EQ(run(inspect_image(engine(), second.to_string())).id, id);
  const ImageRemoval removal = run(remove_image_parts(engine(), second.to_string(), {}));
  EXPECT_EQ(removal.untagged, (std::vector<std::string>{second.to_string()}));
  EXPECT_TRUE(removal.deleted.empty()) << "the first name keeps it";
  EXPECT_FALSE(run(find_image(engine(), second.to_string())));
  EXPECT_TRUE(run(find_image(engine(), image_name())));
}

TEST_P(LifeCycle, an_image_is_pushed_and_comes_back_the_same) {
  const ImageId id = image().id;
  const ImageReference source = parse_image_reference(image_name());
  const ImageReference target = image_to_remove(source.registry() + "/" + named("pushed") + ":1");
  run(tag_image(engine(), id.value, target));
  run(push_image(engine(), target));
  EXPECT_EQ(run(remove_image(engine(), target.to_string())), RemoveResult::removed);
  EXPECT_EQ(run(pull_image(engine(), target)).id, id);
}

TEST_P(LifeCycle, an_image_that_a_container_uses_stays) {
  create(short_program());
  const Error error = expect_error([&] { run(remove_image(engine(), image().id.value)); });
  EXPECT_EQ(error.kind(), conflict()) << error.what();
  EXPECT_TRUE(run(find_image(engine(), image_name())));
}

TEST_P(LifeCycle, an_image_is_built_or_the_failing_instruction_is_named) {
  const ImageReference tag = image_to_remove("localhost/" + named("built") + ":1");
  const auto build = [&](const std::string& dockerfile) {
    return run(build_image(
        engine(),
        make_tar_source({{.name = "Dockerfile", .content = dockerfile}, {.name = "x", .content = "x"}}),
        {.tags = {tag.to_string()}, .labels = labels(), .network_mode = "none"}));
  };
  if (!can().can_build) {
    EXPECT_THROW(build("FROM scratch\nCOPY x /x\n"), Error);
    return;
  }
  const ImageId built = build("FROM scratch\nCOPY x /x\nEXPOSE 8000\nENV A=b\n");
  const ImageDetails details = run(inspect_image(engine(), tag.to_string()));
  EXPECT_EQ(details.id, built);
  EXPECT_EQ(details.labels.at("halcyon.life-cycle"), labels().at("halcyon.life-cycle"));
  EXPECT_EQ(details.exposed_tcp_ports, (std::vector<std::uint16_t>{8000}));
  const Error error = expect_error([&] { build("FROM scratch\nCOPY absent /x\n"); });
  EXPECT_EQ(error.kind(), ErrorKind::in_stream) << error.what();
  EXPECT_NE(error.engine_text().find("absent"), std::string::npos) << error.what();
}

TEST_P(LifeCycle, an_image_that_no_registry_has_is_an_error_with_the_engines_words) {
  const ImageReference source = parse_image_reference(image_name());
  const ImageReference absent = parse_image_reference(source.registry() + "/" + named("absent") + ":1");
  const Error error = expect_error([&] { run(pull_image(engine(), absent)); });
  EXPECT_TRUE(error.kind() == ErrorKind::not_found || error.kind() == ErrorKind::in_stream ||
              error.kind() == ErrorKind::refused)
      << error.what();
  EXPECT_FALSE(error.engine_text().empty());
  EXPECT_FALSE(run(find_image(engine(), absent.to_string())));
}

}  // namespace
}  // namespace halcyon::docker_api
