#include "evidence.hpp"

#include <fmt/format.h>

#include <sstream>

namespace halcyon::syscall_kill {
namespace {

using lab_tests::Connection;
using lab_tests::EngineApi;
using lab_tests::Lab;
using lab_tests::read_file;
using lab_tests::Reply;

constexpr int k_fresh_connections = 3;

EngineApi engine_of(const Scene& scene) {
  Lab lab;
  lab.docker_host = "unix://" + scene.engine_socket;
  return EngineApi(lab);
}

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    json value = json::parse(line, nullptr, false);
    if (value.is_object()) result.push_back(std::move(value));
  }
  return result;
}

std::vector<Run> read_runs(const std::string& path) {
  std::vector<Run> runs;
  for (const json& line : lines_of(read_file(path))) {
    Run run{.verb = line.at("verb"),
            .exit_code = line.at("exit_code"),
            .signal = line.at("signal"),
            .document = json::parse(line.at("out").get<std::string>(), nullptr, false),
            .err = line.at("err")};
    run.events = lines_of(run.err);
    runs.push_back(std::move(run));
  }
  return runs;
}

NginxAnswer ask_nginx(const Scene& scene, const std::string& token) {
  auto connection = Connection::to_loopback(scene.nginx_port);
  if (!connection) return {.error = "nginx cannot be connected to"};
  const Reply reply =
      connection->exchange(fmt::format("GET / HTTP/1.1\r\nHost: {}\r\nX-Halcyon-Probe: {}\r\n"
                                       "Connection: close\r\n\r\n",
                                       scene.host, token));
  const auto header = reply.headers.find("x-halcyon");
  return {reply.status, header == reply.headers.end() ? "" : header->second, reply.error};
}

/// By label and by name, so that one that lost its labels is seen, too.
std::vector<json> find_containers(const Evidence& evidence) {
  std::vector<json> result;
  for (const json& container : evidence.engine("/containers/json?all=1")) {
    const std::string name = container.at("Names").at(0);
    const bool is_labelled = container.at("Labels").value("halcyon.app", "") == evidence.scene.app;
    if (!is_labelled && !name.starts_with('/' + evidence.prefix())) continue;
    json inspection = evidence.engine("/containers/" + container.at("Id").get<std::string>() + "/json");
    if (inspection.is_object()) result.push_back(std::move(inspection));
  }
  return result;
}

std::vector<json> find_networks(const Evidence& evidence) {
  std::vector<json> result;
  for (const json& network : evidence.engine("/networks")) {
    const json labels = network.value("Labels", json::object());
    const bool is_labelled = labels.is_object() && labels.value("halcyon.app", "") == evidence.scene.app;
    if (is_labelled || network.at("Name").get<std::string>().starts_with(evidence.prefix()))
      result.push_back(network);
  }
  return result;
}

}  // namespace

json Evidence::engine(const std::string& target) const {
  try {
    return engine_of(scene).get(target);
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find(": 404 ") != std::string_view::npos) return nullptr;
    throw;
  }
}

Evidence gather(const Scene& scene) {
  Evidence evidence;
  evidence.scene = scene;
  evidence.journal = parse_journal_on_disk(read_file(evidence.path("journal")));
  evidence.runs = read_runs(scene.runs_file);
  const std::string token = read_file(evidence.path("secrets/probe_token"));
  evidence.probe_token = token.substr(0, token.find('\n'));
  evidence.containers = find_containers(evidence);
  evidence.networks = find_networks(evidence);
  evidence.state = ask_nginx(scene, evidence.probe_token + "-state");
  for (int count = 0; count < k_fresh_connections; ++count)
    evidence.answers.push_back(ask_nginx(scene, evidence.probe_token));
  return evidence;
}

std::string field_of(const std::string& header, const std::string& name) {
  const auto at = (' ' + header).find(' ' + name + '=');
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 1;
  return header.substr(begin, header.find(' ', begin) - begin);
}

std::string name_of_container(const json& inspection) {
  return inspection.at("Name").get<std::string>().substr(1);
}

std::string label_of_container(const json& inspection, const std::string& name) {
  return inspection.at("Config").at("Labels").value("halcyon." + name, "");
}

}  // namespace halcyon::syscall_kill
