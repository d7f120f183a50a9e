// A registry that asks for a password, through real engines: pull, push, /auth, and what `docker login`
// leaves.
#include <cstdlib>

#include "docker_api/auth.hpp"
#include "docker_api/credentials.hpp"
#include "docker_api/tar_stream.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/lab_engines.hpp"
#include "tests/docker_api/real_engine_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

constexpr const char* k_user = "deploy";
constexpr const char* k_password = "let-me/in+";
constexpr const char* k_wrong = "hunter2-wrong";

class PrivateRegistry : public LifeCycle {
 protected:
  RegistryCredentials account(const char* password) const {
    return {.username = k_user, .password = Secret(password), .server_address = registry_};
  }
  /// The suite's image under the name that the private registry has it by.
  ImageReference guarded() {
    ImageReference reference = parse_image_reference(image_name());
    reference.repository.replace(0, reference.registry().size(), registry_);
    return image_to_remove(reference.to_string());
  }
  /// The same content under a name that is not in the registry yet.
  ImageReference unpushed() {
    const ImageReference target = image_to_remove(registry_ + "/" + named("mine") + ":1");
    run(tag_image(engine(), image().id.value, target));
    return target;
  }
  /// What was refused in the registry's words, without a word about the password.
  static void expect_refusal(const Error& error) {
    const std::string text = error.what();
    EXPECT_FALSE(error.engine_text().empty()) << text;
    EXPECT_EQ(text.find(k_wrong), std::string::npos) << text;
    EXPECT_TRUE(text.find("auth") != std::string::npos) << text;
  }

  const std::string registry_ = required_variable("LAB_PRIVATE_REGISTRY", "127.0.0.1:5001");
};

TEST_P(PrivateRegistry, it_lets_only_the_right_password_pull) {
  const ImageReference reference = guarded();
  const ImageId id = image().id;
  expect_refusal(expect_error([&] { run(pull_image(engine(), reference)); }));
  expect_refusal(
      expect_error([&] { run(pull_image(engine(), reference, {.credentials = account(k_wrong)})); }));
  EXPECT_FALSE(run(find_image(engine(), reference.to_string())));
  const ImageDetails pulled = run(pull_image(engine(), reference, {.credentials = account(k_password)}));
  EXPECT_EQ(pulled.id, id);
  if (!can().has_distribution) return;
  EXPECT_EQ(run(resolve_digest(engine(), reference, account(k_password))),
            pulled.find_digest(reference.repository));
  const Error refused = expect_error([&] { run(resolve_digest(engine(), reference, account(k_wrong))); });
  EXPECT_EQ(refused.kind(), ErrorKind::unauthorized) << refused.what();
}

TEST_P(PrivateRegistry, it_lets_only_the_right_password_push) {
  const ImageReference reference = unpushed();
  expect_refusal(expect_error([&] { run(push_image(engine(), reference)); }));
  expect_refusal(
      expect_error([&] { run(push_image(engine(), reference, {.credentials = account(k_wrong)})); }));
  run(push_image(engine(), reference, {.credentials = account(k_password)}));
  const ImageId id = run(inspect_image(engine(), reference.to_string())).id;
  run(remove_image(engine(), reference.to_string()));
  EXPECT_EQ(run(pull_image(engine(), reference, {.credentials = account(k_password)})).id, id);
}

TEST_P(PrivateRegistry, a_build_pulls_its_base_with_the_right_password_only) {
  const ImageReference base = guarded();
  const ImageReference built = image_to_remove(registry_ + "/" + named("built") + ":1");
  const auto build = [&](std::map<std::string, RegistryCredentials> credentials) {
    return run(build_image(
        engine(),
        make_tar_source({{.name = "Dockerfile", .content = "FROM " + base.to_string() + "\nENV A=b\n"}}),
        {.tags = {built.to_string()}, .credentials = std::move(credentials)}));
  };
  expect_refusal(expect_error([&] { build({}); }));
  expect_refusal(expect_error([&] { build({{registry_, account(k_wrong)}}); }));
  build({{registry_, account(k_password)}});
  EXPECT_EQ(run(inspect_image(engine(), built.to_string())).environment.back(), "A=b");
}

TEST_P(PrivateRegistry, the_engine_is_asked_whether_a_password_is_right) {
  if (GetParam().kind == EngineKind::podman) {
    // Its /auth speaks TLS only, whatever registries.conf says of a registry.
    expect_error([&] { run(check_credentials(engine(), account(k_password))); }, ErrorKind::refused,
                 "HTTP response to HTTPS client");
    return;
  }
  const AuthResult right = run(check_credentials(engine(), account(k_password)));
  EXPECT_EQ(right.status, "Login Succeeded");
  EXPECT_TRUE(right.identity_token.empty());
  const Error wrong = expect_error([&] { run(check_credentials(engine(), account(k_wrong))); });
  // 20.10 says 500 where the registry uses basic authentication.
  EXPECT_TRUE(wrong.kind() == ErrorKind::unauthorized || wrong.kind() == ErrorKind::refused) << wrong.what();
  EXPECT_NE(wrong.engine_text().find("401 Unauthorized"), std::string::npos) << wrong.what();
  EXPECT_EQ(std::string(wrong.what()).find(k_wrong), std::string::npos) << wrong.what();
}

TEST_P(PrivateRegistry, what_docker_login_wrote_is_found_and_used) {
  const testing::TemporaryDirectory home;
  testing::write_text(home / "password", k_password);
  // The CLI asks the lab's own engine, whatever engine is under test: only the file counts here.
  const std::string command =
      "DOCKER_CONFIG=" + home.path() +
      " DOCKER_HOST=" + required_variable("HALCYON_TEST_ENGINE", "unix:///tmp/e/d.sock") +
      " docker login --username " + k_user + " --password-stdin " + registry_ + " <" + (home / "password") +
      " >" + (home / "said") + " 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0) << testing::read_text(home / "said");

  const Surroundings surroundings{.variables = {{"DOCKER_CONFIG", home.path()}}};
  const DockerConfig config = read_docker_config(surroundings);
  const ImageReference reference = guarded();
  const auto found = run(find_credentials(surroundings, config, reference.registry()));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->username, k_user);
  EXPECT_TRUE(found->password == Secret(k_password));
  EXPECT_EQ(run(pull_image(engine(), reference, {.credentials = found})).id, image().id);
  EXPECT_FALSE(run(find_credentials(surroundings, config, "127.0.0.1:1")));
}

INSTANTIATE_TEST_SUITE_P(Engines, PrivateRegistry, ::testing::Values(unix_engine(), podman_engine()),
                         name_of_engine);

}  // namespace
}  // namespace halcyon::docker_api
