#include "docker_api/docker_config.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/docker_api/error_checks.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

using testing::TemporaryDirectory;
using testing::write_text;

constexpr const char* k_path = "/home/anna/.docker/config.json";

RegistryCredentials account_in_file(const std::string& server, const std::string& user,
                                    const std::string& password, const std::string& token = "") {
  return {user, Secret(password), server, Secret(token)};
}

std::string write_headers(const std::vector<HttpHeader>& headers) {
  std::string text;
  for (const HttpHeader& header : headers) text += header.name + ": " + header.value + "\n";
  return text;
}

TEST(DockerConfigTest, every_field_we_know_is_read_and_the_rest_ignored) {
  const DockerConfig config = parse_docker_config(R"({
      "auths": {"r.io": {"auth": "YW5uYTpzZWNyZXQ=", "email": null}, "empty.io": {},
                "plain.io": {"username": "bob", "password": "pw"},
                "token.io": {"auth": "PHRva2VuPjo=", "identitytoken": "tok"}},
      "credsStore": "pass", "credHelpers": {"a.io": "ecr-login"}, "currentContext": "prod",
      "HttpHeaders": {"x-META": "7"}, "psFormat": "table", "plugins": {"x": {"y": "z"}}})",
                                                  k_path);
  const RegistryAccounts expected{{"r.io", account_in_file("r.io", "anna", "secret")},
                                  {"empty.io", account_in_file("empty.io", "", "")},
                                  {"plain.io", account_in_file("plain.io", "bob", "pw")},
                                  {"token.io", account_in_file("token.io", "<token>", "", "tok")}};
  EXPECT_EQ(config.auths, expected);
  EXPECT_EQ(config.credentials_store, "pass");
  EXPECT_EQ(config.credential_helpers, (std::map<std::string, std::string>{{"a.io", "ecr-login"}}));
  EXPECT_EQ(config.current_context, "prod");
  EXPECT_EQ(write_headers(config.http_headers), "X-Meta: 7\n");
}

TEST(DockerConfigTest, an_empty_file_null_and_null_fields_are_an_empty_configuration) {
  for (const char* text :
       {"", " \n", "null", "{}", R"({"auths": null, "credsStore": null, "credHelpers": null})"}) {
    const DockerConfig config = parse_docker_config(text, k_path);
    EXPECT_TRUE(config.auths.empty() && config.credentials_store.empty() &&
                config.credential_helpers.empty());
  }
}

TEST(DockerConfigTest, names_of_fields_count_whatever_their_case_as_in_go) {
  EXPECT_EQ(parse_docker_config(R"({"CREDSSTORE": "pass"})", k_path).credentials_store, "pass");
  EXPECT_EQ(parse_docker_config(R"({"CREDSSTORE": "a", "credsStore": "b"})", k_path).credentials_store, "b");
}

// base64 made with Python's base64.b64encode, so that our decoder is not checked against itself.
TEST(DockerConfigTest, auth_is_standard_base64_of_user_and_password) {
  struct Row {
    const char* auth;
    std::string user;
    std::string password;
  };
  const Row rows[] = {
      {"YTpi", "a", "b"},
      {"YTpiYw==", "a", "bc"},
      {"YTpiY2Q=", "a", "bcd"},
      {"w7xzZXI6cCJ3XGQ+Pj4/Pz8=", "\u00fcser", "p\"w\\d>>>?\?\?"},  // '+' and '/'
      {"YTpiOmM6ZA==", "a", "b:c:d"},
      {"YTo=", "a", ""},
      {"YTpi\\nYw==\\r\\n", "a", "bc"},
      {"YTpiAAA=", "a", "b"},  // zero bytes behind the password
  };
  for (const Row& row : rows) {
    const std::string text = std::string(R"({"auths": {"r.io": {"auth": ")") + row.auth + R"("}}})";
    EXPECT_EQ(parse_docker_config(text, k_path).auths.at("r.io"),
              account_in_file("r.io", row.user, row.password))
        << row.auth;
  }
}

TEST(DockerConfigTest, auth_wins_over_username_and_password) {
  const auto config = parse_docker_config(
      R"({"auths": {"r.io": {"username": "bob", "password": "pw", "auth": "YTpiYw=="}}})", k_path);
  EXPECT_EQ(config.auths.at("r.io"), account_in_file("r.io", "a", "bc"));
}

TEST(DockerConfigTest, what_is_wrong_is_said_with_file_field_and_remedy_but_never_with_content) {
  struct Row {
    std::string text;
    std::string reason;
  };
  const std::string remedy = "; correct the file, or move it away and run docker login again";
  const Row rows[] = {
      {"{\"auths\": {\n\"r.io\": {\"auth\": hunter2}}}", "it is not JSON (line 2)"},
      {"{\"credsStore\": \"hunter2", "it is not JSON (line 1)"},
      {"{} hunter2", "it is not JSON (line 1)"},
      {"{\"HttpHeaders\": 1e999, \"x\": \"hunter2\"}", "a number in it is too large"},
      {"[\"hunter2\"]", "it should be an object and is array"},
      {R"("hunter2")", "it should be an object and is string"},
      {R"({"auths": ["hunter2"]})", "auths should be an object and is array"},
      {R"({"auths": {"r.io": "hunter2"}})", "r.io should be an object and is string"},
      {R"({"auths": {"r.io": {"password": ["hunter2"]}}})", "password should be a string and is array"},
      {R"({"auths": {"r.io": {"auth": "hunter2"}}})", "auth of r.io is not base64 of user:password"},
      {R"({"auths": {"r.io": {"auth": "aHVudGVyMg=="}}})", "auth of r.io is not base64 of user:password"},
      {R"({"auths": {"r.io": {"auth": "Omh1bnRlcjI="}}})", "auth of r.io is not base64 of user:password"},
      {R"({"auths": {"r.io": {"auth": "YTpiYw"}}})", "auth of r.io is not base64 of user:password"},
      {R"({"auths": {"r.io": {"auth": "YTpi-w=="}}})", "auth of r.io is not base64 of user:password"},
      {R"({"auths": {"r.io": {"auth": "YT=iYw=="}}})", "auth of r.io is not base64 of user:password"},
      {R"({"auths": {"r.io": {"auth": "YTo=YTpi"}}})", "auth of r.io is not base64 of user:password"},
      {R"({"credsStore": 7})", "credsStore should be a string and is number"},
      {R"({"credHelpers": {"a.io": {"x": "hunter2"}}})", "a.io should be a string and is object"},
      {R"({"HttpHeaders": {"a b": "hunter2"}})", "\"a b\" is no name of a header"},
      {R"({"HttpHeaders": {"X-A": "hunter2\r\nX-B: 1"}})", "the value of X-A holds a line end"},
      {R"({"HttpHeaders": {"X-A": "1", "x-a": "hunter2"}})", "is there twice"},
      {std::string(80, '[') + "\"hunter2\"", "it is not JSON"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Error error = expect_error([&] { parse_docker_config(row.text, k_path); });
    const std::string message = error.what();
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_TRUE(message.starts_with(std::string(k_path) + ": ")) << message;
    EXPECT_NE(message.find(row.reason), std::string::npos) << message;
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
  }
  expect_error([&] { parse_docker_config("[]", k_path); }, ErrorKind::invalid_argument, remedy);
}

TEST(DockerConfigTest, the_directory_is_the_variable_or_below_the_home_directory) {
  EXPECT_EQ(find_docker_config_directory({.variables = {{"DOCKER_CONFIG", "/etc/d"}}, .home = "/home/anna"}),
            "/etc/d");
  EXPECT_EQ(find_docker_config_directory({.variables = {{"DOCKER_CONFIG", ""}}, .home = "/home/anna"}),
            "/home/anna/.docker");
  EXPECT_EQ(find_docker_config_directory({}), "");
}

TEST(DockerConfigTest, a_missing_file_is_an_empty_configuration) {
  const TemporaryDirectory home;
  EXPECT_EQ(read_docker_config({.home = home.path()}).directory, home / ".docker");
  EXPECT_TRUE(read_docker_config({}).directory.empty());
  write_text(home / ".docker", "a file where the directory should be");
  EXPECT_TRUE(read_docker_config({.home = home.path()}).auths.empty());
}

TEST(DockerConfigTest, the_file_is_read_where_the_variable_says) {
  const TemporaryDirectory directory;
  write_text(directory / "config.json", R"({"currentContext": "prod"})");
  const DockerConfig config = read_docker_config({.variables = {{"DOCKER_CONFIG", directory.path()}}});
  EXPECT_EQ(config.directory, directory.path());
  EXPECT_EQ(config.current_context, "prod");
}

TEST(DockerConfigTest, what_is_no_regular_file_is_refused_and_not_waited_for) {
  const TemporaryDirectory directory;
  const Surroundings surroundings{.variables = {{"DOCKER_CONFIG", directory.path()}}};
  ASSERT_EQ(::mkfifo((directory / "config.json").c_str(), 0600), 0);
  expect_error([&] { read_docker_config(surroundings); }, ErrorKind::invalid_argument, "is no regular file");
  std::filesystem::remove(directory / "config.json");
  std::filesystem::create_directory(directory / "config.json");
  expect_error([&] { read_docker_config(surroundings); }, ErrorKind::invalid_argument, "is no regular file");
  std::filesystem::remove(directory / "config.json");
  write_text(directory / "config.json", std::string(5 << 20, ' '));
  expect_error([&] { read_docker_config(surroundings); }, ErrorKind::invalid_argument, "is over 4 MiB");
}

TEST(DockerAuthConfigTest, only_the_field_auth_is_taken) {
  EXPECT_EQ(parse_auth_config(R"({"auths": {"r.io": {"auth": "YTpiYw=="}}})"),
            (RegistryAccounts{{"r.io", account_in_file("r.io", "a", "bc")}}));
  EXPECT_TRUE(parse_auth_config("{}").empty());
  struct Row {
    const char* text;
    const char* reason;
  };
  const Row rows[] = {
      {R"({"auths": {"r.io": {"username": "hunter2"}}})", R"(a field other than "auth")"},
      {R"({"auths": {"r.io": {"auth": "YTpiYw==", "identitytoken": "hunter2"}}})",
       R"(a field other than "auth")"},
      {R"({"credsStore": "hunter2"})", R"(a field other than "auths")"},
      {R"({"auths": {"r.io": {}}})", "auth of r.io is missing"},
      {R"({"auths": {}}{"hunter2": 1})", "it is not JSON"},
      {R"({"auths": {"r.io": {"auth": "hunter2"}}})", "auth of r.io is not base64"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Error error = expect_error([&] { parse_auth_config(row.text); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("DOCKER_AUTH_CONFIG: ")) << message;
    EXPECT_NE(message.find(row.reason), std::string::npos) << message;
    EXPECT_NE(message.find("; correct the variable or unset it"), std::string::npos) << message;
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
  }
}

TEST(CustomHeadersTest, the_variable_is_one_csv_record_and_replaces_the_file_s_headers) {
  DockerConfig config;
  config.http_headers = {{"X-File", "1"}};
  const auto find = [&](const std::string& text) {
    return write_headers(find_custom_headers({.variables = {{"DOCKER_CUSTOM_HEADERS", text}}}, config));
  };
  EXPECT_EQ(find(""), "X-File: 1\n");
  EXPECT_EQ(find("one=one-value,\"two=two,value\",\"three= a value with whitespace  "
                 "\",four=,five=five=one,five=five-two"),
            "Five: five-two\nFour: \nOne: one-value\nThree:  a value with whitespace  \nTwo: two,value\n");
  EXPECT_EQ(find(" x-a = 1 ,\"x-b=say \"\"hi\"\"\"\n"), "X-A:  1 \nX-B: say \"hi\"\n");
  EXPECT_EQ(find("host=evil,Content-Length=7,user-agent=me,transfer-encoding=x,x-a=1"), "X-A: 1\n");
}

TEST(CustomHeadersTest, a_malformed_variable_is_refused_without_its_values) {
  struct Row {
    const char* text;
    const char* reason;
  };
  const Row rows[] = {
      {"x-a=1,hunter2", "a field has no \"=\""},
      {"=hunter2", "a field has no key"},
      {"x-a=1,", "a field has no key"},
      {"\"x-a=hunter2", "a quote is not closed"},
      {"x-a=\"hunter2\"", "a quote stands inside a field"},
      {"\"x-a=1\"hunter2", "something stands between"},
      {"x a=hunter2", "\"x a\" is no name of a header"},
      {"x-a=hunter2\nx-b=2", "the value of x-a holds a line end"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Error error = expect_error([&] {
      find_custom_headers({.variables = {{"DOCKER_CUSTOM_HEADERS", row.text}}}, {});
    });
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("DOCKER_CUSTOM_HEADERS: ")) << message;
    EXPECT_NE(message.find(row.reason), std::string::npos) << message;
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
  }
}

TEST(SurroundingsTest, the_environment_is_split_at_the_first_equals_sign) {
  const char* const environment[] = {"HOME=/home/anna", "A=b=c", "A=later", "EMPTY=", "=odd", "odd", nullptr};
  const Surroundings surroundings = read_surroundings(environment);
  EXPECT_EQ(surroundings.home, "/home/anna");
  EXPECT_EQ(surroundings.uid, ::getuid());
  EXPECT_EQ(surroundings.environment(), (std::vector<std::string>{"A=b=c", "EMPTY=", "HOME=/home/anna"}));
  EXPECT_EQ(surroundings.variable("ABSENT"), "");
}

TEST(SurroundingsTest, without_home_the_user_database_is_asked) {
  EXPECT_FALSE(read_surroundings(nullptr).home.empty());
}

}  // namespace
}  // namespace halcyon::docker_api
