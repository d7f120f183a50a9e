#include "docker_api/container_archive.hpp"

#include "docker_api/base64.hpp"
#include "docker_api/image_save.hpp"
#include "docker_api/tar_stream.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using test_support::chunked_answer;
using test_support::ScriptedPeer;

// Made with base64(1), not with our own encoder: {"name":"ü?>","size":5,"mode":420,
// "mtime":"2026-11-20T10:00:00Z","linkTarget":""} has a '/' in its encoding.
const std::string k_stat =
    "eyJuYW1lIjoiw7w/"
    "PiIsInNpemUiOjUsIm1vZGUiOjQyMCwibXRpbWUiOiIyMDI2LTExLTIwVDEwOjAwOjAwWiIsImxpbmtUYXJnZXQiOiIifQ==";
const std::string k_stat_header = "X-Docker-Container-Path-Stat: " + k_stat + "\r\n";

std::string archive() {
  const auto source = make_tar_source({{.name = "a", .content = "hello"}});
  return std::string(source->read());
}

class ArchiveTest : public EngineFixture {};

boost::asio::awaitable<std::string> read_whole_archive(ArchiveStream& stream) {
  std::string bytes;
  for (std::string_view piece = co_await stream.read_some(); !piece.empty();
       piece = co_await stream.read_some()) {
    bytes += piece;
  }
  co_return bytes;
}

boost::asio::awaitable<std::pair<PathStat, std::string>> get_archive(Engine& engine, std::string path) {
  PathArchive opened = co_await open_archive(engine, k_id, std::move(path));
  std::string bytes = co_await read_whole_archive(opened.archive);
  co_return std::pair{opened.stat, std::move(bytes)};
}

boost::asio::awaitable<std::string> get_export(Engine& engine) {
  ArchiveStream stream = co_await export_container(engine, k_id);
  co_return co_await read_whole_archive(stream);
}

boost::asio::awaitable<std::string> get_images(Engine& engine) {
  ArchiveStream stream = co_await save_images(engine, {"redis:7", "sha256:1"});
  co_return co_await read_whole_archive(stream);
}

TEST_F(ArchiveTest, the_stat_header_is_standard_base64) {
  const PathStat stat = parse_path_stat(k_stat);
  EXPECT_EQ(stat.name, "\xc3\xbc?>");
  EXPECT_EQ(stat.size_bytes, 5U);
  EXPECT_EQ(stat.permissions(), 0644U);
  EXPECT_FALSE(stat.is_directory());
  EXPECT_TRUE(stat.modified_at);
  for (const char* text : {"eyJ", "eyJuYW1lIjoiw7w_PiIs", "e30=e30=", "not base64!!"}) {
    EXPECT_EQ(expect_error([&] { parse_path_stat(text); }).kind(), ErrorKind::protocol) << text;
  }
}

TEST_F(ArchiveTest, the_type_is_in_the_upper_bits) {
  EXPECT_TRUE(parse_path_stat(encode_base64(R"({"name":"d","mode":2147484141})")).is_directory());
  const PathStat link =
      parse_path_stat(encode_base64(R"({"name":"l","mode":134218239,"size":-1,"linkTarget":"/x"})"));
  EXPECT_TRUE(link.is_symbolic_link());
  EXPECT_EQ(link.link_target, "/x");
  EXPECT_EQ(link.size_bytes, 0U);
}

TEST_F(ArchiveTest, a_path_is_looked_at_with_head) {
  serve_bytes("HTTP/1.1 200 OK\r\n" + k_stat_header + "\r\n");
  EXPECT_EQ(run(find_path(*engine_, k_id, "/a b/c"))->size_bytes, 5U);
  EXPECT_EQ(call_seen().method, "HEAD");
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/archive?path=%2Fa%20b%2Fc");
  serve_bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 40\r\n\r\n");
  EXPECT_FALSE(run(find_path(*engine_, k_id, "/absent")));
  serve_bytes("HTTP/1.1 200 OK\r\n\r\n");
  expect_error([&] { run(find_path(*engine_, k_id, "/x")); }, ErrorKind::protocol, "no header X-Docker");
}

TEST_F(ArchiveTest, an_archive_comes_with_its_stat) {
  serve_bytes(chunked_answer({archive().substr(0, 100), archive().substr(100)}, k_stat_header));
  const auto [stat, bytes] = run(get_archive(*engine_, "/a"));
  EXPECT_EQ(stat.size_bytes, 5U);
  EXPECT_EQ(bytes, archive());
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/archive?path=%2Fa");
}

TEST_F(ArchiveTest, an_absent_path_is_not_found) {
  serve_bytes(answer(404, R"({"message":"Could not find the file /x in container web"})"));
  expect_error([&] { run(get_archive(*engine_, "/x")); }, ErrorKind::not_found, "Could not find the file");
}

TEST_F(ArchiveTest, every_archive_with_an_error_at_its_end_fails) {
  const std::string broken = archive().substr(0, 600) + R"({"message":"disk gone"})";
  serve_bytes(chunked_answer({broken}, k_stat_header));
  expect_error([&] { run(get_archive(*engine_, "/a")); }, ErrorKind::in_stream, "disk gone");
  expect_error([&] { run(get_export(*engine_)); }, ErrorKind::in_stream, "disk gone");
  expect_error([&] { run(get_images(*engine_)); }, ErrorKind::in_stream, "disk gone");
}

TEST_F(ArchiveTest, every_archive_cut_short_is_truncated) {
  serve_bytes(chunked_answer({archive().substr(0, 1024)}, k_stat_header));
  EXPECT_EQ(expect_error([&] { run(get_archive(*engine_, "/a")); }).kind(), ErrorKind::truncated);
  EXPECT_EQ(expect_error([&] { run(get_export(*engine_)); }).kind(), ErrorKind::truncated);
  EXPECT_EQ(expect_error([&] { run(get_images(*engine_)); }).kind(), ErrorKind::truncated);
}

TEST_F(ArchiveTest, export_and_save_ask_for_what_they_should) {
  serve_bytes(chunked_answer({archive()}));
  EXPECT_EQ(run(get_export(*engine_)), archive());
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/export");
  serve_bytes(chunked_answer({archive()}));
  EXPECT_EQ(run(get_images(*engine_)), archive());
  EXPECT_EQ(call_seen().target, "/v1.41/images/get?names=redis%3A7&names=sha256%3A1");
}

TEST_F(ArchiveTest, put_sends_the_archive_and_its_options) {
  serve_bytes(answer(200, ""));
  run(put_archive(*engine_, k_id, "/data", make_tar_source({{.name = "a", .content = "hello"}})));
  EXPECT_EQ(call_seen().method, "PUT");
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/archive?path=%2Fdata");
  EXPECT_EQ(call_seen().header("Content-Type"), "application/x-tar");
  EXPECT_EQ(call_seen().body, archive());
  serve_bytes(answer(200, ""));
  run(put_archive(*engine_, k_id, "/", make_tar_source({}),
                  {.may_replace_types = false, .to_container_user = true}));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/archive?path=%2F&noOverwriteDirNonDir=1&copyUIDGID=1");
}

constexpr const char* k_podman_pong =
    "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nLibpod-Api-Version: 4.3.1\r\nContent-Length: 2\r\n\r\nOK";

TEST_F(ArchiveTest, on_podman_an_absent_directory_is_looked_for_before_anything_is_sent) {
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(k_podman_pong);
    peer.read_request();
    peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  });
  expect_error(
      [&] { run(put_archive(*engine_, k_id, "/x", make_tar_source({{.name = "a", .content = "hello"}}))); },
      ErrorKind::not_found, "no /x in it");
  EXPECT_EQ(seen().back(), "HEAD /v1.41/containers/web/archive?path=%2Fx");
}

/// A body that never ends by itself.
class EndlessSource final : public BodySource {
 public:
  std::string_view read() override { return left_-- > 0 ? std::string_view(piece_) : std::string_view{}; }

 private:
  std::string piece_ = std::string(65536, 'p');
  int left_ = 10'000;
};

TEST_F(ArchiveTest, a_refusal_that_comes_while_the_archive_is_sent_is_read) {
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test_support::pong());
    peer.read_head();
    peer.send(answer(404, R"({"message":"no such directory"})"));
    peer.close();
  });
  expect_error([&] { run(put_archive(*engine_, k_id, "/x", std::make_shared<EndlessSource>())); },
               ErrorKind::not_found, "no such directory");
}

TEST_F(ArchiveTest, empty_ids_paths_and_names_are_never_sent) {
  serve_bytes("");
  for (const auto& attempt : std::vector<std::function<void()>>{
           [&] { run(find_path(*engine_, ContainerId(), "/x")); },
           [&] { run(find_path(*engine_, k_id, "")); },
           [&] { run(open_archive(*engine_, k_id, "")); },
           [&] { run(export_container(*engine_, ContainerId())); },
           [&] { run(save_images(*engine_, {})); },
           [&] {
             run(save_images(*engine_, {"x", ""}));
           },
       }) {
    EXPECT_EQ(expect_error(attempt).kind(), ErrorKind::invalid_argument);
  }
  EXPECT_TRUE(seen().empty());
}

TEST(Base64Test, rfc_4648_vectors_and_both_special_characters) {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"},
                                                                    {"\xfb\xff\xbf", "+/+/"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
  }
  for (const char* text : {"Zg=", "Zg", "Z===", "====", "Zm9v\n", "Zm=v", "-_-_"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace halcyon::docker_api
