#include "docker_api/image_reference.hpp"

#include <gtest/gtest.h>

#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

const std::string k_hex(64, 'a');
const std::string k_digest = "sha256:" + k_hex;

TEST(ImageReferenceTest, references_are_read_as_docker_reads_them) {
  struct Row {
    std::string text;
    std::string written;
    std::string registry;
  };
  const Row rows[] = {
      {"redis", "docker.io/library/redis", "docker.io"},
      {"redis:7", "docker.io/library/redis:7", "docker.io"},
      {"library/redis", "docker.io/library/redis", "docker.io"},
      {"docker.io/redis", "docker.io/library/redis", "docker.io"},
      {"index.docker.io/redis:7", "docker.io/library/redis:7", "docker.io"},
      {"docker.io/library/redis", "docker.io/library/redis", "docker.io"},
      {"shop/web", "docker.io/shop/web", "docker.io"},
      {"shop/web:1.0-rc_1", "docker.io/shop/web:1.0-rc_1", "docker.io"},
      {"localhost/web", "localhost/web", "localhost"},
      {"localhost:5000/web:7", "localhost:5000/web:7", "localhost:5000"},
      {"127.0.0.1:5000/shop/web:7", "127.0.0.1:5000/shop/web:7", "127.0.0.1:5000"},
      {"[::1]:5000/web", "[::1]:5000/web", "[::1]:5000"},
      {"registry.example.com/a/b/c", "registry.example.com/a/b/c", "registry.example.com"},
      {"Registry.Example.com/web", "Registry.Example.com/web", "Registry.Example.com"},
      {"web:5000", "docker.io/library/web:5000", "docker.io"},
      {"a--b/c__d/e.f_g", "docker.io/a--b/c__d/e.f_g", "docker.io"},
      {"web@" + k_digest, "docker.io/library/web@" + k_digest, "docker.io"},
      {"r.io:1/web:7@" + k_digest, "r.io:1/web:7@" + k_digest, "r.io:1"},
      {"web:" + std::string(128, 't'), "docker.io/library/web:" + std::string(128, 't'), "docker.io"},
      // 63 digits are a name like any other
      {std::string(63, 'a'), "docker.io/library/" + std::string(63, 'a'), "docker.io"},
  };
  for (const Row& row : rows) {
    const ImageReference reference = parse_image_reference(row.text);
    EXPECT_EQ(reference.to_string(), row.written) << row.text;
    EXPECT_EQ(reference.registry(), row.registry) << row.text;
    EXPECT_EQ(parse_image_reference(row.written), reference) << "normalising twice changes nothing";
  }
}

TEST(ImageReferenceTest, no_tag_is_invented) {
  EXPECT_EQ(parse_image_reference("redis").tag, std::nullopt);
  EXPECT_EQ(parse_image_reference("redis").digest, std::nullopt);
  const ImageReference both = parse_image_reference("r.io/web:7@" + k_digest);
  EXPECT_EQ(both.tag, "7");
  EXPECT_EQ(both.digest, Digest(k_digest));
}

TEST(ImageReferenceTest, broken_references_are_refused_with_the_rule) {
  struct Row {
    std::string text;
    std::string rule;
  };
  const Row rows[] = {
      {"", "is empty"},
      {" redis", "white space"},
      {"redis\n", "white space"},
      {k_hex, "is an image id"},
      {"Redis", "must be lower case"},
      {"r.io/Web", "must be lower case"},
      {"UPPER/web", "must be lower case"},
      {"web:", "the tag must be"},
      {"web:.1", "the tag must be"},
      {"web:-1", "the tag must be"},
      {"web:1+2", "the tag must be"},
      {"web:" + std::string(129, 't'), "longer than 128"},
      {"web@sha256:abc", "the digest must be"},
      {"web@" + std::string("sha256:") + std::string(64, 'A'), "the digest must be"},
      {"web@sha512:" + k_hex, "the digest must be"},
      {"web@", "the digest must be"},
      {"@" + k_digest, "has no name"},
      {":7", "has no name"},
      {"a//b", "each part of the name"},
      {"/a", "each part of the name"},
      {"a/", "each part of the name"},
      {"-a", "each part of the name"},
      {"a-", "each part of the name"},
      {"a..b", "each part of the name"},
      {"a___b", "each part of the name"},
      {"a-_b", "each part of the name"},
      {"a/../b", "each part of the name"},
      {"r.io:x/web", "the registry is not"},
      {"r.io:/web", "the registry is not"},
      {"-r.io/web", "the registry is not"},
      {"r..io/web", "the registry is not"},
      {"[::1/web", "the registry is not"},
      {"r.io/" + std::string(251, 'a'), "longer than 255"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    expect_error([&] { parse_image_reference(row.text); }, ErrorKind::invalid_argument, row.rule);
  }
}

TEST(ImageReferenceTest, digests_and_tags_are_recognised) {
  EXPECT_TRUE(is_digest(k_digest));
  EXPECT_FALSE(is_digest(k_hex));
  EXPECT_FALSE(is_digest(k_digest + "a"));
  EXPECT_FALSE(is_digest("sha256:" + std::string(64, 'g')));
  EXPECT_TRUE(is_tag("_1.0-rc"));
  EXPECT_FALSE(is_tag(""));
  EXPECT_FALSE(is_tag("a/b"));
}

}  // namespace
}  // namespace halcyon::docker_api
