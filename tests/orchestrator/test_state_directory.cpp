#include "orchestrator/state_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "orchestrator/error.hpp"
#include "orchestrator/release.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

using halcyon::testing::read_text;
using halcyon::testing::TemporaryDirectory;
using halcyon::testing::write_text;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

Release make_release() {
  Release release;
  release.id = "r4";
  release.created_at = "2026-11-20T10:00:00.000Z";
  release.actor = "anna";
  ReleaseService web{.service = Service{.name = *Name::parse("web")}};
  web.service.image.repository = "registry.example.com/shop/web";
  web.service.port = 8000;
  web.service.volumes = {{"data", "/data", true}};
  web.service.gate = Gate{.path = "/readyz", .statuses = {200, 204}, .successes = 5};
  web.reference = "registry.example.com/shop/web:sha-1";
  web.digest = docker_api::Digest("sha256:1111");
  web.image = docker_api::ImageId("sha256:2222");
  web.hash = "abcd";
  release.services.emplace("web", web);
  return release;
}

TEST(StateDirectory, nginx_can_get_through_to_the_gate_and_nobody_to_the_secrets) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "shop/production");
  const mode_t umask_before = ::umask(0077);
  directory.ensure();
  ::umask(umask_before);
  EXPECT_EQ(mode_of(base / "shop"), 0711U);
  EXPECT_EQ(mode_of(directory.root()), 0711U);
  EXPECT_EQ(mode_of(directory.gate()), 0755U);
  EXPECT_EQ(mode_of(directory.gate() + "/slots"), 0755U);
  EXPECT_EQ(mode_of(directory.gate() + "/canary"), 0644U);
  EXPECT_EQ(mode_of(directory.root() + "/secrets"), 0700U);
}

TEST(StateDirectory, what_stands_in_the_place_of_a_flag_is_none) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  std::filesystem::create_directory(directory.flag("web"));
  EXPECT_EQ(directory.read_flag("web"), Slot::blue);  // as for nginx
  directory.write_flag("web", Slot::green);
  EXPECT_EQ(directory.read_flag("web"), Slot::green);
  directory.write_flag("web", Slot::blue);
  std::filesystem::create_directories(directory.flag("web") + "/full");
  try {
    directory.write_flag("web", Slot::blue);
    FAIL() << "somebody's files were removed";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(directory.flag("web")), std::string::npos);
  }
}

TEST(StateDirectory, the_log_tells_how_many_promotions_there_were) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  EXPECT_EQ(directory.last_promotion_in_log(), 0U);
  write_text(directory.releases_log(),
             "2026-11-20T10:00:00.123Z p9 promote r9 deployed by anna 3 ms\n"
             "2026-11-20T10:00:01.123Z p12 promote r12 aborted by anna 3 ms # p99\n"
             "a remark of somebody's about p77\n"
             "2026-11-20T10:00:02.123Z p13 torn");
  EXPECT_EQ(directory.last_promotion_in_log(), 12U);
}

TEST(StateDirectory, a_flag_is_there_or_not_and_nothing_else) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  EXPECT_EQ(directory.read_flag("web"), Slot::blue);
  directory.write_flag("web", Slot::green);
  directory.write_flag("web", Slot::green);
  EXPECT_EQ(directory.read_flag("web"), Slot::green);
  directory.write_flag("web", Slot::blue);
  directory.write_flag("web", Slot::blue);
  EXPECT_EQ(directory.read_flag("web"), Slot::blue);
}

TEST(StateDirectory, a_release_is_read_back_as_it_was_written) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  directory.write_release(make_release());
  const Release read = directory.read_release("r4");
  EXPECT_EQ(to_json_text(read), to_json_text(make_release()));
  EXPECT_EQ(read.find_service("web")->service.gate.successes, 5);
  EXPECT_EQ(mode_of(directory.release_record("r4")), 0600U);
}

TEST(StateDirectory, a_damaged_or_absent_release_record_needs_the_operator) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  EXPECT_THROW(directory.read_release("r9"), Error);
  const std::string whole = to_json_text(make_release());
  for (std::size_t length = 0; length + 2 < whole.size(); length += 7) {
    write_text(directory.release_record("r4"), whole.substr(0, length));
    EXPECT_THROW(directory.read_release("r4"), Error) << length;
  }
}

TEST(StateDirectory, values_are_kept_apart_from_the_record_and_never_appear_in_an_error) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  directory.write_release(make_release());
  directory.write_environment_values("r4", "web",
                                     {{"PASSWORD", "canary-secret"}, {"A", "line\nbreak \"quoted\""}});
  EXPECT_EQ(read_text(directory.release_record("r4")).find("canary-secret"), std::string::npos);
  EXPECT_EQ(directory.read_environment_values("r4", "web").at(1).second, "line\nbreak \"quoted\"");
  EXPECT_EQ(mode_of(directory.environment_values("r4", "web")), 0600U);
  write_text(directory.environment_values("r4", "web"), R"([["PASSWORD","canary-secret)");
  try {
    directory.read_environment_values("r4", "web");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("canary"), std::string::npos);
  }
}

TEST(StateDirectory, removing_a_release_removes_its_values_too) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  directory.write_release(make_release());
  directory.write_environment_values("r4", "web", {{"A", "1"}});
  directory.remove_release("r4");
  directory.remove_release("r4");
  EXPECT_FALSE(std::filesystem::exists(directory.release_record("r4")));
  EXPECT_FALSE(std::filesystem::exists(directory.environment_values("r4", "web")));
}

TEST(StateDirectory, caches_follow_the_state) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  EnvironmentState state;
  state.current = "r2";
  state.previous = "r1";
  directory.write_caches(state);
  EXPECT_EQ(read_text(directory.root() + "/current_release"), "r2\n");
  EXPECT_EQ(read_text(directory.root() + "/previous_release"), "r1\n");
  state.previous.clear();
  directory.write_caches(state);
  EXPECT_FALSE(std::filesystem::exists(directory.root() + "/previous_release"));
}

TEST(StateDirectory, releases_log_is_rebuilt_from_the_state_whatever_became_of_it) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  const std::string path = directory.root() + "/releases.log";
  EnvironmentState state;
  state.lines = {"p1 install r1 deployed"};
  directory.write_caches(state);
  state.lines.emplace_back("p2 promote r2 aborted");
  const std::string wanted = "p1 install r1 deployed\np2 promote r2 aborted\n";
  for (const std::string& found : {std::string("p1 install r1 deployed\n"), std::string("p1 inst"),
                                   std::string("garbage\n"), std::string(), wanted, wanted + "more\n"}) {
    write_text(path, found);
    directory.write_caches(state);
    EXPECT_EQ(read_text(path), wanted) << found;
  }
  std::filesystem::remove(path);
  directory.write_caches(state);
  EXPECT_EQ(read_text(path), wanted);
}

TEST(StateDirectory, the_probe_token_is_made_once) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  directory.ensure();
  const std::string token = directory.ensure_probe_token();
  EXPECT_EQ(token.size(), 32U);
  EXPECT_EQ(directory.ensure_probe_token(), token);
  EXPECT_EQ(directory.read_probe_token(), token);
}

TEST(StateDirectory, to_read_the_probe_token_writes_nothing) {
  const TemporaryDirectory base;
  const StateDirectory directory(base / "state");
  EXPECT_EQ(directory.read_probe_token().size(), 32U);
  EXPECT_FALSE(directory.exists());
}

TEST(Release, the_hash_changes_with_image_configuration_and_values_and_with_nothing_else) {
  const Release release = make_release();
  const ReleaseService& web = release.services.at("web");
  const std::string hash = hash_release_service(web, {{"A", "1"}});
  EXPECT_EQ(hash.size(), 64U);
  ReleaseService other = web;
  other.reference = "the name it was asked for by";
  other.service.gate.successes = 9;
  EXPECT_EQ(hash_release_service(other, {{"A", "1"}}), hash);
  EXPECT_NE(hash_release_service(web, {{"A", "2"}}), hash);
  other.image = docker_api::ImageId("sha256:3333");
  EXPECT_NE(hash_release_service(other, {{"A", "1"}}), hash);
  other = web;
  other.service.replicas = 2;
  EXPECT_NE(hash_release_service(other, {{"A", "1"}}), hash);
}

}  // namespace
}  // namespace halcyon::orchestrator
