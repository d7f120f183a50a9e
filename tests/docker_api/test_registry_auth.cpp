#include <gtest/gtest.h>

#include "docker_api/error.hpp"
#include "docker_api/registry_auth.hpp"

namespace halcyon::docker_api {
namespace {

RegistryCredentials account(const std::string& user, const std::string& password, const std::string& server,
                            const std::string& token = "") {
  return {user, Secret(password), server, Secret(token)};
}

// Fixed vectors, made with Python's base64.urlsafe_b64encode: our own decoder would repeat our own mistake
// (G26).
TEST(RegistryAuthTest, the_header_is_base64url_with_padding) {
  struct Row {
    RegistryCredentials credentials;
    std::string header;
  };
  const Row rows[] = {
      {account("anna", "secret", "127.0.0.1:5000"),
       "eyJwYXNzd29yZCI6InNlY3JldCIsInNlcnZlcmFkZHJlc3MiOiIxMjcuMC4wLjE6NTAwMCIsInVzZXJuYW1lIjoiYW5uYSJ9"},
      // '+' in standard base64, '-' here
      {account("anna", "ab>?~\u00ff", "r.io"),
       "eyJwYXNzd29yZCI6ImFiPj9-w78iLCJzZXJ2ZXJhZGRyZXNzIjoici5pbyIsInVzZXJuYW1lIjoiYW5uYSJ9"},
      // '+' and '/' in standard base64, '-' and '_' here; quotes and back slashes in the password
      {account("\u00fcser", "p\"w\\d>>>?\?\?", "https://index.docker.io/v1/"),
       "eyJwYXNzd29yZCI6InBcIndcXGQ-Pj4_"
       "Pz8iLCJzZXJ2ZXJhZGRyZXNzIjoiaHR0cHM6Ly9pbmRleC5kb2NrZXIuaW8vdjEvIiwidXNlcm5h"
       "bWUiOiLDvHNlciJ9"},
      // no, two and one sign of padding
      {account("a", "b", "r.io"), "eyJwYXNzd29yZCI6ImIiLCJzZXJ2ZXJhZGRyZXNzIjoici5pbyIsInVzZXJuYW1lIjoiYSJ9"},
      {account("a", "bc", "r.io"),
       "eyJwYXNzd29yZCI6ImJjIiwic2VydmVyYWRkcmVzcyI6InIuaW8iLCJ1c2VybmFtZSI6ImEifQ=="},
      {account("a", "bcd", "r.io"),
       "eyJwYXNzd29yZCI6ImJjZCIsInNlcnZlcmFkZHJlc3MiOiJyLmlvIiwidXNlcm5hbWUiOiJhIn0="},
  };
  for (const Row& row : rows) EXPECT_EQ(encode_registry_auth(row.credentials).reveal(), row.header);
}

TEST(RegistryAuthTest, an_identity_token_is_sent_and_what_is_empty_is_not) {
  EXPECT_EQ(encode_registry_auth(account("", "", "r.io", "tok>?~\u00ff")).reveal(),
            "eyJpZGVudGl0eXRva2VuIjoidG9rPj9-w78iLCJzZXJ2ZXJhZGRyZXNzIjoici5pbyJ9");
  EXPECT_EQ(encode_registry_auth(account("a", "", "r.io", "to")).reveal(),
            "eyJpZGVudGl0eXRva2VuIjoidG8iLCJzZXJ2ZXJhZGRyZXNzIjoici5pbyIsInVzZXJuYW1lIjoiYSJ9");
  EXPECT_EQ(encode_registry_auth(account("a", "", "r.io")).reveal(),
            "eyJzZXJ2ZXJhZGRyZXNzIjoici5pbyIsInVzZXJuYW1lIjoiYSJ9");
}

TEST(RegistryAuthTest, a_registry_token_is_sent_instead_of_an_account) {
  RegistryCredentials credentials = account("", "", "r.io");
  credentials.registry_token = Secret("t?>");
  EXPECT_EQ(encode_registry_auth(credentials).reveal(),
            "eyJyZWdpc3RyeXRva2VuIjoidD8-Iiwic2VydmVyYWRkcmVzcyI6InIuaW8ifQ==");
}

TEST(RegistryAuthTest, a_build_gets_a_map_of_all_registries) {
  EXPECT_EQ(encode_registry_config({}).reveal(), "e30=");
  EXPECT_EQ(encode_registry_config({{"r.io", account("a", "b", "r.io")}}).reveal(),
            "eyJyLmlvIjp7InBhc3N3b3JkIjoiYiIsInNlcnZlcmFkZHJlc3MiOiJyLmlvIiwidXNlcm5hbWUiOiJhIn19");
  const std::string hub = "https://index.docker.io/v1/";
  EXPECT_EQ(
      encode_registry_config(
          {{"r.io", account("a", "ab>?~\u00ff", "r.io")}, {hub, account("", "", hub, "tok?\?\?")}})
          .reveal(),
      "eyJodHRwczovL2luZGV4LmRvY2tlci5pby92MS8iOnsiaWRlbnRpdHl0b2tlbiI6InRvaz8_PyIsInNlcnZlcmFkZHJlc3MiOiJo"
      "dHRwczovL2luZGV4LmRvY2tlci5pby92MS8ifSwici5pbyI6eyJwYXNzd29yZCI6ImFiPj9-w78iLCJzZXJ2ZXJhZGRyZXNzIjoi"
      "ci5pbyIsInVzZXJuYW1lIjoiYSJ9fQ==");
}

TEST(RegistryAuthTest, text_that_is_not_utf8_is_refused_without_being_shown) {
  try {
    encode_registry_auth(account("a", "hunter2\xff", "r.io"));
    FAIL() << "it was sent";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
  }
}

TEST(RegistryAuthTest, without_credentials_an_empty_object_is_sent) {
  EXPECT_EQ(encode_registry_auth(std::nullopt).reveal(), "e30=");
}

}  // namespace
}  // namespace halcyon::docker_api
