// A tar header's times, which ustar has little room for.
#include "docker_api/tar_header.hpp"

#include <gtest/gtest.h>

#include "docker_api/tar_reader.hpp"

namespace halcyon::docker_api {
namespace {

using Time = std::pair<std::int64_t, std::int64_t>;

std::optional<Time> parse(std::string_view text) {
  const std::optional<timespec> time = parse_pax_time(text);
  return time ? std::optional(Time(time->tv_sec, time->tv_nsec)) : std::nullopt;
}

TEST(TarTimeTest, a_pax_time_has_a_sign_and_a_fraction) {
  EXPECT_EQ(parse("0"), Time(0, 0));
  EXPECT_EQ(parse("1700000000.5"), Time(1'700'000'000, 500'000'000));
  EXPECT_EQ(parse("1.0000000019"), Time(1, 1));
  EXPECT_EQ(parse("7."), Time(7, 0));
  EXPECT_EQ(parse("-1"), Time(-1, 0));
  EXPECT_EQ(parse("-0.25"), Time(-1, 750'000'000));
  EXPECT_EQ(parse("-1.5"), Time(-2, 500'000'000));
  for (const char* const text :
       {"", "x", ".5", "1,5", "1.5s", "1.-5", "99999999999999999999", "-9223372036854775808.5"})
    EXPECT_EQ(parse(text), std::nullopt) << text;
}

class LastTime final : public TarSink {
 public:
  void begin(const TarMember& member) override {
    seen = {member.modified_at.tv_sec, member.modified_at.tv_nsec};
  }
  void contents(std::string_view) override {}
  void end() override {}
  Time seen;
};

TEST(TarTimeTest, what_is_written_is_read) {
  for (const Time& time :
       {Time(0, 0), Time(1'700'000'000, 0), Time(1'700'000'000, 1), Time(-1, 0), Time(-1, 999'999'999),
        Time(-2, 1), Time(-2'000'000'000, 500'000'000), Time(std::int64_t{1} << 34, 0)}) {
    std::string archive;
    append_tar_header(archive, {.name = "f", .modified_at = {.tv_sec = time.first, .tv_nsec = time.second}});
    archive.append(2 * k_tar_block_bytes, '\0');
    LastTime last;
    TarReader reader;
    reader.feed(archive, last);
    reader.finish();
    EXPECT_EQ(last.seen, time);
  }
}

}  // namespace
}  // namespace halcyon::docker_api
