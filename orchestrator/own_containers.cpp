#include "orchestrator/own_containers.hpp"

#include <charconv>
#include <utility>

namespace halcyon::orchestrator {
namespace {

constexpr std::string_view k_label_kind = "halcyon.kind";
constexpr std::string_view k_label_promotion = "halcyon.promotion";

std::string label_of(const std::map<std::string, std::string>& labels, std::string_view key) {
  const auto found = labels.find(std::string(key));
  return found == labels.end() ? std::string() : found->second;
}

std::string equals(std::string_view key, const std::string& value) { return std::string(key) + "=" + value; }

}  // namespace

bool OwnContainer::serves(const Placements& placements) const {
  const auto found = placements.find(service);
  return found != placements.end() && found->second == placement;
}

std::map<std::string, std::string> make_labels(const Environment& environment, const std::string& promotion) {
  return {{std::string(k_label_app), environment.app.text()},
          {std::string(k_label_environment), environment.name.text()},
          {std::string(k_label_promotion), promotion}};
}

std::map<std::string, std::string> make_labels(const Environment& environment, const Service& service,
                                               const Placement* placement, int replica,
                                               const std::string& promotion) {
  auto labels = make_labels(environment, promotion);
  labels[std::string(k_label_service)] = service.name.text();
  labels[std::string(k_label_kind)] = to_string(service.kind);
  labels[std::string(k_label_replica)] = std::to_string(replica);
  if (placement != nullptr) {
    labels[std::string(k_label_slot)] = to_string(placement->slot);
    labels[std::string(k_label_release)] = placement->origin;
  }
  return labels;
}

bool is_own(const std::map<std::string, std::string>& labels, const Environment& environment) {
  return label_of(labels, k_label_app) == environment.app.text() &&
         label_of(labels, k_label_environment) == environment.name.text();
}

boost::asio::awaitable<std::vector<OwnContainer>> list_own_containers(docker_api::Engine& engine,
                                                                      const Environment& environment) {
  std::vector<std::string> wanted{equals(k_label_app, environment.app.text()),
                                  equals(k_label_environment, environment.name.text())};
  auto summaries = co_await docker_api::list_containers(engine, std::move(wanted));
  std::vector<OwnContainer> containers;
  for (docker_api::ContainerSummary& summary : summaries) {
    OwnContainer own;
    own.service = label_of(summary.labels, k_label_service);
    own.kind = label_of(summary.labels, k_label_kind);
    own.placement.slot = parse_slot(label_of(summary.labels, k_label_slot)).value_or(Slot::blue);
    own.placement.origin = label_of(summary.labels, k_label_release);
    own.promotion = label_of(summary.labels, k_label_promotion);
    const std::string replica = label_of(summary.labels, k_label_replica);
    std::from_chars(replica.data(), replica.data() + replica.size(), own.replica);
    own.summary = std::move(summary);
    if (is_own(own.summary.labels, environment)) containers.push_back(std::move(own));
  }
  co_return containers;
}

}  // namespace halcyon::orchestrator
