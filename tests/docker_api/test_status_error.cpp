#include "docker_api/status_error.hpp"

#include <gtest/gtest.h>

namespace halcyon::docker_api {
namespace {

Error error_for(int status, std::string body) {
  return make_status_error("GET /x", "1.41", {.status = status, .headers = {}, .body = std::move(body)});
}

TEST(StatusErrorTest, every_status_has_its_kind) {
  struct Row {
    int status;
    ErrorKind kind;
  };
  const Row rows[] = {{400, ErrorKind::bad_request},  {401, ErrorKind::unauthorized},
                      {403, ErrorKind::unauthorized}, {404, ErrorKind::not_found},
                      {409, ErrorKind::conflict},     {406, ErrorKind::refused},
                      {500, ErrorKind::refused},      {503, ErrorKind::refused}};
  for (const Row& row : rows) {
    const Error error = error_for(row.status, R"({"message":"words"})");
    EXPECT_EQ(to_string(error.kind()), to_string(row.kind)) << row.status;
    EXPECT_EQ(error.http_status(), row.status);
    EXPECT_EQ(error.engine_text(), "words");
    EXPECT_EQ(error.api_version(), "1.41");
    EXPECT_FALSE(error.in_doubt());
  }
}

TEST(StatusErrorTest, the_engines_words_are_found_in_every_kind_of_body) {
  struct Row {
    std::string body;
    std::string text;
  };
  const Row rows[] = {
      {R"({"message":"No such container: x"})", "No such container: x"},
      {R"({"cause":"no such container","message":"no container with name x: no such container","response":404})",
       "no container with name x: no such container"},
      {R"({"cause":"only this","message":""})", "only this"},
      {R"({"message":null})", R"({"message":null})"},
      {R"({"unknown":1})", R"({"unknown":1})"},
      {R"({"message":)", R"({"message":)"},
      {"plain words\r\n", "plain words"},
      {"<html><head><title>502 Bad Gateway</title></head>\n<body><h1>502</h1></body></html>",
       "502 Bad Gateway 502"},
      {"", ""},
      {" \n", ""},
      {"line one\nline two", "line one line two"},
  };
  for (const Row& row : rows) EXPECT_EQ(find_engine_text(row.body), row.text);
}

TEST(StatusErrorTest, a_long_body_is_cut_between_characters) {
  std::string body(4095, 'a');
  for (int i = 0; i < 1000; ++i) body += "€";
  EXPECT_EQ(find_engine_text(body), std::string(4095, 'a') + "...");
}

TEST(StatusErrorTest, an_object_that_vanished_while_podman_looked_is_absent) {
  const auto kind = [](std::string body) {
    return make_status_error("GET /x", "1.41", {.status = 500, .headers = {}, .body = std::move(body)})
        .kind();
  };
  EXPECT_EQ(kind(R"({"cause":"no such container","message":"no container with ID 1 found","response":500})"),
            ErrorKind::not_found);
  EXPECT_EQ(kind(R"({"cause":"exit status 1","message":"no such container","response":500})"),
            ErrorKind::refused);
  EXPECT_EQ(kind("no such container"), ErrorKind::refused);
}

TEST(StatusErrorTest, an_unknown_path_is_not_an_absent_object) {
  EXPECT_EQ(error_for(404, R"({"message":"page not found"})").kind(), ErrorKind::unsupported);
  EXPECT_EQ(error_for(404, "404 page not found\n").kind(), ErrorKind::unsupported);
  EXPECT_EQ(error_for(404, "Not Found\n").kind(), ErrorKind::unsupported);
  EXPECT_EQ(error_for(500, R"({"message":"Path /v1.41/distribution/x/json is not supported"})").kind(),
            ErrorKind::unsupported);
  EXPECT_EQ(error_for(404, R"({"message":"No such image: Not Found"})").kind(), ErrorKind::not_found);
}

TEST(StatusErrorTest, the_message_reads_well) {
  EXPECT_STREQ(
      error_for(409, R"({"message":"Conflict. The container name \"/web\" is already in use"})").what(),
      "GET /x: the engine answered 409: Conflict. The container name \"/web\" is already in use");
  EXPECT_STREQ(error_for(404, "page not found").what(),
               "GET /x: the engine does not know this call (status 404): page not found");
}

}  // namespace
}  // namespace halcyon::docker_api
