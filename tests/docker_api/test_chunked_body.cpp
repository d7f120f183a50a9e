#include "docker_api/chunked_body.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace halcyon::docker_api {
namespace {

enum class End { done, broken, open };

struct Decoded {
  std::string body;
  End end = End::open;
  std::size_t left_bytes = 0;  // behind the end
  std::vector<std::size_t> pieces;
  bool operator==(const Decoded&) const = default;
};

/// Feeds `parts` one after the other, as a connection does: what was not used is given again with what
/// follows.
Decoded decode(const std::vector<std::string>& parts) {
  ChunkedBody chunks;
  Decoded decoded;
  std::string waiting;
  for (const std::string& part : parts) {
    waiting += part;
    for (;;) {
      const ChunkedBody::Step step = chunks.take(waiting);
      decoded.body += step.piece;
      if (!step.piece.empty()) decoded.pieces.push_back(step.piece.size());
      waiting.erase(0, step.used_bytes);
      if (step.piece.empty()) break;
    }
  }
  decoded.end = chunks.is_done() ? End::done : chunks.is_broken() ? End::broken : End::open;
  decoded.left_bytes = waiting.size();
  return decoded;
}

Decoded decode(const std::string& bytes) { return decode(std::vector{bytes}); }

std::string chunk(const std::string& bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx", bytes.size());
  return std::string(size) + "\r\n" + bytes + "\r\n";
}

const std::string k_large(6'000, 'L');
const std::string k_decoded = "one\r\ntwo" + k_large + "three0\r\n\r\nfour";
const std::string k_chunked = chunk("one\r\n") + "0003;name=\"v\"\r\ntwo\r\n" + chunk(k_large) +
                              "5 \r\nthree\r\n" + chunk("0\r\n\r\nfour") +
                              "0\r\nDigest: x\r\nOther: y\r\n\r\n";

TEST(ChunkedBodyTest, a_body_is_whole_wherever_it_is_split) {
  for (std::size_t at = 0; at <= k_chunked.size(); ++at) {
    const Decoded decoded = decode({k_chunked.substr(0, at), k_chunked.substr(at)});
    ASSERT_EQ(decoded.body, k_decoded) << at;
    ASSERT_EQ(decoded.end, End::done) << at;
    ASSERT_EQ(decoded.left_bytes, 0U) << at;
  }
}

TEST(ChunkedBodyTest, single_bytes_are_enough) {
  std::vector<std::string> bytes;
  for (const char byte : k_chunked) bytes.emplace_back(1, byte);
  const Decoded decoded = decode(bytes);
  EXPECT_EQ(decoded.body, k_decoded);
  EXPECT_EQ(decoded.end, End::done);
}

TEST(ChunkedBodyTest, a_body_cut_anywhere_has_not_ended) {
  for (std::size_t at = 0; at < k_chunked.size(); ++at) {
    ASSERT_EQ(decode(k_chunked.substr(0, at)).end, End::open) << at;
  }
}

TEST(ChunkedBodyTest, what_follows_the_end_is_left_alone) {
  EXPECT_EQ(decode(k_chunked + "HTTP/1.1").left_bytes, 8U);
  EXPECT_EQ(decode("0\r\n\r\n\r\n").left_bytes, 2U);
}

TEST(ChunkedBodyTest, small_chunks_are_joined_and_large_ones_stay_where_they_are) {
  std::string lines;
  for (int number = 0; number < 100; ++number) lines += chunk("0123456789");
  EXPECT_EQ(decode(lines).pieces, std::vector<std::size_t>{1'000});
  EXPECT_EQ(decode(chunk("small") + chunk(k_large) + chunk("small")).pieces,
            (std::vector<std::size_t>{5, 6'005}));
}

TEST(ChunkedBodyTest, what_no_chunk_is_breaks_it) {
  for (const std::string bad :
       {"xyz\r\n", "\r\n", ";x\r\n", "-1\r\n", "0x1\r\na\r\n", "1\na\r\n", "1\r\na\n0\r\n\r\n",
        "1\r\naXX\r\n", "1\r\na\rX", "1\r\na\r\n\r\n", "1\rX", "0\r\nTrailer\n\r\n", "0\r\n\rX",
        "0\r\nA: b\rX", "0\r\n\n", "11112222333344445\r\n", "1;x\n"}) {
    EXPECT_EQ(decode(bad).end, End::broken) << bad;
    std::vector<std::string> bytes;
    for (const char byte : bad) bytes.emplace_back(1, byte);
    EXPECT_EQ(decode(bytes).end, End::broken) << bad << ", in single bytes";
  }
}

TEST(ChunkedBodyTest, what_came_before_the_break_is_still_the_body) {
  const Decoded decoded = decode(chunk("good") + "3\r\nbadXX");
  EXPECT_EQ(decoded.body, "goodbad");
  EXPECT_EQ(decoded.end, End::broken);
}

TEST(ChunkedBodyTest, the_largest_size_there_is_costs_nothing) {
  const Decoded decoded = decode("ffffffffffffffff\r\nstart");
  EXPECT_EQ(decoded.body, "start");
  EXPECT_EQ(decoded.end, End::open);
  EXPECT_EQ(decode("fffffff\r\nstart").body, "start");
}

TEST(ChunkedBodyTest, extensions_and_trailers_that_do_not_end_are_refused) {
  EXPECT_EQ(decode("1;" + std::string(60'000, 'x') + "\r\na\r\n1;" + std::string(60'000, 'x') + "\r\nb").body,
            "ab");
  EXPECT_EQ(decode("1;" + std::string(70'000, 'x')).end, End::broken);
  std::string trailers = "0\r\n";
  while (trailers.size() < 80'000) trailers += "Name: value\r\n";
  EXPECT_EQ(decode(trailers).end, End::broken);
}

TEST(ChunkedBodyTest, any_bytes_are_the_same_body_in_one_piece_and_in_single_bytes) {
  std::mt19937 random(1);
  const std::string alphabet = "0123fF;: \r\n\r\n\r\nx";
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = round % 2 == 0 ? "3\r\nabc\r\n" : "";
    for (unsigned count = random() % 24; count > 0; --count) bytes += alphabet[random() % alphabet.size()];
    std::vector<std::string> single;
    for (const char byte : bytes) single.emplace_back(1, byte);
    Decoded whole = decode(bytes);
    Decoded split = decode(single);
    whole.pieces = split.pieces = {};
    ASSERT_EQ(whole.body, split.body) << bytes;
    ASSERT_EQ(whole.end, split.end) << bytes;
  }
}

}  // namespace
}  // namespace halcyon::docker_api
