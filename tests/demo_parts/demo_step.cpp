#include "demo_step.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace halcyon::demo {
namespace {

using nlohmann::json;

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

json read_document(const std::string& path) {
  json document = json::parse(read_text(path), nullptr, false);
  if (!document.is_object()) throw std::runtime_error(path + " holds no JSON document");
  return document;
}

void read_result(const json& result, DemoStep& step) {
  step.outcome = result.at("outcome");
  step.release = result.value("release", "");
  step.previous_release = result.value("previous_release", "");
  step.error = result.value("error", "");
  step.until_commit_milliseconds = result.value("until_commit_milliseconds", std::int64_t{0});
  step.milliseconds = result.value("milliseconds", std::int64_t{0});
  for (const json& phase : result.value("steps", json::array())) {
    step.phases.push_back({phase.at("id"), phase.at("milliseconds"), phase.at("result")});
  }
}

Clients read_clients(const json& load) {
  Clients clients;
  clients.seconds = load.at("seconds");
  clients.answered = load.at("answered");
  clients.lost = load.at("lost");
  clients.wrong = load.at("wrong");
  clients.truncated = load.at("truncated");
  for (const auto& [release, count] : load.at("releases").items()) clients.releases[release] = count;
  return clients;
}

Posts read_posts(const json& posts) {
  return {.sent = posts.at("sent"),
          .answered = posts.at("answered"),
          .never_logged = posts.at("answered_but_never_logged"),
          .duplicated = posts.at("duplicated")};
}

std::optional<std::string> find_fault_for_clients(const Clients& clients) {
  if (clients.answered == 0) return "no request was answered";
  if (clients.lost > 0) return fmt::format("{} requests were lost", clients.lost);
  if (clients.wrong > 0) return fmt::format("{} answers were wrong", clients.wrong);
  if (clients.truncated > 0) return fmt::format("{} answers were cut", clients.truncated);
  return std::nullopt;
}

std::optional<std::string> find_fault_in_posts(const Posts& posts) {
  if (posts.answered == 0) return "no POST was answered";
  if (posts.never_logged > 0) return fmt::format("{} POSTs reached no container", posts.never_logged);
  if (posts.duplicated > 0) return fmt::format("{} POSTs were done twice", posts.duplicated);
  return std::nullopt;
}

}  // namespace

DemoStep read_step(const std::string& directory) {
  DemoStep step;
  step.title = read_text(directory + "/title");
  step.command = read_text(directory + "/command");
  step.expected_outcome = read_text(directory + "/expected");
  step.exit_status = std::stoi(read_text(directory + "/status"));
  read_result(read_document(directory + "/result.json"), step);
  if (std::filesystem::exists(directory + "/load.json")) {
    step.clients = read_clients(read_document(directory + "/load.json"));
    step.posts = read_posts(read_document(directory + "/posts.json"));
  }
  return step;
}

std::optional<std::string> find_fault(const DemoStep& step) {
  if (step.outcome != step.expected_outcome) {
    return fmt::format("the outcome is {} and should be {}", step.outcome, step.expected_outcome);
  }
  if ((step.exit_status == 0) != (step.expected_outcome == "deployed")) {
    return fmt::format("the exit code {} does not fit the outcome", step.exit_status);
  }
  if (step.clients) {
    if (auto fault = find_fault_for_clients(*step.clients)) return fault;
  }
  return step.posts ? find_fault_in_posts(*step.posts) : std::nullopt;
}

}  // namespace halcyon::demo
