// The append-only file that is the only truth about an environment.
//
// One record a line:
// `v1 000042 2026-11-20T10:00:00.123Z began {"step":"create"} synced=000040 prev=1a2b3c4d crc=5e6f7a8b`.
// The crc (CRC-32C) covers everything before " crc="; prev is the crc of the record before, so that a lost or
// reordered line cannot go unseen. A torn last record is cut off and reported, and so is all behind a bad
// one if nothing there says that it was synced: a power cut may keep later pages and lose earlier ones. A bad
// record that was synced, as a later one knows, stops the tool.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/durable_file.hpp"

namespace halcyon::orchestrator {

enum class RecordType {
  environment,  ///< the environment exists: subnet
  allocate,     ///< a service got its place in the subnet
  begin,        ///< a promotion was begun: id, kind, release, what was asked for, who
  began,        ///< a step's effects may be there from now on
  done,         ///< a step's verify held
  undoing,      ///< a step is being undone
  undone,
  commit,  ///< the point of no return: release, previous, placements
  end,     ///< the promotion is over: outcome, text
};
std::string_view to_string(RecordType type) noexcept;
std::optional<RecordType> parse_record_type(std::string_view text) noexcept;

struct Record {
  std::uint64_t sequence = 0;  ///< from 1, without gaps
  std::string time;            ///< RFC 3339 with milliseconds, UTC; for people, never for order
  RecordType type = RecordType::begin;
  std::string body;  ///< one JSON object on one line
  /// The last record that was durable when this one was written; nothing in a journal of before.
  std::optional<std::uint64_t> synced = std::nullopt;
  bool operator==(const Record&) const = default;
};

/// Writes one line, newline included, chained to `previous_crc`. Pure.
std::string format_record(const Record& record, std::uint32_t previous_crc);
/// CRC-32C (Castagnoli), as in RFC 3720 appendix B.4.
std::uint32_t crc32c(std::string_view bytes) noexcept;

struct JournalText {
  std::vector<Record> records;
  std::uint64_t valid_bytes = 0;  ///< where the last good record ends
  std::uint32_t last_crc = 0;
  std::string torn_tail;              ///< what follows: from the first incomplete or bad record on
  std::optional<std::string> damage;  ///< set if that record had been durable: which line, what is wrong
};
/// Reads a journal's text: the longest valid prefix, and what is wrong behind it. Pure, never throws for any
/// input.
JournalText parse_journal(std::string_view text);

/// Throws the Error needs_operator of a journal with that damage.
[[noreturn]] void throw_damaged_journal(const std::string& path, const std::string& damage);

/// The present in RFC 3339 with milliseconds, UTC.
std::string timestamp_now();

/// The open journal of an environment; to be held under the environment's lock.
class Journal {
 public:
  /// Opens or creates it; all its records are durable then. A torn tail is kept beside it as
  /// `journal.torn.<sequence>` and told in torn().
  ///
  /// Errors: needs_operator if the journal is damaged in the middle; backup::Error.
  explicit Journal(std::string path);

  const std::vector<Record>& records() const noexcept { return records_; }
  const std::string& torn() const noexcept { return torn_; }

  /// Adds a record; durable after the next sync(). Returns the record.
  const Record& append(RecordType type, std::string body);
  /// Makes all records durable. Errors: backup::Error not_synced, after which nothing can be appended any
  /// more.
  void sync();
  /// Reserves room so that a whole promotion's records, COMMIT and END among them, fit. Errors: backup::Error
  /// no_space.
  void reserve();

 private:
  std::string path_;
  std::vector<Record> records_;
  std::uint32_t last_crc_ = 0;
  std::uint64_t synced_ = 0;  ///< records that are durable for certain
  std::string torn_;
  std::optional<backup::AppendFile> file_;
};

/// Reads the records without touching the file; for status and lists.
///
/// Errors: needs_operator if damaged. A torn tail is ignored: a running promotion may be writing it.
std::vector<Record> read_journal(const std::string& path);

}  // namespace halcyon::orchestrator
