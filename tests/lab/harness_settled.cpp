// Project::is_settled: everything that must agree when nothing runs, compared.
#include <algorithm>
#include <filesystem>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

using Faults = std::vector<std::string>;

std::string first_line(const std::string& path) {
  const std::string text = read_file(path);
  return text.substr(0, text.find('\n'));
}

std::string tag_of(const std::string& reference) { return reference.substr(reference.rfind(':') + 1); }

void compare(Faults& faults, const std::string& what, const std::string& is, const std::string& wanted) {
  if (is != wanted) faults.push_back(what + " is '" + is + "', but should be '" + wanted + "'");
}

void check_files(const Project& project, const json& status, Faults& faults) {
  compare(faults, "the file current_release", first_line(project.state("current_release")),
          status.at("current_release"));
  compare(faults, "the file previous_release", first_line(project.state("previous_release")),
          status.at("previous_release"));
  const std::string journal = read_file(project.state("journal"));
  const auto last_line = journal.rfind('\n', journal.size() - 2);
  const std::string last = journal.substr(last_line == std::string::npos ? 0 : last_line + 1);
  if (last.find(" end {") == std::string::npos && last.find(" environment {") == std::string::npos) {
    faults.push_back("the journal ends in the middle of something: " + last);
  }
  std::set<std::string> records;
  const Finished releases = project.halcyon({"releases", "production"});
  for (const json& release : releases.document.value("releases", json::array())) {
    records.insert(release.at("id").get<std::string>());
  }
  for (const std::string& path : project.files_of_state()) {
    const std::filesystem::path file(path);
    const std::string name = file.filename().string();
    const bool is_record = path.starts_with("releases/");
    const bool is_values = path.starts_with("secrets/r");
    const std::string release = name.substr(0, name.find('.'));
    if ((is_record || is_values) && !records.contains(release)) {
      faults.push_back(path + " belongs to no release that was committed");
    }
    if (name.find(".halcyon-tmp.") != std::string::npos || name.find(".before") != std::string::npos) {
      faults.push_back(path + " was left behind");
    }
  }
}

/// The serving containers run and will come back after a crash; of the other slot at most one release is
/// kept, stopped.
void check_containers(const Project& project, const json& status, Faults& faults) {
  std::map<std::string, std::set<std::string>> kept;
  std::map<std::string, std::size_t> serving;
  for (const json& container : project.engine().list("/containers/json", project.app())) {
    const json& labels = container.at("Labels");
    const std::string name = container.at("Names").at(0);
    const std::string state = container.at("State");
    if (labels.value("halcyon.kind", "") == "accessory") {
      compare(faults, "the state of " + name, state, "running");
      continue;
    }
    const std::string service = labels.at("halcyon.service");
    std::string slot;
    for (const json& entry : status.at("services")) {
      if (entry.at("name") == service) slot = entry.at("slot");
    }
    const bool serves = labels.at("halcyon.slot") == slot;
    // Podman cannot change it.
    const bool is_podman = project.lab().docker_host.find("podman") != std::string::npos;
    const json details =
        project.engine().get("/containers/" + container.at("Id").get<std::string>() + "/json");
    compare(faults, "the restart policy of " + name, details.at("HostConfig").at("RestartPolicy").at("Name"),
            is_podman ? "unless-stopped"
            : serves  ? "always"
                      : "no");
    if (serves) {
      compare(faults, "the state of " + name, state, "running");
      ++serving[service];
    } else {
      if (state == "running") faults.push_back(name + " runs, although it does not serve");
      kept[service].insert(labels.at("halcyon.release").get<std::string>());
    }
  }
  for (const json& entry : status.at("services")) {
    if (entry.at("kind") == "web" && !entry.at("slot").get<std::string>().empty()) {
      compare(faults, "the number of serving containers of " + entry.at("name").get<std::string>(),
              std::to_string(serving[entry.at("name")]), std::to_string(entry.at("containers").size()));
    }
  }
  for (const auto& [service, releases] : kept) {
    if (releases.size() > 1)
      faults.push_back("stopped containers of more than one release of " + service + " are kept");
  }
}

void check_traffic(const Project& project, const json& status, Faults& faults) {
  for (const json& entry : status.at("services")) {
    const std::string name = entry.at("name");
    const std::string slot = entry.at("slot");
    if (entry.at("kind") != "web") continue;
    compare(faults, "the state of " + name, entry.at("state"), slot.empty() ? "absent" : "running");
    const bool is_reload = read_file(project.file()).find("switch = \"reload\"") != std::string::npos;
    const bool has_flag = std::filesystem::exists(project.state("gate/slots/" + name + ".green"));
    if (!is_reload)
      compare(faults, "the flag of " + name, has_flag ? "green" : "blue", slot.empty() ? "blue" : slot);
    if (name != "web" || slot.empty()) continue;
    for (int times = 0; times < 3; ++times) {
      const Reply reply = project.get();
      compare(faults, "what nginx answers",
              std::to_string(reply.status) + " " + reply.release() + reply.error,
              "200 " + tag_of(entry.at("image")));
    }
  }
}

void check_surroundings(const Project& project, const json& status, Faults& faults) {
  const bool has_release = !status.at("current_release").get<std::string>().empty();
  const json networks = project.engine().list("/networks", project.app());
  const bool may_have_network = has_release || !project.containers().empty();
  if (networks.size() > 1 || (has_release && networks.empty()) || (!may_have_network && !networks.empty())) {
    faults.push_back(std::to_string(networks.size()) + " networks are there");
  }
  if (!has_release && std::filesystem::is_symlink(std::filesystem::symlink_status(project.nginx_link()))) {
    faults.push_back(project.nginx_link() + " is there without a release");
  }
  for (const std::string& process : find_left_processes())
    faults.push_back("a process was left behind: " + process);
}

}  // namespace

std::vector<std::string> Project::find_disagreements() const {
  Faults faults;
  const json status = this->status();
  if (!status.value("installed", false)) {
    if (!containers().empty()) faults.push_back("not installed, but containers are there");
    if (!engine_.list("/networks", app_).empty()) faults.push_back("not installed, but a network is there");
    if (status.contains("error")) faults.push_back("status fails: " + status.dump());
    return faults;
  }
  compare(faults, "what status says was interrupted", status.at("interrupted"), "");
  compare(faults, "what status says it is busy with", status.at("busy"), "");
  check_files(*this, status, faults);
  check_containers(*this, status, faults);
  check_traffic(*this, status, faults);
  check_surroundings(*this, status, faults);
  return faults;
}

}  // namespace halcyon::lab_tests
