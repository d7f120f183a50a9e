// 1 and 2: what clients meet.
#include <fmt/format.h>

#include "invariants.hpp"

namespace halcyon::syscall_kill {
namespace {

const json* find_by_address(const Evidence& evidence, const std::string& address) {
  for (const json& container : evidence.containers) {
    for (const json& network : container.at("NetworkSettings").at("Networks")) {
      const json configured = network.value("IPAMConfig", json::object());
      const std::string fixed = configured.is_object() ? configured.value("IPv4Address", "") : "";
      if (network.value("IPAddress", "") == address && fixed == address) return &container;
    }
  }
  return nullptr;
}

/// The server that answered, which is the last one that nginx tried.
std::string answered_by(const NginxAnswer& answer) {
  const auto at = answer.header.rfind("upstream=");
  if (at == std::string::npos) return "";
  const std::string tried = answer.header.substr(at + 9);
  const std::string last = tried.substr(tried.find_last_of(" ,") + 1);
  return last.substr(0, last.find(':'));
}

void compare_upstream(const Evidence& evidence, const NginxAnswer& answer, Finding& finding) {
  const std::string address = answered_by(answer);
  const json* const container = find_by_address(evidence, address);
  if (container == nullptr) {
    finding.faults.push_back(fmt::format("nginx answers {} from '{}' ({}{}), where no container of ours is",
                                         answer.status, address, answer.header, answer.error));
    return;
  }
  const std::string service = label_of_container(*container, "service");
  const auto place = evidence.journal.places.find(service);
  const bool is_placed = place != evidence.journal.places.end() &&
                         place->second == Place{label_of_container(*container, "slot"),
                                                label_of_container(*container, "release")};
  if (!is_placed)
    finding.faults.push_back(fmt::format("nginx sends requests to {}, which the journal does not let serve",
                                         name_of_container(*container)));
  if (container->at("State").at("Running") != true)
    finding.faults.push_back(
        fmt::format("nginx sends requests to {}, which does not run", name_of_container(*container)));
  if (finding.looked_at.find(address) == std::string::npos)
    finding.looked_at += fmt::format("{} is {}; ", address, name_of_container(*container));
}

}  // namespace

Finding upstream_is_a_proven_container(const Evidence& evidence) {
  Finding finding{.number = 1};
  if (evidence.journal.current.empty()) {
    finding.looked_at = "no release serves";
    if (!evidence.state.header.empty())
      finding.faults.push_back("nginx answers for the host although no release serves: " +
                               evidence.state.header);
    return finding;
  }
  for (const NginxAnswer& answer : evidence.answers) compare_upstream(evidence, answer, finding);
  const PromotionOnDisk* const promotion = evidence.journal.find_promotion(evidence.journal.committed_by);
  if (promotion == nullptr || !promotion->done.contains("gate"))
    finding.faults.push_back(
        fmt::format("{} has no record that its gate was passed", evidence.journal.current));
  finding.looked_at += fmt::format("{} fresh connections, the gate of {}", evidence.answers.size(),
                                   evidence.journal.committed_by);
  return finding;
}

Finding no_request_was_lost(const Evidence& evidence) {
  Finding finding{.number = 2};
  const json report = json::parse(lab_tests::read_file(evidence.scene.load_report_file), nullptr, false);
  if (!report.is_object())
    return {.number = 2, .looked_at = "no report of the load was given", .applies = false};
  finding.looked_at = fmt::format("{} requests", report.value("answered", 0));
  if (report.value("answered", 0) == 0) finding.faults.emplace_back("no request was answered");
  for (const char* verdict : {"lost", "wrong", "truncated"}) {
    if (report.value(verdict, -1) != 0)
      finding.faults.push_back(
          fmt::format("{} requests were {}:\n{}", report.value(verdict, -1), verdict, report.dump(2)));
  }
  return finding;
}

}  // namespace halcyon::syscall_kill
