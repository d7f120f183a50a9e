#include <algorithm>

#include "orchestrator/configuration_check.hpp"
#include "orchestrator/configuration_parts.hpp"
#include "orchestrator/toml_fields.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr NumberRule k_status_rule{100, 599, "must be an HTTP status of 100 to 599",
                                   "write one such as 200, or an array such as [200, 204]"};
constexpr NumberRule k_successes_rule{1, 100, "must be 1 to 100",
                                      "write how many answers in a row must be good"};
constexpr TextRule k_path_rule{
    is_request_target, "must begin with '/' and hold only what a URL's path and query may",
    R"(write the path that answers when the application is ready, such as "/readyz")"};
constexpr TextRule k_host_rule{is_host_header, "must be a host name, with or without a port",
                               R"(write one such as "shop.example.com", or leave it out to use the domain)"};
constexpr TextRule k_contains_rule{
    [](std::string_view text) noexcept {
      return !text.empty() && text.size() <= 4096 && text.find('\0') == std::string_view::npos;
    },
    "must be 1 to 4096 bytes of text without NUL", "write a part of the body that a good answer has"};
constexpr TextRule k_header_rule{is_header_name, "must be the name of an HTTP header",
                                 R"(write one such as "X-Release")"};

void read_statuses(TableReader& reader, Gate& gate) {
  const TomlNode* node = reader.find("status");
  if (node == nullptr) return;
  std::vector<int> statuses;
  bool good = true;
  const auto take = [&](const TomlNode& item) {
    good = item.kind == TomlKind::integer && item.integer >= k_status_rule.least &&
           item.integer <= k_status_rule.most;
    if (good) return statuses.push_back(static_cast<int>(item.integer));
    reader.complain(item, std::string(k_status_rule.rule), std::string(k_status_rule.remedy));
  };
  if (node->kind != TomlKind::array) {
    take(*node);
  } else if (node->children.empty()) {
    reader.complain(*node, "must hold at least one status", std::string(k_status_rule.remedy));
  } else {
    for (const TomlNode& item : node->children) take(item);
  }
  if (!statuses.empty()) gate.statuses = std::move(statuses);
}

/// A gate that cannot pass however good the application is would look like a broken application.
void check_possible(TableReader& reader, const Gate& gate) {
  if (gate.interval * (gate.successes - 1) < gate.deadline) return;
  constexpr std::string_view k_rule = "leaves no time for that many successes at that interval";
  constexpr std::string_view k_remedy = "write a deadline longer than successes times interval";
  if (const TomlNode* node = reader.find("deadline"))
    return reader.complain(*node, std::string(k_rule), std::string(k_remedy));
  reader.complain_missing("deadline", std::string(k_rule), std::string(k_remedy));
}

}  // namespace

Gate read_gate(const TomlNode* table, const TomlNode& service_table, std::vector<Problem>& problems) {
  constexpr std::string_view k_rule = "is required for a web service";
  Gate gate;
  if (table == nullptr) {
    if (service_table.find("gate") == nullptr)
      TableReader(service_table, problems)
          .complain_missing("gate.path", std::string(k_rule), std::string(k_path_rule.remedy));
    return gate;
  }
  TableReader reader(*table, problems);
  if (!reader.read_text("path", k_path_rule, gate.path) && table->find("path") == nullptr)
    reader.complain_missing("path", std::string(k_rule), std::string(k_path_rule.remedy));
  reader.read_text("host", k_host_rule, gate.host);
  read_statuses(reader, gate);
  reader.read_text("contains", k_contains_rule, gate.contains);
  reader.read_text("release_header", k_header_rule, gate.release_header);
  std::int64_t successes = gate.successes;
  reader.read_number("successes", k_successes_rule, successes);
  gate.successes = static_cast<int>(successes);
  reader.read_duration("interval", milliseconds(1), gate.interval);
  reader.read_duration("request_timeout", milliseconds(1), gate.request_timeout);
  reader.read_duration("deadline", milliseconds(1), gate.deadline);
  check_possible(reader, gate);
  reader.report_unknown_keys();
  return gate;
}

}  // namespace halcyon::orchestrator
