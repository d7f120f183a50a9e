// The journal: any text has a longest valid beginning, which is written again byte by byte, and what is
// appended behind it is read back. Nothing throws; folding what was read gives a state or asks for the
// operator.
#include "orchestrator/environment_state.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/journal.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace orchestrator;

namespace {

/// Any texts as bodies of records in a good chain: a fuzzer does not find checksums.
std::string good_journal(fuzz::Choices& choices) {
  std::string text;
  std::uint32_t crc = 0;
  for (std::uint64_t number = 1; !choices.rest().empty() && number < 50; ++number) {
    Record record{number, "2026-11-20T10:00:00.123Z", static_cast<RecordType>(choices.byte() % 9), {}};
    record.body = choices.part('\n');
    const std::string line = format_record(record, crc);
    crc = crc32c(std::string_view(line).substr(0, line.rfind(" crc=")));
    text += line;
  }
  return text;
}

void check_journal(const std::string& text) {
  const JournalText journal = parse_journal(text);
  std::string again;
  std::uint32_t crc = 0;
  for (const Record& record : journal.records) {
    const std::string line = format_record(record, crc);
    crc = crc32c(std::string_view(line).substr(0, line.rfind(" crc=")));
    again += line;
  }
  fuzz::require(journal.valid_bytes <= text.size() && crc == journal.last_crc,
                "the chain ends where the records end");
  fuzz::require(again == text.substr(0, journal.valid_bytes), "records are written as they were read");
  fuzz::require(journal.torn_tail == text.substr(journal.valid_bytes), "the rest is the torn tail");
  fuzz::require(!journal.damage || !journal.torn_tail.empty(), "damage is in what follows");
  const Record next{journal.records.size() + 1, "2026-11-20T10:00:00.123Z", RecordType::done,
                    R"({"step":"create"})"};
  const JournalText longer = parse_journal(again + format_record(next, crc));
  fuzz::require(longer.records.size() == journal.records.size() + 1 && longer.records.back() == next,
                "what is appended is read back");
  fuzz::succeeds<Error>([&] { fold_all(journal.records); });
}

}  // namespace

HALCYON_FUZZ_TARGET(journal, input) {
  check_journal(std::string(input));
  fuzz::Choices choices(input);
  check_journal(good_journal(choices));
}
