// TLS as a transport: the same calls, who is trusted, how it ends, and half-close.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <memory>

#include "docker_api/engine.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/http.hpp"
#include "docker_api/system.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tls_front.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using test_support::answer;
using test_support::engine_script;
using test_support::run;
using test_support::ScriptedPeer;
using test_support::ScriptedServer;
using test_support::TlsFront;
using test_support::TlsVersion;

constexpr TlsVersion k_versions[] = {TlsVersion::tls12, TlsVersion::tls13};

/// Writes the key again, with a passphrase.
void lock_key(const std::string& from, const std::string& to) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(from.c_str(), "r"), std::fclose);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(to.c_str(), "w"), std::fclose);
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const std::string word = "open";
  ASSERT_EQ(PEM_write_PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(),
                                 reinterpret_cast<const unsigned char*>(word.data()),
                                 static_cast<int>(word.size()), nullptr, nullptr),
            1);
}

class TlsTest : public ::testing::Test {
 protected:
  EngineAddress address(const TlsFront& front, TlsSettings settings, std::string host = "localhost") const {
    return TcpAddress{std::move(host), front.port(), std::move(settings)};
  }
  TlsSettings trusting() const { return {.ca_file = certificates_.ca}; }
  TlsSettings with_identity() const {
    return {.ca_file = certificates_.ca,
            .certificate_file = certificates_.client_certificate,
            .key_file = certificates_.client_key};
  }
  void expect_refused(const EngineAddress& where, const char* words) {
    Engine engine(io_.get_executor(), where);
    expect_error([&] { run(io_, ping(engine)); }, ErrorKind::unreachable, words);
  }

  const testing::TemporaryDirectory directory_;
  const test_support::Certificates certificates_{directory_.path()};
  asio::io_context io_;
  const ScriptedServer server_{engine_script([](const auto&) { return answer(200, "{}"); })};
};

TEST_F(TlsTest, an_engine_is_spoken_to_over_one_kept_connection) {
  for (const TlsVersion version : k_versions) {
    const auto before = server_.connections();
    const TlsFront front(certificates_, server_.address(), {.version = version});
    for (const char* host : {"localhost", "127.0.0.1"}) {
      Engine engine(io_.get_executor(), address(front, trusting(), host));
      EXPECT_EQ(to_string(run(io_, engine.api_version())), "1.41");
      EXPECT_EQ(run(io_, engine.call({.path = "/info"})).body, "{}");
      // The session tickets of TLS 1.3 make an idle connection readable; it is not stale for that.
      EXPECT_EQ(run(io_, engine.call({.method = "POST", .path = "/containers/x/start"})).body, "{}");
    }
    EXPECT_EQ(server_.connections() - before, 2U);
  }
}

TEST_F(TlsTest, large_bodies_pass_in_both_directions) {
  const std::string body(3'000'000, 'b');
  const ScriptedServer server(engine_script([](const auto& request) { return answer(200, request.body); }));
  const TlsFront front(certificates_, server.address());
  Engine engine(io_.get_executor(), address(front, trusting()));
  EXPECT_EQ(run(io_, engine.call({.method = "POST", .path = "/x", .json_body = body})).body, body);
}

TEST_F(TlsTest, only_a_certificate_of_the_trusted_authority_and_of_that_name_is_accepted) {
  const TlsFront front(certificates_, server_.address());
  expect_refused(address(front, {.ca_file = certificates_.other_ca}), "certificate is not accepted");
  expect_refused(address(front, {}), "certificate is not accepted");
  TlsSettings other_name = trusting();
  other_name.server_name = "docker.example";
  expect_refused(address(front, other_name), "hostname mismatch");
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(TlsTest, without_verification_anybody_is_accepted) {
  const TlsFront front(certificates_, server_.address());
  Engine engine(io_.get_executor(), address(front, {.verify = false}));
  EXPECT_EQ(to_string(run(io_, engine.api_version())), "1.41");
}

TEST_F(TlsTest, a_client_certificate_is_shown_and_its_absence_explained) {
  for (const TlsVersion version : k_versions) {
    const TlsFront front(certificates_, server_.address(),
                         {.version = version, .wants_client_certificate = true});
    Engine engine(io_.get_executor(), address(front, with_identity()));
    EXPECT_EQ(to_string(run(io_, engine.api_version())), "1.41");
    Engine nobody(io_.get_executor(), address(front, trusting()));
    const Error error = expect_error([&] { run(io_, ping(nobody)); });
    EXPECT_EQ(error.kind(), ErrorKind::unreachable) << error.what();
  }
}

TEST_F(TlsTest, files_that_cannot_be_used_are_named) {
  const TlsFront front(certificates_, server_.address());
  const auto refused = [&](TlsSettings settings, const std::string& words) {
    Engine engine(io_.get_executor(), address(front, std::move(settings)));
    expect_error([&] { run(io_, ping(engine)); }, ErrorKind::invalid_argument, words);
  };
  refused({.ca_file = directory_ / "absent.pem"}, "absent.pem");
  TlsSettings no_key = trusting();
  no_key.certificate_file = certificates_.client_certificate;
  refused(no_key, "both a certificate file and a key file");
  TlsSettings wrong_key = with_identity();
  wrong_key.key_file = certificates_.server_key;
  refused(wrong_key, certificates_.server_key);
  TlsSettings locked_key = with_identity();
  locked_key.key_file = directory_ / "locked.pem";
  lock_key(certificates_.client_key, locked_key.key_file);
  refused(locked_key, "without a passphrase");
}

TEST_F(TlsTest, a_peer_that_does_not_speak_tls_is_told_apart) {
  const ScriptedServer plain(
      [](ScriptedPeer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"); },
      ScriptedServer::Transport::tcp);
  TcpAddress where = std::get<TcpAddress>(plain.address());
  where.tls = trusting();
  expect_refused(where, "it does not speak TLS");
}

TEST_F(TlsTest, an_end_without_notice_is_no_end_of_a_body) {
  for (const bool without_notice : {false, true}) {
    const ScriptedServer server([](ScriptedPeer& peer) {
      peer.read_request();
      peer.send("HTTP/1.1 200 OK\r\n\r\nhalf of it");  // ends with the connection
      peer.close();
    });
    const TlsFront front(certificates_, server.address(), {.ends_without_notice = without_notice});
    const auto ask = [&](EngineAddress where) -> asio::awaitable<HttpResponse> {
      auto connection =
          co_await HttpConnection::open(io_.get_executor(), std::move(where), std::chrono::seconds(5));
      co_return co_await exchange(*connection, {}, {});
    };
    if (!without_notice) {
      EXPECT_EQ(run(io_, ask(address(front, trusting()))).body, "half of it");
      continue;
    }
    expect_error([&] { run(io_, ask(address(front, trusting()))); }, ErrorKind::truncated, "close_notify");
  }
}

/// Writes, ends its side, and reads what comes after that.
asio::awaitable<std::string> talk(Engine& engine) {
  ProcessStream stream = co_await start_exec(engine, ExecId("e1"), true);
  EXPECT_TRUE(co_await stream.write("question"));
  co_await stream.end_writing();
  std::string heard;
  while (const auto piece = co_await stream.next()) heard += piece->bytes;
  co_return heard;
}

TEST_F(TlsTest, our_side_is_ended_and_the_answer_still_read) {
  for (const TlsVersion version : k_versions) {
    std::string taken;
    const ScriptedServer server([&taken](ScriptedPeer& peer) {
      while (peer.read_request() && peer.request().target == "/_ping") peer.send(test_support::pong());
      peer.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst ");
      taken = peer.read_to_end();
      peer.send("and last");
      peer.close();
    });
    const TlsFront front(certificates_, server.address(), {.version = version});
    Engine engine(io_.get_executor(), address(front, trusting()));
    EXPECT_EQ(run(io_, talk(engine)), "first and last");
    EXPECT_EQ(taken, "question");
  }
}

}  // namespace
}  // namespace halcyon::docker_api
