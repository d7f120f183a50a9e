#include "docker_api/docker_context.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/docker_api/error_checks.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

// echo -n NAME | sha256sum
constexpr const char* k_prod_id = "6754af9632a2745e85c293e5aac0863370d9bd3330b9938c00cadfd215227d77";

class DockerContextTest : public ::testing::Test {
 protected:
  void store(const std::string& meta) {
    std::filesystem::create_directories(directory_ / "contexts/meta/" + id_);
    testing::write_text(directory_ / "contexts/meta/" + id_ + "/meta.json", meta);
  }
  std::string tls(const std::string& name) const {
    return directory_ / "contexts/tls/" + id_ + "/docker" + (name.empty() ? "" : "/" + name);
  }
  void store_tls(const std::vector<std::string>& names) {
    std::filesystem::create_directories(tls(""));
    for (const std::string& name : names) testing::write_text(tls(name), "PEM");
  }
  DockerContext inspect() const { return inspect_context(directory_.path(), "prod"); }

  testing::TemporaryDirectory directory_;
  std::string id_ = context_directory_name("prod");
};

TEST_F(DockerContextTest, a_context_lies_in_the_directory_of_its_name_s_sha256) {
  EXPECT_EQ(context_directory_name("prod"), k_prod_id);
  EXPECT_EQ(context_directory_name(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(DockerContextTest, the_host_is_taken_as_stored) {
  store(R"({"Name":"prod","Metadata":{"Description":"x"},
            "Endpoints":{"docker":{"Host":"ssh://admin@prod","SkipTLSVerify":false},"kubernetes":{}}})");
  const DockerContext context = inspect();
  EXPECT_EQ(context.name, "prod");
  EXPECT_EQ(context.host, "ssh://admin@prod");
  EXPECT_EQ(context.tls, std::nullopt);
}

TEST_F(DockerContextTest, lower_case_fields_and_a_missing_host_are_accepted) {
  store(R"({"name":"prod","endpoints":{"docker":{}}})");
  EXPECT_EQ(inspect().host, "");
}

TEST_F(DockerContextTest, tls_is_what_its_directory_holds) {
  store(R"({"Endpoints":{"docker":{"Host":"tcp://prod:2376"}}})");
  store_tls({});
  EXPECT_EQ(inspect().tls, TlsSettings{});
  store_tls({"ca.pem"});
  EXPECT_EQ(inspect().tls, TlsSettings{.ca_file = tls("ca.pem")});
  store_tls({"cert.pem"});
  EXPECT_EQ(inspect().tls, TlsSettings{.ca_file = tls("ca.pem")}) << "a certificate without a key is none";
  store_tls({"key.pem"});
  EXPECT_EQ(inspect().tls,
            (TlsSettings{
                .ca_file = tls("ca.pem"), .certificate_file = tls("cert.pem"), .key_file = tls("key.pem")}));
}

TEST_F(DockerContextTest, skipping_the_verification_means_tls_even_without_files) {
  store(R"({"Endpoints":{"docker":{"Host":"tcp://prod:2376","SkipTLSVerify":true}}})");
  EXPECT_EQ(inspect().tls, TlsSettings{.verify = false});
  store_tls({"ca.pem"});
  EXPECT_EQ(inspect().tls, (TlsSettings{.ca_file = tls("ca.pem"), .verify = false}));
}

TEST_F(DockerContextTest, a_name_is_letters_digits_and_four_marks) {
  for (const char* good : {"ab", "prod-1", "7.b_c+d", "Prod"}) EXPECT_TRUE(is_context_name(good)) << good;
  for (const char* bad : {"", "a", ".a", "-a", "a/b", "../../x", "a b", "a\n", "\u00e4b", "a\\b"}) {
    EXPECT_FALSE(is_context_name(bad)) << bad;
    expect_error([&] { inspect_context(directory_.path(), bad); }, ErrorKind::invalid_argument,
                 "is no name of a context");
  }
}

TEST_F(DockerContextTest, a_context_that_cannot_be_used_says_why) {
  const auto expect = [&](const std::string& part) {
    expect_error([&] { inspect(); }, ErrorKind::invalid_argument, part);
  };
  expect("docker context \"prod\": there is no " + directory_.path() + "/contexts/meta/" + id_ +
         "/meta.json; docker context ls shows those that exist");
  store("{");
  expect("meta.json: it is not JSON (line 1); remove and create the context \"prod\" again");
  store("");
  expect("Endpoints names no \"docker\"");
  store(R"({"Endpoints":{"kubernetes":{}}})");
  expect("Endpoints names no \"docker\"");
  store(R"({"Endpoints":{"docker":{"Host":7}}})");
  expect("Host should be a string and is number");
  store(R"({"Endpoints":{"docker":{"SkipTLSVerify":"yes"}}})");
  expect("SkipTLSVerify should be a boolean and is string");
  expect_error([&] { inspect_context(directory_.path(), "default"); }, ErrorKind::invalid_argument,
               "is in no store");
  expect_error([&] { inspect_context("", "prod"); }, ErrorKind::invalid_argument,
               "set HOME or DOCKER_CONFIG");
}

}  // namespace
}  // namespace halcyon::docker_api
