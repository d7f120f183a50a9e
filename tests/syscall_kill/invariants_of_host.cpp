// 4, 6 and 12: what is on disk and in the engine.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "invariants.hpp"

namespace halcyon::syscall_kill {
namespace {

namespace fs = std::filesystem;
using lab_tests::read_file;

void compare(Finding& finding, const std::string& what, const std::string& is, const std::string& wanted) {
  if (is != wanted) finding.faults.push_back(fmt::format("{} is '{}', but should be '{}'", what, is, wanted));
}

std::string first_line(const std::string& path) {
  const std::string text = read_file(path);
  return text.substr(0, text.find('\n'));
}

json read_release(const Evidence& evidence, const std::string& id) {
  return json::parse(read_file(evidence.path("releases/" + id + ".json")), nullptr, false);
}

/// Container names are `PREFIX_SERVICE_SLOT_ORIGIN_REPLICA`; what stands before the replica.
std::string beginning_of_name(const Evidence& evidence, const std::string& service, const Place& place) {
  return fmt::format("{}_{}_{}_{}_", evidence.prefix(), service, place.slot, place.origin);
}

std::vector<const json*> containers_at(const Evidence& evidence, const std::string& service,
                                       const Place& place) {
  std::vector<const json*> result;
  for (const json& container : evidence.containers) {
    if (name_of_container(container).starts_with(beginning_of_name(evidence, service, place)))
      result.push_back(&container);
  }
  return result;
}

void check_caches(const Evidence& evidence, Finding& finding) {
  const JournalOnDisk& journal = evidence.journal;
  compare(finding, "current_release", first_line(evidence.path("current_release")), journal.current);
  compare(finding, "previous_release", first_line(evidence.path("previous_release")), journal.previous);
  std::istringstream lines(read_file(evidence.path("releases.log")));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    std::istringstream words(line);
    std::string time, id, kind, release, outcome;
    words >> time >> id >> kind >> release >> outcome;
    const PromotionOnDisk wanted =
        count < journal.promotions.size() ? journal.promotions[count] : PromotionOnDisk{};
    compare(finding, fmt::format("line {} of releases.log", count + 1), id + ' ' + outcome,
            wanted.id + ' ' + wanted.outcome);
  }
  compare(finding, "the number of lines in releases.log", std::to_string(count),
          std::to_string(journal.promotions.size()));
}

void check_nginx(const Evidence& evidence, Finding& finding) {
  const fs::path link = fmt::format("{}/halcyon-{}.conf", evidence.scene.conf_dir, evidence.prefix());
  const std::string file = evidence.path("gate/managed.conf");
  if (evidence.journal.current.empty()) {
    if (fs::is_symlink(fs::symlink_status(link)))
      finding.faults.push_back("nginx includes us, but nothing serves");
    return;
  }
  std::error_code absent;
  compare(finding, link.string(), fs::read_symlink(link, absent), file);
  const std::string declared = read_file(file);
  const std::string generation = field_of(evidence.state.header, "generation");
  if (generation.empty() || declared.find("generation=" + generation + ' ') == std::string::npos)
    finding.faults.push_back(
        fmt::format("nginx has loaded '{}', not what is in {}", evidence.state.header, file));
  compare(finding, "whether nginx sees gate/", field_of(evidence.state.header, "gate"), "1");
  std::string slots;
  for (const auto& [service, place] : evidence.journal.places) {
    slots += fmt::format("{}{}:{}", slots.empty() ? "" : ",", service, place.slot);
    const bool is_green = fs::is_regular_file(evidence.path("gate/slots/" + service + ".green"));
    compare(finding, "the flag of " + service, is_green ? "green" : "blue", place.slot);
  }
  compare(finding, "what nginx says of the slots", field_of(evidence.state.header, "slots"), slots);
}

void check_serving_containers(const Evidence& evidence, Finding& finding) {
  std::set<std::string> serving;
  for (const auto& [service, place] : evidence.journal.places) {
    const json record = read_release(evidence, evidence.journal.current);
    if (!record.is_object()) {
      finding.faults.push_back("the record of " + evidence.journal.current + " cannot be read");
      return;
    }
    const json& entry = record.at("services").at(service);
    const auto containers = containers_at(evidence, service, place);
    compare(finding, "the number of containers of " + service, std::to_string(containers.size()),
            std::to_string(entry.at("container").value("replicas", 0)));
    for (const json* container : containers) {
      const std::string name = name_of_container(*container);
      serving.insert(name);
      compare(finding, "the image of " + name, container->at("Image"), entry.at("image_id"));
      compare(finding, "the state of " + name, container->at("State").at("Status"), "running");
      compare(finding, "the restart policy of " + name,
              container->at("HostConfig").at("RestartPolicy").at("Name"), "always");
    }
  }
  for (const json& container : evidence.containers) {
    const std::string name = name_of_container(container);
    if (container.at("State").at("Running") == true && !serving.contains(name))
      finding.faults.push_back(name + " runs, although the journal does not let it serve");
  }
}

void check_previous(const Evidence& evidence, const std::string& service, const json& entry,
                    Finding& finding) {
  const std::string image = entry.value("image_id", "");
  const json inspection = evidence.engine("/images/" + image + "/json");
  compare(finding, "the image of the previous release",
          inspection.is_object() ? inspection.value("Id", "") : "gone", image);
  const std::string pinned = entry.value("repository", "") + '@' + entry.value("digest", "");
  const json pinned_image = evidence.engine("/images/" + pinned + "/json");
  compare(finding, pinned, pinned_image.is_object() ? pinned_image.value("Id", "") : "gone", image);
  const std::string values = fmt::format("secrets/{}.{}.json", evidence.journal.previous, service);
  if (!evidence.scene.secret.empty() &&
      read_file(evidence.path(values)).find(evidence.scene.secret) == std::string::npos)
    finding.faults.push_back(values + " lacks the values that the previous release needs");
  const auto place = evidence.journal.previous_places.find(service);
  if (place == evidence.journal.previous_places.end()) return;
  const auto containers = containers_at(evidence, service, place->second);
  compare(finding, "the number of kept containers of " + service, std::to_string(containers.size()),
          std::to_string(entry.at("container").value("replicas", 0)));
  for (const json* container : containers)
    compare(finding, "the image of " + name_of_container(*container), container->at("Image"), image);
}

/// All that may be in the state's directory when nothing runs.
std::set<std::string> expected_files(const Evidence& evidence) {
  std::set<std::string> names{"journal",           "lock",           "releases.log",        "current_release",
                              "previous_release",  "pulled_images",  "secrets/probe_token", "gate/canary",
                              "gate/managed.conf", "logs/access.log"};
  std::set<std::string> services;
  for (const JournalRecord& record : evidence.journal.records) {
    if (record.type == "allocate") services.insert(record.body.value("service", ""));
  }
  for (const std::string& service : services) {
    if (evidence.journal.places.contains(service)) names.insert("gate/slots/" + service + ".green");
    for (const std::string& release : evidence.journal.releases)
      names.insert(fmt::format("secrets/{}.{}.json", release, service));
  }
  for (const std::string& release : evidence.journal.releases) names.insert("releases/" + release + ".json");
  if (evidence.journal.current.empty()) names.erase("gate/managed.conf");
  return names;
}

void check_files(const Evidence& evidence, Finding& finding) {
  const std::set<std::string> expected = expected_files(evidence);
  std::error_code absent;
  for (const auto& entry : fs::recursive_directory_iterator(evidence.scene.state, absent)) {
    const std::string name = fs::relative(entry.path(), evidence.scene.state);
    const bool is_torn_record = name.starts_with("journal.torn.");  // kept and told on purpose
    if (!entry.is_directory() && !is_torn_record && !expected.contains(name))
      finding.faults.push_back(name + " was left behind");
  }
  const std::string link = fmt::format("halcyon-{}.conf", evidence.prefix());
  for (const auto& entry : fs::directory_iterator(evidence.scene.conf_dir, absent)) {
    const std::string name = entry.path().filename();
    if (name.find(evidence.prefix()) != std::string::npos && name != link)
      finding.faults.push_back(name + " was left behind in nginx's directory");
  }
}

void check_containers_and_networks(const Evidence& evidence, Finding& finding) {
  const JournalOnDisk& journal = evidence.journal;
  for (const json& container : evidence.containers) {
    const std::string name = name_of_container(container);
    bool is_known = false;
    for (const Places* places : {&journal.places, &journal.previous_places}) {
      for (const auto& [service, place] : *places)
        is_known = is_known || name.starts_with(beginning_of_name(evidence, service, place));
    }
    if (!is_known) finding.faults.push_back("the container " + name + " was left behind");
  }
  compare(finding, "the number of networks", std::to_string(evidence.networks.size()),
          journal.current.empty() ? "0" : "1");
}

/// Images that were pulled are there, and a kept release needs them.
void check_images(const Evidence& evidence, Finding& finding) {
  const auto& releases = evidence.journal.releases;
  std::set<std::string> kept{evidence.journal.current, evidence.journal.previous};
  const auto keep = std::min(releases.size(), static_cast<std::size_t>(evidence.scene.keep_releases));
  kept.insert(releases.end() - static_cast<std::ptrdiff_t>(keep), releases.end());
  kept.erase("");
  std::set<std::string> needed;
  for (const std::string& id : kept) {
    const json record = read_release(evidence, id);
    if (!record.is_object()) continue;
    for (const json& entry : record.at("services"))
      needed.insert(entry.value("repository", "") + '@' + entry.value("digest", ""));
  }
  std::istringstream lines(read_file(evidence.path("pulled_images")));
  for (std::string name; std::getline(lines, name);) {
    if (!needed.contains(name)) finding.faults.push_back(name + " was pulled, and no kept release needs it");
    if (evidence.engine("/images/" + name + "/json").is_null())
      finding.faults.push_back(name + " was pulled, and is not there any more");
  }
}

void check_bystanders(const Evidence& evidence, Finding& finding) {
  for (const std::string& bystander : evidence.scene.bystanders) {
    const auto equals = bystander.find('=');
    const json container = evidence.engine("/containers/" + bystander.substr(0, equals) + "/json");
    compare(finding, "the start of a container that is not ours",
            container.is_object() ? container.at("State").value("StartedAt", "") : "gone",
            bystander.substr(equals + 1));
  }
}

}  // namespace

Finding everything_agrees(const Evidence& evidence) {
  Finding finding{.number = 4};
  check_caches(evidence, finding);
  check_nginx(evidence, finding);
  check_serving_containers(evidence, finding);
  finding.looked_at = fmt::format(
      "{} of the journal; caches, releases.log, flags, nginx's files, nginx's own "
      "answer ({}), {} containers",
      evidence.journal.current.empty() ? "no release" : evidence.journal.current, evidence.state.header,
      evidence.containers.size());
  return finding;
}

Finding previous_can_be_started(const Evidence& evidence) {
  Finding finding{.number = 6};
  if (evidence.journal.previous.empty())
    return {.number = 6, .looked_at = "there is no previous release yet"};
  const json record = read_release(evidence, evidence.journal.previous);
  if (!record.is_object()) {
    finding.faults.push_back("the record of " + evidence.journal.previous + " cannot be read");
    return finding;
  }
  for (const auto& [service, entry] : record.at("services").items())
    check_previous(evidence, service, entry, finding);
  finding.looked_at = fmt::format("record, image by id and by digest, values and kept containers of {}",
                                  evidence.journal.previous);
  return finding;
}

Finding nothing_is_left_behind(const Evidence& evidence) {
  Finding finding{.number = 12};
  check_files(evidence, finding);
  check_containers_and_networks(evidence, finding);
  check_images(evidence, finding);
  check_bystanders(evidence, finding);
  finding.looked_at = fmt::format(
      "files in the state's and nginx's directories, {} containers, {} networks, pulled "
      "images, {} bystanders",
      evidence.containers.size(), evidence.networks.size(), evidence.scene.bystanders.size());
  return finding;
}

}  // namespace halcyon::syscall_kill
