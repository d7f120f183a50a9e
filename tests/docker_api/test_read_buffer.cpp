#include "docker_api/read_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace halcyon::docker_api {
namespace {

constexpr std::size_t k_kibibyte = 1024;

/// Fills all the room there is with `byte`; how much that was.
std::size_t fill(ReadBuffer& buffer, char byte) {
  const std::span<char> room = buffer.prepare();
  std::fill(room.begin(), room.end(), byte);
  buffer.commit(room.size());
  return room.size();
}

TEST(ReadBufferTest, it_starts_small_and_grows_only_when_a_read_has_filled_it) {
  ReadBuffer buffer;
  EXPECT_EQ(buffer.prepare().size(), 8 * k_kibibyte);
  buffer.commit(100);
  buffer.consume(100);
  EXPECT_EQ(buffer.prepare().size(), 8 * k_kibibyte);
  EXPECT_EQ(fill(buffer, 'a'), 8 * k_kibibyte);
  buffer.consume(buffer.size());
  EXPECT_EQ(buffer.prepare().size(), 64 * k_kibibyte);
}

TEST(ReadBufferTest, what_was_not_consumed_is_kept_when_it_grows_and_moves) {
  ReadBuffer buffer;
  fill(buffer, 'a');
  buffer.consume(8 * k_kibibyte - 3);
  fill(buffer, 'b');
  fill(buffer, 'c');
  EXPECT_TRUE(buffer.view().starts_with("aaabbb"));
  EXPECT_EQ(buffer.size(), 128 * k_kibibyte);
  EXPECT_EQ(std::count(buffer.view().begin(), buffer.view().end(), 'b'), 64 * k_kibibyte - 3);
}

TEST(ReadBufferTest, room_that_is_not_needed_can_be_given_back) {
  ReadBuffer buffer;
  EXPECT_FALSE(buffer.is_spare());
  fill(buffer, 'a');
  buffer.consume(8 * k_kibibyte);
  EXPECT_FALSE(buffer.is_spare()) << "the first room is as little as a wait needs";
  fill(buffer, 'b');
  EXPECT_FALSE(buffer.is_spare()) << "it holds something";
  buffer.consume(64 * k_kibibyte);
  ASSERT_TRUE(buffer.is_spare());
  buffer.release();
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(fill(buffer, 'c'), 8 * k_kibibyte);
  EXPECT_EQ(buffer.view(), std::string(8 * k_kibibyte, 'c'));
}

}  // namespace
}  // namespace halcyon::docker_api
