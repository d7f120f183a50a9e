// What the journal says about an environment, folded record by record. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/ids.hpp"
#include "orchestrator/journal.hpp"
#include "orchestrator/names.hpp"
#include "orchestrator/promotion_decision.hpp"

namespace halcyon::orchestrator {

/// Where a web service of a release runs: which slot, and under which release its containers were created. A
/// release that does not change a service keeps the containers of an earlier one.
struct Placement {
  Slot slot = Slot::blue;
  std::string origin;  ///< release id in the containers' names
  bool operator==(const Placement&) const = default;
};
using Placements = std::map<std::string, Placement>;  ///< by service name

enum class PromotionKind { install, promote, rollback };
std::string_view to_string(PromotionKind kind) noexcept;

/// What an accessory's container was made from: it is made from that again, whatever the tag means by then.
struct AccessoryImage {
  std::string reference;      ///< as configured then, "postgres:16"; another one is another wish
  docker_api::Digest digest;  ///< empty if no registry knows it
  docker_api::ImageId image;
  bool operator==(const AccessoryImage&) const = default;
};
using AccessoryImages = std::map<std::string, AccessoryImage>;  ///< by service name

/// A promotion that has begun and not ended.
struct OpenPromotion {
  std::string id;     ///< "p12"
  std::string label;  ///< what it makes carries this in halcyon.promotion: "p12-5b0c9e1f2a7d4486"
  PromotionKind kind = PromotionKind::promote;
  std::string release;  ///< the one wanted; empty for an install without images
  std::string started;  ///< RFC 3339
  std::string actor;
  std::uint64_t access_log_offset = 0;
  Marks marks{};
  bool committed = false;
};

struct CommittedRelease {
  std::string id;
  std::string committed_at;
  std::string actor;
};

struct EnvironmentState {
  bool installed = false;
  std::string subnet;                         ///< "10.201.7.0/24"
  std::map<std::string, int> address_groups;  ///< service -> its place in the subnet, never given to another
  std::string current;                        ///< release id; empty before the first
  std::string previous;
  Placements placements;  ///< of current
  Placements previous_placements;
  AccessoryImages accessories;
  std::uint64_t next_promotion = 1;
  std::uint64_t next_release = 1;
  std::optional<OpenPromotion> open;
  std::vector<std::string> lines;          ///< of releases.log: one for each promotion that ended
  std::vector<CommittedRelease> releases;  ///< oldest first, each once
};

/// Takes one more record into account.
///
/// Errors: needs_operator if the record's body lacks what its type needs (a journal written by another
/// version).
void fold(EnvironmentState& state, const Record& record);
EnvironmentState fold_all(const std::vector<Record>& records);

/// The bodies of records, as JSON text. Kept beside fold, so that writer and reader change together.
std::string environment_body(const std::string& subnet);
std::string allocate_body(const std::string& service, int group);
std::string begin_body(const OpenPromotion& promotion);
std::string step_body(StepId step);
std::string commit_body(const std::string& release, const Placements& placements,
                        const AccessoryImages& accessories = {});
/// `images`: "web=registry.example.com/shop/web:sha-1 ...", for releases.log.
std::string end_body(std::string_view outcome, const std::string& text, std::chrono::milliseconds took = {},
                     const std::string& images = {});

}  // namespace halcyon::orchestrator
