#include "journal_on_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace halcyon::syscall_kill {
namespace {

/// CRC-32C, bit by bit.
std::uint32_t checksum(std::string_view bytes) {
  constexpr std::uint32_t k_castagnoli_reversed = 0x82F63B78U;
  std::uint32_t value = 0xFFFFFFFFU;
  for (const char c : bytes) {
    value ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? k_castagnoli_reversed : 0);
  }
  return ~value;
}

/// `v1 000042 TIME TYPE {...} synced=000040 prev=1a2b3c4d crc=5e6f7a8b`; what is wrong with it, or the
/// record.
std::string read_line(const std::string& line, std::size_t sequence, std::uint32_t& previous,
                      JournalRecord& record) {
  const auto crc_at = line.rfind(" crc=");
  const auto prev_at = line.rfind(" prev=");
  if (crc_at == std::string::npos || prev_at == std::string::npos) return "has no chain";
  const std::uint32_t crc = checksum(std::string_view(line).substr(0, crc_at));
  if (line.substr(crc_at) != fmt::format(" crc={:08x}", crc)) return "has a wrong checksum";
  if (line.substr(prev_at, crc_at - prev_at) != fmt::format(" prev={:08x}", previous))
    return "does not follow the record before it";
  previous = crc;
  std::istringstream words(line.substr(0, prev_at));
  std::string version;
  std::string number;
  words >> version >> number >> record.time >> record.type;
  if (version != "v1" || number != fmt::format("{:06}", sequence)) return "has a wrong number";
  std::string body;
  std::getline(words, body);
  // Behind the body: the last record that was durable when this one was written.
  const auto synced_at = body.rfind(" synced=");
  if (synced_at == std::string::npos) return "does not say what was synced";
  if (std::stoul(body.substr(synced_at + 8)) >= sequence)
    return "says that it was synced before it was written";
  body.resize(synced_at);
  record.body = json::parse(body, nullptr, false);
  return record.body.is_object() ? "" : "has no body";
}

void read_records(JournalOnDisk& journal) {
  std::uint32_t previous = 0;
  for (std::size_t at = 0; at < journal.text.size();) {
    const auto newline = journal.text.find('\n', at);
    JournalRecord record;
    const std::size_t number = journal.records.size() + 1;
    const std::string wrong = newline == std::string::npos ? "is torn"
                                                           : read_line(journal.text.substr(at, newline - at),
                                                                       number, previous, record);
    if (!wrong.empty()) {
      journal.faults.push_back(fmt::format("record {} {}", number, wrong));
      return;
    }
    journal.records.push_back(std::move(record));
    at = newline + 1;
  }
}

void take_commit(JournalOnDisk& journal, PromotionOnDisk& promotion, const json& body) {
  promotion.committed = true;
  const std::string release = body.value("release", "");
  if (release.empty()) return;
  Places places;
  for (const auto& [service, where] : body.at("placements").items())
    places[service] = {where.at("slot"), where.at("origin")};
  if (release != journal.current && places != journal.places) {
    journal.previous = journal.current;
    journal.previous_places = journal.places;
  }
  journal.current = release;
  journal.places = places;
  journal.committed_by = promotion.id;
  if (std::find(journal.releases.begin(), journal.releases.end(), release) == journal.releases.end())
    journal.releases.push_back(release);
}

/// What is wrong with a record that stands where this one does.
std::string take(JournalOnDisk& journal, const JournalRecord& record) {
  const bool is_open = !journal.promotions.empty() && journal.promotions.back().outcome.empty();
  if (record.type == "environment" || record.type == "allocate") return "";
  if (record.type == "begin") {
    journal.promotions.push_back(
        {.id = record.body.value("promotion", ""), .release = record.body.value("release", "")});
    return is_open ? "begins a promotion while another one is open" : "";
  }
  if (!is_open) return fmt::format("({}) belongs to no promotion", record.type);
  PromotionOnDisk& promotion = journal.promotions.back();
  if (record.type == "commit") {
    const bool is_second = promotion.committed;
    take_commit(journal, promotion, record.body);
    return is_second ? "commits a promotion twice" : "";
  }
  if (record.type == "end") {
    promotion.outcome = record.body.value("outcome", "");
    const bool is_deployed = promotion.outcome == "deployed";
    return is_deployed != promotion.committed
               ? fmt::format("ends {} as {}, which COMMIT contradicts", promotion.id, promotion.outcome)
               : "";
  }
  const std::string step = record.body.value("step", "");
  if (record.type == "done") promotion.done.insert(step);
  const bool goes_back = record.type == "undoing" || record.type == "undone";
  return goes_back && promotion.committed ? fmt::format("undoes {} behind COMMIT", step) : "";
}

}  // namespace

const PromotionOnDisk* JournalOnDisk::find_promotion(std::string_view id) const {
  const auto found = std::find_if(promotions.begin(), promotions.end(),
                                  [id](const PromotionOnDisk& promotion) { return promotion.id == id; });
  return found == promotions.end() ? nullptr : &*found;
}

JournalOnDisk parse_journal_on_disk(std::string text) {
  JournalOnDisk journal;
  journal.text = std::move(text);
  read_records(journal);
  for (std::size_t index = 0; index < journal.records.size(); ++index) {
    const std::string wrong = take(journal, journal.records[index]);
    if (!wrong.empty()) journal.faults.push_back(fmt::format("record {} {}", index + 1, wrong));
  }
  return journal;
}

}  // namespace halcyon::syscall_kill
