#include <gtest/gtest.h>

#include "cli/error.hpp"
#include "cli/image_arguments.hpp"

namespace halcyon::cli {
namespace {

using Images = std::map<std::string, std::string>;

std::string refusal(const std::vector<std::string>& words) {
  try {
    parse_images(words);
  } catch (const Error& error) {
    EXPECT_EQ(error.outcome(), Outcome::usage);
    return error.what();
  }
  return "accepted";
}

const std::string k_digest = "sha256:" + std::string(64, 'a');

TEST(ImageArguments, a_tag_alone_is_meant_for_every_service) {
  EXPECT_EQ(parse_images({"sha-3f9c2ab"}).images, (Images{{"", "sha-3f9c2ab"}}));
}

TEST(ImageArguments, services_are_named_with_tags_and_digests) {
  EXPECT_EQ(parse_images({"web=sha-1", "api=" + k_digest, "v2.0_x"}).images,
            (Images{{"web", "sha-1"}, {"api", k_digest}, {"", "v2.0_x"}}));
  EXPECT_EQ(parse_images({}).images, Images{});
}

TEST(ImageArguments, a_whole_reference_is_refused_with_the_advice_to_write_the_tag_alone) {
  EXPECT_EQ(refusal({"registry.example.com/shop/web:sha-1"}),
            "'registry.example.com/shop/web:sha-1' holds neither a tag nor a digest (sha256: and 64 hex "
            "digits); write "
            "the tag alone: halcyon.toml has the repository");
}

TEST(ImageArguments, what_is_neither_tag_nor_digest_is_refused) {
  for (const char* word : {"web=", "", "-x", "web=a b", "a\nb", "sha256:123"}) {
    EXPECT_NE(refusal({word}), "accepted") << word;
  }
  EXPECT_EQ(refusal({"web="}),
            "'web=' holds neither a tag nor a digest (sha256: and 64 hex digits); write SERVICE=TAG, or TAG "
            "for every "
            "web service");
}

TEST(ImageArguments, a_name_that_no_service_can_have_is_refused) {
  EXPECT_EQ(
      refusal({"Web=sha-1"}),
      "'Web=sha-1' does not begin with the name of a service (1 to 40 of a-z, 0-9 and '-', beginning with a "
      "letter, not ending in '-', no '--'); write SERVICE=TAG");
  EXPECT_NE(refusal({"=sha-1"}), "accepted");
}

TEST(ImageArguments, the_same_service_twice_is_refused) {
  EXPECT_EQ(refusal({"web=a", "web=b"}), "the service web is named twice; name it once");
  EXPECT_EQ(refusal({"a", "b"}), "'a' and 'b' are both meant for every web service; write SERVICE=TAG");
}

}  // namespace
}  // namespace halcyon::cli
