#include <gtest/gtest.h>

#include "docker_api/images.hpp"

namespace halcyon::docker_api {
namespace {

// Fixed vectors, made with Python's base64.urlsafe_b64encode: our own decoder would repeat our own mistake
// (G26).
TEST(RegistryAuthTest, the_header_is_base64url_with_padding) {
  struct Row {
    RegistryCredentials credentials;
    std::string header;
  };
  const Row rows[] = {
      {{"anna", "secret", "127.0.0.1:5000"},
       "eyJwYXNzd29yZCI6InNlY3JldCIsInNlcnZlcmFkZHJlc3MiOiIxMjcuMC4wLjE6NTAwMCIsInVzZXJuYW1lIjoiYW5uYSJ9"},
      // '+' in standard base64, '-' here
      {{"anna", "ab>?~\u00ff", "r.io"},
       "eyJwYXNzd29yZCI6ImFiPj9-w78iLCJzZXJ2ZXJhZGRyZXNzIjoici5pbyIsInVzZXJuYW1lIjoiYW5uYSJ9"},
      // '+' and '/' in standard base64, '-' and '_' here; quotes and back slashes in the password
      {{"\u00fcser", "p\"w\\d>>>?\?\?", "https://index.docker.io/v1/"},
       "eyJwYXNzd29yZCI6InBcIndcXGQ-Pj4_"
       "Pz8iLCJzZXJ2ZXJhZGRyZXNzIjoiaHR0cHM6Ly9pbmRleC5kb2NrZXIuaW8vdjEvIiwidXNlcm5h"
       "bWUiOiLDvHNlciJ9"},
      // no, two and one sign of padding
      {{"a", "b", "r.io"}, "eyJwYXNzd29yZCI6ImIiLCJzZXJ2ZXJhZGRyZXNzIjoici5pbyIsInVzZXJuYW1lIjoiYSJ9"},
      {{"a", "bc", "r.io"}, "eyJwYXNzd29yZCI6ImJjIiwic2VydmVyYWRkcmVzcyI6InIuaW8iLCJ1c2VybmFtZSI6ImEifQ=="},
      {{"a", "bcd", "r.io"}, "eyJwYXNzd29yZCI6ImJjZCIsInNlcnZlcmFkZHJlc3MiOiJyLmlvIiwidXNlcm5hbWUiOiJhIn0="},
  };
  for (const Row& row : rows) EXPECT_EQ(encode_registry_auth(row.credentials), row.header);
}

TEST(RegistryAuthTest, without_credentials_an_empty_object_is_sent) {
  EXPECT_EQ(encode_registry_auth(std::nullopt), "e30=");
}

}  // namespace
}  // namespace halcyon::docker_api
