// The journal as the checker reads it: written anew from the format's description, so that a fault of the
// orchestrator's reader cannot hide itself.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::syscall_kill {

using nlohmann::json;

struct JournalRecord {
  std::string time;
  std::string type;
  json body;
};

/// Where a service's containers are, and the release in their names.
struct Place {
  std::string slot;
  std::string origin;
  bool operator==(const Place&) const = default;
};
using Places = std::map<std::string, Place>;  ///< by service

struct PromotionOnDisk {
  std::string id;
  std::string release;
  std::set<std::string> done;  ///< steps
  bool committed = false;
  std::string outcome;  ///< empty while it is open
};

/// What all records together say.
struct JournalOnDisk {
  std::string text;
  std::vector<JournalRecord> records;
  std::vector<std::string> faults;  ///< of the chain and of the order of records
  std::vector<PromotionOnDisk> promotions;
  std::vector<std::string> releases;  ///< committed, oldest first, each once
  std::string current;
  std::string previous;
  Places places;
  Places previous_places;
  std::string committed_by;  ///< the promotion that made `current` serve

  const PromotionOnDisk* find_promotion(std::string_view id) const;
};

JournalOnDisk parse_journal_on_disk(std::string text);

}  // namespace halcyon::syscall_kill
