#include "docker_api/images.hpp"

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using test_support::chunk;
using test_support::chunked_answer;
using test_support::k_chunked_head;
using test_support::ScriptedPeer;
using test_support::SeenRequest;
using Lines = std::vector<std::string>;

const std::string k_image_digest = "sha256:" + std::string(64, 'd');
const std::string k_image_answer =
    R"({"Id":"sha256:1","RepoTags":["127.0.0.1:5000/shop/web:7","redis:latest"],
  "RepoDigests":["127.0.0.1:5000/shop/web@)" +
    k_image_digest + R"(","redis@)" + k_image_digest + R"(","<none>@<none>"],
  "Os":"linux","Architecture":"amd64","Size":5368709120,
  "Config":{"Labels":{"a":"b"},"Env":["PATH=/bin","X=1"],"ExposedPorts":{"8000/tcp":{},"53/udp":{}},
            "Healthcheck":{"Test":["CMD","/app"]}}})";

class ImagesTest : public EngineFixture {
 protected:
  /// An engine whose pull answers `stream` and which then has the image, or has not.
  void serve_pull(std::string stream, bool has_image = true) {
    serve([stream = std::move(stream), has_image](const SeenRequest& request) {
      if (request.method == "POST") return stream;
      return has_image ? answer(200, k_image_answer) : answer(404, R"({"message":"No such image"})");
    });
  }
  ImageDetails pull(const std::string& reference = "127.0.0.1:5000/shop/web:7", ProgressSink progress = {}) {
    return run(pull_image(*engine_, parse_image_reference(reference), {}, std::move(progress)));
  }
};

constexpr const char* k_status = R"({"status":"Pulling from shop/web","id":"7"})"
                                 "\r\n";
constexpr const char* k_layer =
    R"({"status":"Downloading","progressDetail":{"current":1024,"total":18446744073709551615},"progress":"[=>]","id":"aa"})"
    "\r\n";
constexpr const char* k_error =
    R"({"errorDetail":{"code":0,"message":"manifest unknown"},"error":"the old text"})"
    "\r\n";

TEST_F(ImagesTest, pull_asks_for_one_tag_and_proves_success_by_inspect) {
  serve_pull(chunked_answer({k_status, k_layer, R"({"status":"Download complete"})"}));
  std::vector<ImageProgress> shown;
  const ImageDetails image = pull("127.0.0.1:5000/shop/web:7",
                                  [&shown](const ImageProgress& progress) { shown.push_back(progress); });
  EXPECT_EQ(image.id, ImageId("sha256:1"));
  EXPECT_EQ(seen(),
            (Lines{"GET /_ping", "POST /v1.41/images/create?fromImage=127.0.0.1%3A5000%2Fshop%2Fweb&tag=7",
                   "GET /v1.41/images/127.0.0.1:5000/shop/web:7/json"}));
  EXPECT_EQ(server_->requests()[1].header("X-Registry-Auth"), "e30=");
  EXPECT_EQ(server_->requests()[1].header("Content-Length"), "0");
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_EQ(shown[1].id, "aa");
  EXPECT_EQ(shown[1].status, "Downloading");
  EXPECT_EQ(shown[1].current_bytes, 1024U);
  EXPECT_EQ(shown[1].total_bytes, UINT64_MAX);
}

TEST_F(ImagesTest, a_platform_is_pulled_and_where_the_engine_can_tell_it_is_that_one_that_is_described) {
  const auto pull_arm = [this](const char* version) {
    serve(
        [](const SeenRequest& request) {
          return request.method == "POST" ? chunked_answer({k_status}) : answer(200, k_image_answer);
        },
        version);
    run(pull_image(*engine_, parse_image_reference("r.io/web:7"),
                   {.platform = Platform{.os = "linux", .architecture = "arm64"}}));
    return seen();
  };
  const std::string query = "?fromImage=r.io%2Fweb&tag=7&platform=linux%2Farm64";
  EXPECT_EQ(pull_arm("1.48"),
            (Lines{"GET /_ping", "POST /v1.48/images/create" + query, "GET /v1.48/images/r.io/web:7/json"}));
  EXPECT_EQ(pull_arm("1.49"),
            (Lines{"GET /_ping", "POST /v1.49/images/create" + query,
                   "GET /v1.49/images/r.io/web:7/"
                   "json?platform=%7B%22architecture%22%3A%22arm64%22%2C%22os%22%3A%22linux%22%7D"}));
}

TEST_F(ImagesTest, a_reference_without_tag_means_latest_and_never_all_tags) {
  serve_pull(chunked_answer({k_status}));
  pull("redis");
  EXPECT_EQ(seen()[1], "POST /v1.41/images/create?fromImage=docker.io%2Flibrary%2Fredis&tag=latest");
  EXPECT_EQ(seen()[2], "GET /v1.41/images/docker.io/library/redis:latest/json");
}

TEST_F(ImagesTest, a_digest_goes_into_the_tag_and_wins_over_it) {
  serve_pull(chunked_answer({k_status}));
  pull("r.io/web:7@" + k_image_digest);
  const std::string encoded = "sha256%3A" + std::string(64, 'd');
  EXPECT_EQ(seen()[1], "POST /v1.41/images/create?fromImage=r.io%2Fweb&tag=" + encoded);
  EXPECT_EQ(seen()[2], "GET /v1.41/images/r.io/web@" + k_image_digest + "/json");
}

TEST_F(ImagesTest, pull_fails_when_the_error_comes_inside_a_200_stream) {
  const std::vector<std::vector<std::string>> streams = {
      {k_error}, {k_error, k_status, k_layer}, {k_status, k_error, k_layer}, {k_status, k_layer, k_error}};
  for (const auto& messages : streams) {
    serve_pull(chunked_answer(messages));
    const Error error = expect_error([&] { pull(); });
    EXPECT_EQ(error.kind(), ErrorKind::in_stream);
    EXPECT_EQ(error.engine_text(), "manifest unknown") << "errorDetail goes before the deprecated text";
    EXPECT_EQ(error.endpoint(), "POST /images/create");
    EXPECT_EQ(seen().size(), 2U) << "an image that was there before must not be taken for success";
  }
}

TEST_F(ImagesTest, pull_fails_on_every_shape_of_error_message) {
  for (const auto& [message, text] :
       {std::pair{R"({"error":"only the old text"})", "only the old text"},
        {R"({"errorDetail":{"message":"only the new"}})", "only the new"},
        {R"({"errorDetail":{}})", "an error without text"},
        {R"({"errorDetail":{"message":"no newline, last message"},"id":"x"})", "no newline"}}) {
    serve_pull(chunked_answer({k_status, message}));
    expect_error([&] { pull(); }, ErrorKind::in_stream, text);
  }
}

TEST_F(ImagesTest, pull_is_the_same_however_the_stream_is_split) {
  const std::string bytes = chunked_answer({k_status, std::string(k_layer) + k_error});
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    serve_script([bytes, at](ScriptedPeer& peer) {
      peer.read_request();
      peer.send(test_support::pong());
      peer.read_request();
      peer.send_split(bytes, at);
      peer.wait_for_client_to_close();
    });
    EXPECT_EQ(expect_error([&] { pull(); }).engine_text(), "manifest unknown") << "split at " << at;
  }
}

TEST_F(ImagesTest, a_pull_cut_short_is_truncated_wherever_it_is_cut) {
  const std::string bytes = chunked_answer({k_status, k_layer});
  const std::size_t head = bytes.find("\r\n\r\n") + 4;
  for (std::size_t at = head; at < bytes.size(); ++at) {
    serve_script([bytes, at](ScriptedPeer& peer) {
      peer.read_request();
      peer.send(test_support::pong());
      peer.read_request();
      peer.send(std::string_view(bytes).substr(0, at));
      peer.close();
    });
    EXPECT_EQ(expect_error([&] { pull(); }).kind(), ErrorKind::truncated) << "cut at " << at;
  }
}

TEST_F(ImagesTest, a_message_cut_short_is_truncated_even_if_http_ends_well) {
  serve_pull(chunked_answer({k_status, R"({"status":"Down)"}));
  EXPECT_EQ(expect_error([&] { pull(); }).kind(), ErrorKind::truncated);
}

TEST_F(ImagesTest, a_last_message_without_newline_counts) {
  serve_pull(chunked_answer({k_status, R"({"status":"Status: Image is up to date"})"}));
  EXPECT_EQ(pull().id, ImageId("sha256:1"));
}

TEST_F(ImagesTest, a_pull_after_which_there_is_no_image_failed) {
  serve_pull(chunked_answer({R"({"status":"Status: Downloaded newer image"})"}), false);
  expect_error([&] { pull(); }, ErrorKind::protocol, "the engine has no image 127.0.0.1:5000/shop/web:7");
}

TEST_F(ImagesTest, a_pull_refused_before_the_stream_keeps_the_engines_words) {
  serve_pull(answer(404, R"({"message":"manifest for web:7 not found: manifest unknown"})"));
  expect_error([&] { pull(); }, ErrorKind::not_found, "manifest unknown");
  serve_pull(answer(401, R"({"message":"unauthorized: authentication required"})"));
  expect_error([&] { pull(); }, ErrorKind::unauthorized, "check the credentials");
}

TEST_F(ImagesTest, silence_in_a_pull_is_a_timeout) {
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test_support::pong());
    peer.read_request();
    peer.send(k_chunked_head);
    peer.send(chunk(k_status));
    peer.wait_for_client_to_close();
  });
  const auto pull_impatiently = [&] {
    run(pull_image(*engine_, parse_image_reference("r.io/web:7"), {.idle = std::chrono::milliseconds{30}}));
  };
  const Error error = expect_error(pull_impatiently);
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_EQ(error.endpoint(), "POST /images/create");
}

TEST_F(ImagesTest, push_sends_tag_and_credentials) {
  serve_bytes(chunked_answer({R"({"status":"Pushed"})"}));
  run(push_image(*engine_, parse_image_reference("r.io/shop/web:7"),
                 {.credentials = RegistryCredentials{"a", Secret("bc"), "r.io"}}));
  EXPECT_EQ(call_seen().target, "/v1.41/images/r.io/shop/web/push?tag=7");
  EXPECT_EQ(call_seen().header("X-Registry-Auth"),
            "eyJwYXNzd29yZCI6ImJjIiwic2VydmVyYWRkcmVzcyI6InIuaW8iLCJ1c2VybmFtZSI6ImEifQ==");
}

TEST_F(ImagesTest, push_fails_when_the_error_comes_inside_a_200_stream) {
  serve_bytes(chunked_answer({R"({"status":"Preparing"})", k_error}));
  expect_error([&] { run(push_image(*engine_, parse_image_reference("r.io/web:7"))); }, ErrorKind::in_stream,
               "manifest unknown");
}

TEST_F(ImagesTest, a_digest_cannot_be_pushed_or_given_away) {
  serve_bytes("");
  const ImageReference reference = parse_image_reference("r.io/web@" + k_image_digest);
  EXPECT_EQ(expect_error([&] { run(push_image(*engine_, reference)); }).kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(expect_error([&] { run(tag_image(*engine_, "sha256:1", reference)); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_TRUE(seen().empty());
}

TEST_F(ImagesTest, a_tag_is_resolved_by_the_registry_through_the_engine) {
  serve_bytes(answer(200, R"({"Descriptor":{"mediaType":"m","digest":")" + k_image_digest +
                              R"(","size":428},"Platforms":[]})"));
  EXPECT_EQ(run(resolve_digest(*engine_, parse_image_reference("r.io/shop/web:7"))), Digest(k_image_digest));
  EXPECT_EQ(call_seen().target, "/v1.41/distribution/r.io/shop/web:7/json");
  EXPECT_EQ(call_seen().header("X-Registry-Auth"), "e30=");
}

TEST_F(ImagesTest, resolving_fails_with_the_registrys_reason_or_says_that_the_engine_cannot) {
  const auto resolve = [&] { run(resolve_digest(*engine_, parse_image_reference("r.io/web:7"))); };
  serve_bytes(answer(401, R"({"message":"no basic auth credentials"})"));
  EXPECT_EQ(expect_error(resolve).kind(), ErrorKind::unauthorized);
  serve_bytes(answer(404, R"({"message":"manifest unknown"})"));
  EXPECT_EQ(expect_error(resolve).kind(), ErrorKind::not_found);
  serve_bytes(answer(404, "Not Found\n"));
  EXPECT_EQ(expect_error(resolve).kind(), ErrorKind::unsupported);
  serve_bytes(answer(200, R"({"Descriptor":{"digest":"latest"}})"));
  EXPECT_EQ(expect_error(resolve).kind(), ErrorKind::protocol);
}

TEST_F(ImagesTest, inspect_reads_an_image) {
  serve_bytes(answer(200, k_image_answer));
  const ImageDetails image = run(inspect_image(*engine_, "r.io/web:7"));
  EXPECT_EQ(image.repo_tags, (Lines{"127.0.0.1:5000/shop/web:7", "redis:latest"}));
  EXPECT_EQ(image.labels, (std::map<std::string, std::string>{{"a", "b"}}));
  EXPECT_EQ(image.environment, (Lines{"PATH=/bin", "X=1"}));
  EXPECT_EQ(image.os, "linux");
  EXPECT_EQ(image.architecture, "amd64");
  EXPECT_EQ(image.size_bytes, 5368709120U);
  EXPECT_TRUE(image.has_healthcheck);
  EXPECT_EQ(image.exposed_tcp_ports, (std::vector<std::uint16_t>{8000}));
}

TEST_F(ImagesTest, the_digest_of_a_repository_is_found_under_both_its_names) {
  serve_bytes(answer(200, k_image_answer));
  const ImageDetails image = run(inspect_image(*engine_, "x"));
  EXPECT_EQ(image.find_digest("127.0.0.1:5000/shop/web"), Digest(k_image_digest));
  EXPECT_EQ(image.find_digest("docker.io/library/redis"), Digest(k_image_digest));
  EXPECT_EQ(image.find_digest("redis"), Digest(k_image_digest));
  EXPECT_EQ(image.find_digest("shop/web"), std::nullopt);
}

TEST_F(ImagesTest, an_image_without_fields_is_read) {
  for (const char* body : {R"({"Id":"sha256:1"})", R"({"RepoTags":null,"RepoDigests":null,"Config":null})",
                           R"({"Config":{"Healthcheck":{"Test":["NONE"]}}})"}) {
    serve_bytes(answer(200, body));
    EXPECT_FALSE(run(inspect_image(*engine_, "x")).has_healthcheck);
  }
}

TEST_F(ImagesTest, remove_and_tag_send_what_they_should) {
  serve([](const SeenRequest& request) { return answer(request.method == "POST" ? 201 : 200, "[]"); });
  run(tag_image(*engine_, "sha256:1", parse_image_reference("r.io/web:8")));
  EXPECT_EQ(run(remove_image(*engine_, "r.io/web:8")), RemoveResult::removed);
  run(remove_image(*engine_, "r.io/web:8", true));
  EXPECT_EQ(seen(), (Lines{"GET /_ping", "POST /v1.41/images/sha256:1/tag?repo=r.io%2Fweb&tag=8",
                           "DELETE /v1.41/images/r.io/web:8", "DELETE /v1.41/images/r.io/web:8?force=1"}));
  serve_bytes(answer(404, R"({"message":"No such image"})"));
  EXPECT_EQ(run(remove_image(*engine_, "x")), RemoveResult::was_absent);
  EXPECT_FALSE(run(find_image(*engine_, "x")));
}

}  // namespace
}  // namespace halcyon::docker_api
