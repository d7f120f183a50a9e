#include "docker_api/find_engine.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>
#include <set>

#include "docker_api/docker_context.hpp"
#include "docker_api/file_descriptor.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

constexpr const char* k_default_socket = "/var/run/docker.sock";

/// Nothing exists but what a test puts into `existing_`, and the files in its own configuration directory.
class FindEngineTest : public ::testing::Test {
 protected:
  FindEngineTest() {
    surroundings_ = {.variables = {{"DOCKER_CONFIG", config_.path()}}, .home = "/home/anna", .uid = 1000};
    surroundings_.exists = [this](const std::string& path) {
      return existing_.contains(path) || (path.starts_with(config_.path()) && path_exists(path));
    };
    surroundings_.has_socket = [this](const std::string& path) { return existing_.contains(path); };
    existing_ = {k_default_socket};
  }
  void set(const std::string& name, const std::string& value) { surroundings_.variables[name] = value; }
  void store_context(const std::string& name, const std::string& endpoint) {
    const std::string directory = config_ / "contexts/meta/" + context_directory_name(name);
    std::filesystem::create_directories(directory);
    testing::write_text(directory + "/meta.json", R"({"Endpoints":{"docker":)" + endpoint + "}}");
  }
  EngineChoice find(const EngineWishes& wishes = {}) const { return find_engine(surroundings_, wishes); }
  void expect(const std::string& host, const std::string& origin, const EngineWishes& wishes = {}) const {
    const EngineChoice choice = find(wishes);
    EXPECT_EQ(choice.host, host);
    EXPECT_EQ(choice.origin, origin);
  }

  testing::TemporaryDirectory config_;
  std::set<std::string> existing_;
  Surroundings surroundings_;
};

TEST_F(FindEngineTest, each_source_is_beaten_by_the_one_before_it) {
  for (const char* name : {"flag", "variable", "config"})
    store_context(name, R"({"Host":"ssh://)" + std::string(name) + "\"}");
  expect("unix:///var/run/docker.sock", "default socket");
  testing::write_text(config_ / "config.json", R"({"currentContext":"config"})");
  expect("ssh://config", "context \"config\"");
  set("DOCKER_CONTEXT", "variable");
  expect("ssh://variable", "context \"variable\"");
  set("DOCKER_HOST", "unix:///host.sock");
  expect("unix:///host.sock", "DOCKER_HOST");
  expect("unix:///flag.sock", "--host", {.host = "unix:///flag.sock"});
  expect("ssh://flag", "context \"flag\"", {.context = "flag"});
}

TEST_F(FindEngineTest, the_context_default_is_what_docker_host_says) {
  testing::write_text(config_ / "config.json", R"({"currentContext":"default"})");
  expect("unix:///var/run/docker.sock", "default socket");
  set("DOCKER_CONTEXT", "default");
  set("DOCKER_HOST", "unix:///host.sock");
  expect("unix:///host.sock", "DOCKER_HOST");
  expect("unix:///host.sock", "DOCKER_HOST", {.context = "default"});
}

TEST_F(FindEngineTest, empty_variables_and_an_empty_context_are_as_if_they_were_not_there) {
  for (const char* name : {"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_TLS"}) set(name, "");
  expect("unix:///var/run/docker.sock", "default socket", {.context = ""});
  set("DOCKER_HOST", "unix:///host.sock");
  expect("unix:///var/run/docker.sock", "default socket", {.host = ""});
}

TEST_F(FindEngineTest, host_and_context_together_are_refused_as_by_the_cli) {
  expect_error([&] { find({.host = "unix:///a", .context = "prod"}); }, ErrorKind::invalid_argument,
               "both a host and a context were asked for; leave one out");
  expect("unix:///a", "--host", {.host = "unix:///a", .context = ""});
}

TEST_F(FindEngineTest, a_host_is_spelled_out_as_the_cli_does) {
  struct Row {
    const char* text;
    const char* host;
  };
  const Row rows[] = {
      {"unix:///a.sock", "unix:///a.sock"},
      {" unix:///a.sock\n", "unix:///a.sock"},
      {"unix://", "unix:///var/run/docker.sock"},
      {"tcp://prod:2376", "tcp://prod:2376"},
      {"tcp://prod", "tcp://prod:2375"},
      {"tcp://", "tcp://localhost:2375"},
      {"tcp://:7777", "tcp://localhost:7777"},
      {"prod", "tcp://prod:2375"},
      {"prod:2376", "tcp://prod:2376"},
      {":2376", "tcp://localhost:2376"},
      {"127.0.0.1:2375/path", "tcp://127.0.0.1:2375/path"},
      {"[::1]:7777", "tcp://[::1]:7777"},
      {"tcp://[::1]", "tcp://[::1]:2375"},
      {"tcp://[::1]:", "tcp://[::1]:2375"},
      {"ssh://admin@prod:22", "ssh://admin@prod:22"},
      {"npipe:////./pipe/docker_engine", "npipe:////./pipe/docker_engine"},
      {"fd://", "fd://"},
  };
  for (const Row& row : rows) {
    set("DOCKER_HOST", row.text);
    EXPECT_EQ(find().host, row.host) << row.text;
    EXPECT_EQ(find({.host = row.text}).host, row.host) << row.text;
  }
}

TEST_F(FindEngineTest, what_is_no_host_is_refused) {
  struct Row {
    const char* text;
    const char* reason;
  };
  const Row rows[] = {
      {"http://prod", "use unix:///path, tcp://host:port or ssh://user@host"},
      {"unix://tcp://a", "has two schemes"},
      {"tcp://unix:///a", "has two schemes"},
      {"tcp://prod:http", "needs a number as port"},
      {"tcp://::1:2375", "needs brackets"},
      {"tcp://[::1", "a bracket that is not closed"},
      {"tcp://[::1]2375", "without a colon"},
      {"tcp://anna:hunter2@prod:2376", "names a user, and tcp has none"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Error error = expect_error([&] { find({.host = row.text}); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_NE(std::string(error.what()).find(row.reason), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
  }
}

TEST_F(FindEngineTest, without_the_default_socket_the_others_are_looked_for_in_order) {
  set("XDG_RUNTIME_DIR", "/run/anna");
  const std::pair<const char*, const char*> in_order[] = {
      {k_default_socket, "default socket"},
      {"/run/anna/docker.sock", "rootless socket /run/anna/docker.sock"},
      {"/home/anna/.docker/run/docker.sock", "rootless socket /home/anna/.docker/run/docker.sock"},
      {"/home/anna/.docker/desktop/docker.sock", "rootless socket /home/anna/.docker/desktop/docker.sock"},
      {"/run/user/1000/docker.sock", "rootless socket /run/user/1000/docker.sock"},
      {"/run/anna/podman/podman.sock", "Podman socket /run/anna/podman/podman.sock"},
      {"/run/user/1000/podman/podman.sock", "Podman socket /run/user/1000/podman/podman.sock"},
      {"/run/podman/podman.sock", "Podman socket /run/podman/podman.sock"},
  };
  for (const auto& [path, origin] : in_order) existing_.insert(path);
  for (const auto& [path, origin] : in_order) {
    expect("unix://" + std::string(path), origin);
    existing_.erase(path);
  }
  expect("unix:///var/run/docker.sock", "default socket");
}

TEST(IsSocketTest, only_a_socket_is_one_whether_or_not_somebody_listens) {
  const testing::TemporaryDirectory here;
  EXPECT_FALSE(is_socket(here / "none"));
  testing::write_text(here / "file", "");
  EXPECT_FALSE(is_socket(here / "file"));
  EXPECT_FALSE(is_socket(here.path())) << "what a bind mount of a missing socket leaves";
  const std::string path = here / "docker.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  {
    const FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_TRUE(is_socket(path));
  }
  EXPECT_TRUE(is_socket(path)) << "its engine restarts: no other one may stand in for it";
}

TEST_F(FindEngineTest, without_home_and_runtime_directory_no_relative_path_is_looked_at) {
  existing_ = {"/docker.sock", "docker.sock", "/.docker/run/docker.sock"};
  surroundings_.home = "";
  expect("unix:///var/run/docker.sock", "default socket");
}

TEST_F(FindEngineTest, a_host_that_was_named_is_never_replaced_by_another_socket) {
  existing_ = {"/run/podman/podman.sock"};
  set("DOCKER_HOST", "unix:///var/run/docker.sock");
  expect("unix:///var/run/docker.sock", "DOCKER_HOST");
}

TEST_F(FindEngineTest, a_set_variable_means_tls_for_tcp_whatever_its_value) {
  existing_ = {"/certs/ca.pem", "/certs/cert.pem", "/certs/key.pem"};
  set("DOCKER_CERT_PATH", "/certs");
  set("DOCKER_HOST", "tcp://prod:2376");
  TlsSettings files{.ca_file = "/certs/ca.pem",
                    .certificate_file = "/certs/cert.pem",
                    .key_file = "/certs/key.pem",
                    .verify = false};
  EXPECT_EQ(find().tls, std::nullopt);
  set("DOCKER_TLS", "0");
  EXPECT_EQ(find().tls, files);
  set("DOCKER_TLS_VERIFY", "0");
  files.verify = true;
  EXPECT_EQ(find().tls, files);
  EXPECT_EQ(find({.host = "tcp://other:2376"}).tls, files);
  EXPECT_EQ(find({.host = "unix:///a.sock"}).tls, std::nullopt);
  EXPECT_EQ(find({.host = "ssh://prod"}).tls, std::nullopt);
}

TEST_F(FindEngineTest, the_certificates_default_to_the_configuration_directory) {
  set("DOCKER_TLS_VERIFY", "1");
  set("DOCKER_HOST", "tcp://prod:2376");
  expect_error([&] { find(); }, ErrorKind::invalid_argument,
               "there is no " + config_.path() + "/ca.pem; put the authority");
  testing::write_text(config_ / "ca.pem", "PEM");
  testing::write_text(config_ / "key.pem", "PEM");
  EXPECT_EQ(find().tls, TlsSettings{.ca_file = config_ / "ca.pem"}) << "a key without a certificate is none";
}

TEST_F(FindEngineTest, tls_without_a_host_is_the_local_tls_port) {
  testing::write_text(config_ / "ca.pem", "PEM");
  set("DOCKER_TLS", "1");
  expect("tcp://localhost:2376", "DOCKER_TLS");
  set("DOCKER_TLS_VERIFY", "1");
  expect("tcp://localhost:2376", "DOCKER_TLS_VERIFY");
  EXPECT_EQ(find().tls, TlsSettings{.ca_file = config_ / "ca.pem"});
}

TEST_F(FindEngineTest, a_context_has_its_own_tls_and_no_use_for_the_variables) {
  set("DOCKER_TLS_VERIFY", "1");
  set("DOCKER_CERT_PATH", "/absent");
  store_context("skip", R"({"Host":"tcp://prod:2376","SkipTLSVerify":true})");
  store_context("plain", R"({"Host":"tcp://prod:2376"})");
  store_context("socket", R"({"Host":"unix:///a.sock","SkipTLSVerify":true})");
  store_context("empty", "{}");
  EXPECT_EQ(find({.context = "skip"}).tls, TlsSettings{.verify = false});
  EXPECT_EQ(find({.context = "plain"}).tls, std::nullopt);
  EXPECT_EQ(find({.context = "socket"}).tls, std::nullopt);
  expect("unix:///var/run/docker.sock", "context \"empty\"", {.context = "empty"});
}

TEST_F(FindEngineTest, a_context_that_is_absent_is_an_error_and_not_the_default_socket) {
  set("DOCKER_CONTEXT", "absent");
  expect_error([&] { find(); }, ErrorKind::invalid_argument, "docker context \"absent\": there is no ");
}

TEST_F(FindEngineTest, headers_come_with_every_choice) {
  testing::write_text(config_ / "config.json", R"({"HttpHeaders":{"X-File":"1"}})");
  ASSERT_EQ(find().headers.size(), 1U);
  EXPECT_EQ(find().headers[0].name, "X-File");
  set("DOCKER_CUSTOM_HEADERS", "x-variable=2");
  ASSERT_EQ(find().headers.size(), 1U);
  EXPECT_EQ(find().headers[0].name, "X-Variable");
}

}  // namespace
}  // namespace halcyon::docker_api
