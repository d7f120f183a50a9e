// The life-cycle suite against the real engines of the lab, over every transport; and who is turned away.
#include <filesystem>

#include "docker_api/system.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/lab_engines.hpp"
#include "tests/docker_api/real_engine_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

INSTANTIATE_TEST_SUITE_P(Engines, LifeCycle,
                         ::testing::Values(unix_engine(), tcp_engine(), tls_engine(), ssh_engine(),
                                           podman_engine()),
                         name_of_engine);

class RealTlsTest : public ::testing::Test {
 protected:
  Error expect_refusal(const TlsSettings& settings) {
    Engine engine(
        io_.get_executor(),
        parse_engine_address(required_variable("LAB_ENGINE_TLS", "tcp://127.0.0.1:2376"), {.tls = settings}));
    return expect_error([&] { test_support::run(io_, ping(engine)); });
  }

  const std::string certs_ = required_variable("LAB_CERTS", "/tmp/hl/certs");
  boost::asio::io_context io_;
};

TEST_F(RealTlsTest, the_engine_refuses_who_shows_no_certificate) {
  const Error error = expect_refusal({.ca_file = certs_ + "/ca.pem"});
  EXPECT_EQ(error.kind(), ErrorKind::unreachable) << error.what();
  EXPECT_NE(std::string(error.what()).find("certificate"), std::string::npos) << error.what();
}

TEST_F(RealTlsTest, the_engine_refuses_a_certificate_of_another_authority) {
  TlsSettings settings = certificates_in(certs_ + "/stranger");
  settings.ca_file = certs_ + "/ca.pem";
  const Error error = expect_refusal(settings);
  EXPECT_EQ(error.kind(), ErrorKind::unreachable) << error.what();
  EXPECT_NE(std::string(error.what()).find("certificate"), std::string::npos) << error.what();
}

TEST_F(RealTlsTest, we_refuse_an_engine_of_another_authority_and_one_that_is_not_who_was_meant) {
  TlsSettings settings = certificates_in(certs_);
  settings.ca_file = certs_ + "/stranger/ca.pem";
  const Error stranger = expect_refusal(settings);
  EXPECT_EQ(stranger.kind(), ErrorKind::unreachable) << stranger.what();
  settings = certificates_in(certs_);
  settings.server_name = "engine.test";
  const Error other = expect_refusal(settings);
  EXPECT_EQ(other.kind(), ErrorKind::unreachable) << other.what();
  EXPECT_NE(std::string(other.what()).find("hostname mismatch"), std::string::npos) << other.what();
}

TEST(RealSshTest, a_host_that_ssh_does_not_know_is_not_spoken_to_and_ssh_says_so) {
  const testing::TemporaryDirectory bin;
  const std::string lab_ssh = required_variable("LAB_SSH_BIN", "/tmp/hl/ssh/bin") + "/ssh";
  testing::write_text(bin / "ssh",
                      "#!/bin/sh\nexec " + lab_ssh + " -o UserKnownHostsFile=/dev/null \"$@\"\n");
  std::filesystem::permissions(bin / "ssh", std::filesystem::perms::owner_all);
  boost::asio::io_context io;
  Engine engine(io.get_executor(),
                parse_engine_address(required_variable("LAB_ENGINE_SSH", "ssh://root@127.0.0.1:22")),
                {.environment = {"PATH=" + bin.path() + ":/usr/bin:/bin"}});
  expect_error([&] { test_support::run(io, ping(engine)); }, ErrorKind::unreachable, "ssh says: ");
}

}  // namespace
}  // namespace halcyon::docker_api
