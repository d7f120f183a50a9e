#include "docker_api/generic_request.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/auth.hpp"
#include "docker_api/plugins.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;
using test_support::answer;
using Lines = std::vector<std::string>;

class GenericRequestTest : public EngineFixture {};

TEST_F(GenericRequestTest, any_call_can_be_made) {
  serve_bytes(answer(200, R"([1])", "X-Thing: a\r\n"));
  const HttpResponse response =
      run(request(*engine_, "POST", "/images/a%2Fb/attestations", {{"type", "x y"}}, R"({"a":1})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "[1]");
  EXPECT_EQ(response.find_header("x-thing"), "a");
  EXPECT_EQ(call_seen().target, "/v1.41/images/a%2Fb/attestations?type=x%20y");
  EXPECT_EQ(call_seen().header("Content-Type"), "application/json");
  EXPECT_EQ(call_seen().body, R"({"a":1})");
  serve_bytes("HTTP/1.1 304 Not Modified\r\n\r\n");
  EXPECT_EQ(run(request(*engine_, "POST", "/x")).status, 304);
  EXPECT_EQ(call_seen().header("Content-Type"), "");
}

TEST_F(GenericRequestTest, statuses_of_400_and_above_are_errors_with_the_engines_words) {
  serve_bytes(answer(418, R"({"message":"teapot"})"));
  const Error error = expect_error([&] { run(request(*engine_, "GET", "/x")); });
  EXPECT_EQ(error.http_status(), 418);
  EXPECT_EQ(error.engine_text(), "teapot");
  serve_bytes(answer(404, R"({"message":"page not found"})"));
  EXPECT_EQ(expect_error([&] { run(request(*engine_, "GET", "/x")); }).kind(), ErrorKind::unsupported);
}

TEST_F(GenericRequestTest, a_path_that_an_engine_would_clean_is_never_sent) {
  serve_bytes("");
  for (const char* path :
       {"", "x", "/", "//", "/a//b", "/a/", "/./a", "/a/..", "/containers//json", "/a?b=c", "/a#b"}) {
    EXPECT_EQ(expect_error([&] { run(request(*engine_, "GET", path)); }).kind(), ErrorKind::invalid_argument)
        << path;
  }
  EXPECT_TRUE(seen().empty());
}

TEST_F(GenericRequestTest, credentials_are_checked_and_never_shown) {
  const RegistryCredentials credentials{
      .username = "u", .password = Secret("hunter2"), .server_address = "r.io"};
  serve_bytes(answer(200, R"({"Status":"Login Succeeded","IdentityToken":"t"})"));
  AuthResult result = run(check_credentials(*engine_, credentials));
  EXPECT_EQ(result.status, "Login Succeeded");
  EXPECT_EQ(result.identity_token.reveal(), "t");
  EXPECT_EQ(call_seen().target, "/v1.41/auth");
  EXPECT_EQ(json::parse(call_seen().body),
            json::parse(R"({"username":"u","password":"hunter2","serveraddress":"r.io"})"));
  serve_bytes("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(run(check_credentials(*engine_, credentials)).identity_token.empty());
  serve_bytes(answer(401, R"({"message":"unauthorized: incorrect username or password"})"));
  const Error error = expect_error([&] { run(check_credentials(*engine_, credentials)); });
  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos);
}

TEST_F(GenericRequestTest, plugins_have_types_of_both_spellings) {
  serve_bytes(answer(200, R"([{"Id":"p1","Name":"vieux/sshfs:latest","Enabled":true,"PluginReference":"x",
    "Config":{"Description":"d","Interface":{"Socket":"s.sock","Types":["docker.volumedriver/1.0",
      {"Prefix":"docker","Capability":"networkdriver","Version":"1.0"}]}}},{"Config":null}])"));
  const auto plugins = run(list_plugins(*engine_, {{"enable", {"true"}}}));
  EXPECT_EQ(call_seen().target, "/v1.41/plugins?filters=%7B%22enable%22%3A%5B%22true%22%5D%7D");
  ASSERT_EQ(plugins.size(), 2U);
  EXPECT_TRUE(plugins[0].enabled);
  EXPECT_EQ(plugins[0].interface_types, (Lines{"docker.volumedriver/1.0", "docker.networkdriver/1.0"}));
  serve_bytes(answer(404, "Not Found"));
  EXPECT_EQ(expect_error([&] { run(list_plugins(*engine_)); }).kind(), ErrorKind::unsupported) << "Podman";
}

}  // namespace
}  // namespace halcyon::docker_api
