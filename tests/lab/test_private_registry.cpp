// A registry that asks for a password: what `docker login` left is enough, and no password is ever shown.
#include "harness_fixture.hpp"

namespace halcyon::lab_tests {
namespace {

constexpr const char* k_password = "let-me/in+";
/// user "deploy" with k_password, as htpasswd -B writes it.
constexpr const char* k_htpasswd = "deploy:$2b$05$H6XOWQt/co4plM7aRT.Vpe21jllb2PcSkP0c1G5tMMlnx5B2eHVR.\n";

/// A second registry over the same images as the lab's, behind basic authentication.
class PrivateRegistry {
 public:
  explicit PrivateRegistry(const std::string& directory) {
    write_file(directory + "/htpasswd", k_htpasswd);
    for (int attempt = 1; attempt <= 5 && !answers_; ++attempt) {
      port_ = BadRegistry(BadRegistry::Way::refuses).port();
      write_file(directory + "/registry.yml",
                 "version: 0.1\nlog: {level: warn, accesslog: {disabled: true}}\nstorage:\n  filesystem: "
                 "{rootdirectory: " +
                     the_lab().directory + "/registry}\nhttp: {addr: \"127.0.0.1:" + std::to_string(port_) +
                     "\"}\nauth:\n  htpasswd: {realm: test, path: " + directory + "/htpasswd}\n");
      server_ = std::make_unique<Running>(
          Program{.words = {"/usr/bin/docker-registry", "serve", directory + "/registry.yml"}});
      answers_ = wait_until([this] { return get_from_loopback(port_, "localhost", "/v2/").status == 401; });
    }
  }
  bool answers() const noexcept { return answers_; }
  std::string name() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int port_ = 0;
  bool answers_ = false;
  std::unique_ptr<Running> server_;
};

class PrivateRegistryTest : public OneServes {
 protected:
  void SetUp() override {
    OneServes::SetUp();
    ASSERT_TRUE(registry_.answers());
    release_image("two");
    project.configure({.web = {{"image", quoted(registry_.name() + "/app")}}});
  }
  /// A promotion by somebody whose config.json holds this.
  Finished promote_with(const std::string& config) {
    write_file(project.directory() + "/config.json", config);
    return project.halcyon({"promote", "production", "two"}, {{"DOCKER_CONFIG", project.directory()}});
  }
  std::string auths(const std::string& user, const std::string& password) const {
    return json{{"auths", {{registry_.name(), {{"username", user}, {"password", password}}}}}}.dump();
  }

  const PrivateRegistry registry_{project.directory()};
};

TEST_F(PrivateRegistryTest, without_credentials_it_is_refused_and_says_how_to_log_in) {
  const Finished refused = promote_with("{}");
  EXPECT_TRUE(ended(refused, 1, "aborted"));
  EXPECT_TRUE(says(refused, {registry_.name() + "/app:two", "docker login " + registry_.name()}));
}

TEST_F(PrivateRegistryTest, with_a_wrong_password_it_is_refused_and_the_password_not_shown) {
  const Finished refused = promote_with(auths("deploy", "wrong-secret"));
  EXPECT_TRUE(ended(refused, 1, "aborted"));
  EXPECT_TRUE(says(refused, {"docker login " + registry_.name()}));
  EXPECT_EQ((refused.out + refused.err).find("wrong-secret"), std::string::npos);
}

TEST_F(PrivateRegistryTest, with_what_docker_login_left_it_is_promoted) {
  stop_client();
  note_promotion();
  const Finished promoted = promote_with(auths("deploy", k_password));
  EXPECT_TRUE(ended(promoted, 0, "deployed"));
  EXPECT_EQ((promoted.out + promoted.err).find(k_password), std::string::npos);
  EXPECT_EQ(project.get().release(), "two");
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
}

}  // namespace
}  // namespace halcyon::lab_tests
