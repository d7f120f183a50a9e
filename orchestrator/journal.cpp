#include "orchestrator/journal.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <boost/crc.hpp>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::array<std::pair<RecordType, std::string_view>, 9> k_types{{
    {RecordType::environment, "environment"},
    {RecordType::allocate, "allocate"},
    {RecordType::begin, "begin"},
    {RecordType::began, "began"},
    {RecordType::done, "done"},
    {RecordType::undoing, "undoing"},
    {RecordType::undone, "undone"},
    {RecordType::commit, "commit"},
    {RecordType::end, "end"},
}};

constexpr std::uint64_t k_reserved_bytes = std::uint64_t{64} * 1024;
constexpr std::string_view k_version = "v1";
constexpr std::string_view k_synced = " synced=";

/// Cuts the text up to the next space off `line`.
std::string_view take_word(std::string_view& line) {
  const auto space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

template <class Number>
bool parse_number(std::string_view text, Number& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

/// Cuts ` synced=000041` off the end; nothing if a journal of before has none there.
std::optional<std::uint64_t> take_synced(std::string_view& line) {
  const auto at = line.rfind(k_synced);
  std::uint64_t synced = 0;
  if (at == std::string_view::npos || !parse_number(line.substr(at + k_synced.size()), synced, 10))
    return std::nullopt;
  line = line.substr(0, at);
  return synced;
}

/// A line without its newline; says what is wrong with it, or fills in record and crc.
std::string parse_line(std::string_view line, std::uint64_t sequence, std::uint32_t previous_crc,
                       Record& record, std::uint32_t& crc) {
  const std::string_view whole = line;
  const auto crc_at = line.rfind(" crc=");
  if (crc_at == std::string_view::npos) return "no checksum";
  std::uint32_t stored = 0;
  if (line.size() - crc_at != 13 || !parse_number(line.substr(crc_at + 5), stored, 16))
    return "malformed checksum";
  crc = crc32c(line.substr(0, crc_at));
  if (crc != stored) return "checksum does not match";
  line = line.substr(0, crc_at);
  const auto prev_at = line.rfind(" prev=");
  std::uint32_t previous = 0;
  if (prev_at == std::string_view::npos || !parse_number(line.substr(prev_at + 6), previous, 16))
    return "no chain";
  if (previous != previous_crc) return "does not follow the record before it";
  line = line.substr(0, prev_at);
  record.synced = take_synced(line);
  if (take_word(line) != k_version) return "unknown format version";
  if (!parse_number(take_word(line), record.sequence, 10) || record.sequence != sequence)
    return "wrong sequence number";
  record.time = take_word(line);
  const auto type = parse_record_type(take_word(line));
  if (!type) return "unknown record type; was it written by a newer halcyon?";
  record.type = *type;
  record.body = line;
  const auto body = nlohmann::json::parse(record.body, nullptr, false);
  if (!body.is_object()) return "body is not a JSON object";
  if (format_record(record, previous_crc) != std::string(whole) + '\n')
    return "is not written as this program writes";  // by somebody's hand, or two bits that fell over
  return {};
}

/// True if that line, whose checksum holds, tells of no more durable records than `count`, and this program
/// knows what it is.
bool tells_of_no_more(std::string_view line, std::uint64_t count) {
  line = line.substr(0, line.rfind(" prev="));
  const auto synced = take_synced(line);
  if (!synced || *synced > count) return false;
  for (int word = 0; word < 3; ++word) take_word(line);
  return parse_record_type(take_word(line)).has_value();
}

/// True if anywhere in `text`, wherever it stands in the chain, a record begins whose checksum holds, and
/// that knows of more than `count` durable ones, or might. What a write that was torn leaves behind holds
/// none; nor does what was never synced, of which a power cut may keep any part.
bool holds_a_synced_record(std::string_view text, std::uint64_t count) {
  const std::string begin = std::string(k_version) + ' ';
  for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at + 1)) {
    const auto newline = text.find('\n', at);
    if (newline == std::string_view::npos) return false;  // torn just before its newline
    const std::string_view line = text.substr(at, newline - at);
    const auto crc_at = line.rfind(" crc=");
    std::uint32_t stored = 0;
    if (crc_at != std::string_view::npos && parse_number(line.substr(crc_at + 5), stored, 16) &&
        crc32c(line.substr(0, crc_at)) == stored && !tells_of_no_more(line, count)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string_view to_string(RecordType type) noexcept {
  for (const auto& [value, text] : k_types) {
    if (value == type) return text;
  }
  return "unknown";
}

std::optional<RecordType> parse_record_type(std::string_view text) noexcept {
  for (const auto& [value, name] : k_types) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::uint32_t crc32c(std::string_view bytes) noexcept {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::string format_record(const Record& record, std::uint32_t previous_crc) {
  const std::string synced = record.synced ? fmt::format("{}{:06}", k_synced, *record.synced) : "";
  const std::string line =
      fmt::format("{} {:06} {} {} {}{} prev={:08x}", k_version, record.sequence, record.time,
                  to_string(record.type), record.body, synced, previous_crc);
  return fmt::format("{} crc={:08x}\n", line, crc32c(line));
}

JournalText parse_journal(std::string_view text) {
  JournalText result;
  while (result.valid_bytes < text.size()) {
    const std::string_view rest = text.substr(result.valid_bytes);
    const auto newline = rest.find('\n');
    Record record;
    std::uint32_t crc = 0;
    std::string wrong = "no newline at its end";
    if (newline != std::string_view::npos) {
      wrong = parse_line(rest.substr(0, newline), result.records.size() + 1, result.last_crc, record, crc);
    }
    if (!wrong.empty()) {
      // Cutting off a good record would destroy what was acknowledged, or what a newer version wrote.
      if (holds_a_synced_record(rest, result.records.size())) {
        result.damage = fmt::format("line {} is bad ({}), and it or what follows holds a good record",
                                    result.records.size() + 1, wrong);
      }
      result.torn_tail = rest;
      return result;
    }
    result.records.push_back(std::move(record));
    result.last_crc = crc;
    result.valid_bytes += newline + 1;
  }
  return result;
}

void throw_damaged_journal(const std::string& path, const std::string& damage) {
  throw Error(
      Outcome::needs_operator,
      fmt::format(
          "cannot read the journal {}: {}. Nothing was changed and traffic is left alone. Restore the "
          "file from a backup of the state directory, or compare it with the containers by hand "
          "(docker ps -a --filter label=halcyon.app)",
          path, damage));
}

std::string timestamp_now() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (now - seconds).count());
}

Journal::Journal(std::string path) : path_(std::move(path)) {
  // What a killed process wrote and did not sync may be acted on only once it is on the disk.
  JournalText text = parse_journal(backup::read_file_from_disk(path_, std::uint64_t{1} << 30).value_or(""));
  if (text.damage) throw_damaged_journal(path_, *text.damage);
  records_ = std::move(text.records);
  last_crc_ = text.last_crc;
  synced_ = records_.size();
  torn_ = std::move(text.torn_tail);
  if (!torn_.empty())
    backup::replace_file(fmt::format("{}.torn.{}", path_, records_.size() + 1), torn_, 0600);
  file_.emplace(path_, text.valid_bytes, 0600);
}

const Record& Journal::append(RecordType type, std::string body) {
  Record record{records_.size() + 1, timestamp_now(), type, std::move(body), synced_};
  const std::string line = format_record(record, last_crc_);
  file_->append(line);
  const std::string_view checked = std::string_view(line).substr(0, line.rfind(" crc="));
  last_crc_ = crc32c(checked);
  records_.push_back(std::move(record));
  return records_.back();
}

void Journal::sync() {
  file_->sync();
  synced_ = records_.size();
}

void Journal::reserve() { file_->reserve(k_reserved_bytes); }

std::vector<Record> read_journal(const std::string& path) {
  JournalText text = parse_journal(backup::read_file(path, std::uint64_t{1} << 30).value_or(""));
  if (text.damage) throw_damaged_journal(path, *text.damage);
  return std::move(text.records);
}

}  // namespace halcyon::orchestrator
