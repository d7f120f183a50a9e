#include "orchestrator/journal.hpp"

#include <gtest/gtest.h>

#include "orchestrator/error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

using halcyon::testing::read_text;
using halcyon::testing::TemporaryDirectory;
using halcyon::testing::write_text;

/// Three records of one length. `synced`: what each tells of durable ones.
std::string three_records(std::optional<std::uint64_t> synced = std::nullopt) {
  std::string text;
  std::uint32_t crc = 0;
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    const std::string line = format_record(
        {sequence, "2026-11-20T10:00:00.000Z", RecordType::began, R"({"step":"create"})", synced}, crc);
    crc = crc32c(std::string_view(line).substr(0, line.rfind(" crc=")));
    text += line;
  }
  return text;
}

TEST(Journal, the_checksum_is_the_castagnoli_one_of_rfc_3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
}

TEST(Journal, a_record_reads_like_this) {
  EXPECT_EQ(
      format_record({42, "2026-11-20T10:00:00.123Z", RecordType::commit, R"({"release":"r4"})"}, 0x1a2b3c4d),
      "v1 000042 2026-11-20T10:00:00.123Z commit {\"release\":\"r4\"} prev=1a2b3c4d crc=59efdcbd\n");
}

TEST(Journal, a_record_tells_which_one_was_synced_last) {
  const std::string line = format_record(
      {42, "2026-11-20T10:00:00.123Z", RecordType::commit, R"({"release":"r4"})", 40}, 0x1a2b3c4d);
  EXPECT_TRUE(line.starts_with(
      "v1 000042 2026-11-20T10:00:00.123Z commit {\"release\":\"r4\"} synced=000040 prev=1a2b3c4d crc="))
      << line;
}

TEST(Journal, a_hole_in_what_was_not_synced_is_a_torn_tail_and_in_what_was_it_is_damage) {
  for (const std::uint64_t synced : {0U, 1U, 2U, 3U}) {
    std::string text = three_records(synced);
    const std::size_t line = text.size() / 3;
    text.replace(line, line, std::string(line, '\0'));
    const JournalText journal = parse_journal(text);
    EXPECT_EQ(journal.records.size(), 1U);
    EXPECT_EQ(journal.damage.has_value(), synced > 1) << synced;
    EXPECT_EQ(journal.torn_tail, text.substr(line));
  }
}

TEST(Journal, what_was_written_is_read_back) {
  const JournalText text = parse_journal(three_records());
  ASSERT_EQ(text.records.size(), 3U);
  EXPECT_EQ(text.records[2].sequence, 3U);
  EXPECT_EQ(text.records[0].body, R"({"step":"create"})");
  EXPECT_EQ(text.valid_bytes, three_records().size());
  EXPECT_FALSE(text.damage);
  EXPECT_TRUE(text.torn_tail.empty());
}

TEST(Journal, cut_at_any_byte_it_gives_the_longest_valid_prefix_and_no_damage) {
  const std::string whole = three_records();
  const std::size_t line = whole.size() / 3;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const JournalText text = parse_journal(whole.substr(0, length));
    EXPECT_EQ(text.records.size(), length / line) << length;
    EXPECT_EQ(text.valid_bytes + text.torn_tail.size(), length);
    EXPECT_FALSE(text.damage) << length;
  }
}

TEST(Journal, a_flipped_bit_before_the_last_record_is_damage_and_in_it_a_torn_tail) {
  const std::string whole = three_records();
  const std::size_t last = whole.size() / 3 * 2;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    const JournalText text = parse_journal(flipped);
    EXPECT_LT(text.records.size(), 3U) << at;
    EXPECT_EQ(text.damage.has_value(), at < last) << at;
  }
}

TEST(Journal, a_missing_or_reordered_record_is_damage) {
  const std::string whole = three_records();
  const std::size_t line = whole.size() / 3;
  EXPECT_TRUE(parse_journal(whole.substr(0, line) + whole.substr(2 * line)).damage);
  EXPECT_TRUE(
      parse_journal(whole.substr(line, line) + whole.substr(0, line) + whole.substr(2 * line)).damage);
}

TEST(Journal, a_type_from_a_newer_version_is_never_cut_off) {
  const std::string line = format_record({1, "t", RecordType::commit, "{}"}, 0);
  std::string newer = line.substr(0, line.rfind(" crc="));
  newer.replace(newer.find("commit"), 6, "quantum");
  newer += " crc=";
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", crc32c(std::string_view(newer).substr(0, newer.size() - 5)));
  const JournalText text = parse_journal(newer + digits + "\n");
  EXPECT_TRUE(text.damage);
}

TEST(Journal, only_what_would_be_written_the_same_is_a_record) {
  const std::string good = format_record({1, "t", RecordType::commit, "{}"}, 0);
  ASSERT_EQ(parse_journal(good).records.size(), 1U);
  std::string shouted = good;
  for (std::size_t at = shouted.rfind('=') + 1; at < shouted.size(); ++at)
    shouted[at] = static_cast<char>(std::toupper(static_cast<unsigned char>(shouted[at])));
  ASSERT_NE(shouted, good);
  EXPECT_TRUE(parse_journal(shouted).records.empty());
}

TEST(Journal, appending_survives_reopening_and_continues_the_chain) {
  const TemporaryDirectory directory;
  {
    Journal journal(directory / "journal");
    journal.append(RecordType::environment, R"({"subnet":"10.201.7.0/24"})");
    journal.sync();
    journal.append(RecordType::allocate, R"({"service":"web","group":0})");
  }
  Journal journal(directory / "journal");
  ASSERT_EQ(journal.records().size(), 2U);
  journal.append(RecordType::allocate, R"({"service":"api","group":1})");
  const auto records = read_journal(directory / "journal");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].synced, 0U);
  EXPECT_EQ(records[1].synced, 1U);
  EXPECT_EQ(records[2].synced, 2U) << "to open it is to sync it: what was read may be acted on";
}

TEST(Journal, a_torn_tail_is_cut_off_kept_beside_and_told) {
  const TemporaryDirectory directory;
  const std::string whole = three_records();
  write_text(directory / "journal", whole.substr(0, whole.size() - 10));
  Journal journal(directory / "journal");
  EXPECT_EQ(journal.records().size(), 2U);
  EXPECT_EQ(read_text(directory / "journal.torn.3"), journal.torn());
  journal.append(RecordType::done, R"({"step":"create"})");
  EXPECT_EQ(read_journal(directory / "journal").size(), 3U);
}

TEST(Journal, damage_in_the_middle_stops_everything_and_changes_nothing) {
  const TemporaryDirectory directory;
  std::string whole = three_records();
  whole[10] = 'X';
  write_text(directory / "journal", whole);
  try {
    const Journal journal(directory / "journal");
    FAIL() << "a damaged journal was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.outcome(), Outcome::needs_operator);
    EXPECT_NE(std::string(error.what()).find("Nothing was changed"), std::string::npos);
  }
  EXPECT_EQ(read_text(directory / "journal"), whole);
}

TEST(Journal, garbage_of_any_kind_never_crashes) {
  for (const std::string text :
       {"", "\n", "\n\n\n", "v1", "v1 1 t begin {} prev=0 crc=0\n", "crc=ffffffff\n"}) {
    EXPECT_TRUE(parse_journal(text).records.empty()) << text;
  }
  EXPECT_TRUE(parse_journal(std::string(100, '\0')).records.empty());
}

}  // namespace
}  // namespace halcyon::orchestrator
