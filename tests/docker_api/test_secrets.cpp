#include "docker_api/secrets.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/configs.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;
using test_support::answer;
using Lines = std::vector<std::string>;

class SecretsTest : public EngineFixture {
 protected:
  json sent() const { return json::parse(server_->requests().back().body); }
};

constexpr const char* k_secret =
    R"({"ID":"s1","Version":{"Index":11},"CreatedAt":"2026-11-20T10:00:00Z","UpdatedAt":"2026-11-20T10:00:00Z",
  "Spec":{"Name":"key","Labels":{"a":"b"},"Driver":{"Name":"vault"},"Templating":{"Name":"golang"}}})";

TEST_F(SecretsTest, a_secret_is_created_with_standard_base64) {
  serve_bytes(answer(201, R"({"ID":"s1"})"));
  EXPECT_EQ(run(create_secret(*engine_, {.name = "key",
                                         .data = Secret("\xfb\xff\xbf"),
                                         .labels = {{"a", "b"}},
                                         .templating_driver = "golang"})),
            SecretId("s1"));
  EXPECT_EQ(call_seen().target, "/v1.41/secrets/create");
  EXPECT_EQ(sent(),
            json::parse(R"({"Name":"key","Labels":{"a":"b"},"Data":"+/+/","Templating":{"Name":"golang"}})"));
  serve_bytes(answer(409, R"({"message":"rpc error: secret key already exists"})"));
  expect_error([&] { run(create_secret(*engine_, {.name = "key"})); }, ErrorKind::conflict, "already exists");
}

TEST_F(SecretsTest, secrets_are_read_and_relabelled_by_version) {
  serve_bytes(answer(200, k_secret));
  const SecretDetails secret = run(inspect_secret(*engine_, SecretId("key")));
  EXPECT_EQ(call_seen().target, "/v1.41/secrets/key");
  EXPECT_EQ(secret.id, SecretId("s1"));
  EXPECT_EQ(secret.object.name, "key");
  EXPECT_EQ(secret.object.version, 11U);
  EXPECT_EQ(secret.driver, "vault");
  serve_bytes(answer(200, ""));
  run(relabel_secret(*engine_, secret, {{"c", "d"}}));
  EXPECT_EQ(call_seen().target, "/v1.41/secrets/s1/update?version=11");
  EXPECT_EQ(sent(), json::parse(R"({"Name":"key","Labels":{"c":"d"},"Driver":{"Name":"vault"},
    "Templating":{"Name":"golang"}})"));
}

TEST_F(SecretsTest, lists_may_be_empty_and_objects_absent) {
  serve_bytes(answer(200, "[" + std::string(k_secret) + ",{}]"));
  EXPECT_EQ(run(list_secrets(*engine_, {{"name", {"key"}}})).size(), 2U);
  EXPECT_EQ(call_seen().target, "/v1.41/secrets?filters=%7B%22name%22%3A%5B%22key%22%5D%7D");
  serve_bytes(answer(200, "null"));
  EXPECT_TRUE(run(list_secrets(*engine_)).empty());
  EXPECT_TRUE(run(list_configs(*engine_)).empty());
  serve_bytes(answer(404, R"({"message":"not found"})"));
  EXPECT_FALSE(run(find_secret(*engine_, SecretId("x"))));
  EXPECT_FALSE(run(remove_secret(*engine_, SecretId("x"))));
  EXPECT_FALSE(run(find_config(*engine_, ConfigId("x"))));
  EXPECT_FALSE(run(remove_config(*engine_, ConfigId("x"))));
}

TEST_F(SecretsTest, without_a_swarm_everything_is_refused) {
  serve_bytes(answer(503, R"({"message":"This node is not a swarm manager."})"));
  expect_error([&] { run(list_secrets(*engine_)); }, ErrorKind::refused, "not a swarm manager");
  expect_error([&] { run(find_config(*engine_, ConfigId("x"))); }, ErrorKind::refused, "not a swarm manager");
}

TEST_F(SecretsTest, a_configs_bytes_come_back) {
  serve_bytes(
      answer(200, R"({"ID":"c1","Version":{"Index":2},"Spec":{"Name":"conf","Data":"+/+/","Labels":null}})"));
  const ConfigDetails config = run(inspect_config(*engine_, ConfigId("conf")));
  EXPECT_EQ(config.data, "\xfb\xff\xbf");
  EXPECT_TRUE(config.object.labels.empty());
  serve_bytes(answer(200, ""));
  run(relabel_config(*engine_, config, {}));
  EXPECT_EQ(call_seen().target, "/v1.41/configs/c1/update?version=2");
  EXPECT_EQ(sent(), json::parse(R"({"Name":"conf","Data":"+/+/","Labels":{}})"));
  serve_bytes(answer(201, R"({"ID":"c2"})"));
  EXPECT_EQ(run(create_config(*engine_, {.name = "conf", .data = "x"})), ConfigId("c2"));
  EXPECT_EQ(sent(), json::parse(R"({"Name":"conf","Labels":{},"Data":"eA=="})"));
}

TEST_F(SecretsTest, empty_names_are_never_sent) {
  serve_bytes("");
  for (const auto& attempt : std::vector<std::function<void()>>{
           [&] { run(create_secret(*engine_, {})); }, [&] { run(inspect_secret(*engine_, SecretId())); },
           [&] { run(remove_config(*engine_, ConfigId())); },
           [&] { run(relabel_config(*engine_, {}, {})); }}) {
    EXPECT_EQ(expect_error(attempt).kind(), ErrorKind::invalid_argument);
  }
  EXPECT_TRUE(seen().empty());
}

}  // namespace
}  // namespace halcyon::docker_api
