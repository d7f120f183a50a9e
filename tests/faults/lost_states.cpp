#include "lost_states.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/open_environment.hpp"
#include "tests/orchestrator/quiet_run.hpp"

namespace halcyon::fault_tests {
namespace {

using orchestrator::EnvironmentState;
using orchestrator::OpenEnvironment;

constexpr std::string_view k_temporary = ".halcyon-tmp.";

/// The same numbers in every run (xorshift64).
class Series {
 public:
  explicit Series(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}
  std::uint64_t next() noexcept {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_;
  }

 private:
  std::uint64_t state_;
};

void add_torn_writes(const FileHistory& history, std::size_t count, const std::set<std::size_t>& unsynced,
                     std::vector<LostState>& states) {
  for (const std::size_t index : unsynced) {
    const std::size_t bytes = history.bytes_of_write(index);
    if (bytes < 2) continue;
    const std::string name = "write " + std::to_string(index) + " torn";
    states.push_back({name, {.torn = {{index, bytes / 2}}}});
    if (index + 1 != count) continue;
    states.push_back({name + " behind 1 byte", {.torn = {{index, 1}}}});
    states.push_back({name + " before its last byte", {.torn = {{index, bytes - 1}}}});
    std::set<std::size_t> others = unsynced;
    others.erase(index);
    states.push_back({name + ", all else lost", {others, {{index, bytes / 2}}}});
  }
}

orchestrator::Environment read_environment(const std::string& file) {
  auto loaded = orchestrator::load_configuration(file);
  return loaded.configuration.value().environments.at("production");
}

/// The content of a name; nothing if it is not there.
std::optional<std::string> content_of(const Tree& tree, const std::string& path) {
  const auto found = tree.find(path);
  if (found == tree.end()) return std::nullopt;
  return found->second.content;
}

}  // namespace

std::vector<LostState> list_states(const FileHistory& history, std::size_t count, std::size_t samples) {
  const auto found = history.find_unsynced(count);
  const std::set<std::size_t> unsynced(found.begin(), found.end());
  std::vector<LostState> states{{"all kept", {}}, {"all lost", {unsynced, {}}}};
  for (const std::size_t index : unsynced) {
    states.push_back({std::to_string(index) + " lost", {{index}, {}}});
    std::set<std::size_t> others = unsynced;
    others.erase(index);
    states.push_back({"all but " + std::to_string(index) + " lost", {others, {}}});
  }
  add_torn_writes(history, count, unsynced, states);
  Series series(count);
  for (std::size_t sample = 0; sample < samples && unsynced.size() > 2; ++sample) {
    LostState state{"sample " + std::to_string(sample), {}};
    for (const std::size_t index : unsynced) {
      if ((series.next() & 0x100U) != 0) state.loss.lost.insert(index);
    }
    states.push_back(std::move(state));
  }
  return states;
}

struct StateRecovery::Opened {
  EnvironmentState state;
  std::vector<orchestrator::Record> records;
  bool knows_current = false;
};

StateRecovery::StateRecovery(const FileHistory& history, const std::string& configuration, std::string from,
                             std::string to)
    : history_(history),
      from_(std::move(from)),
      to_(std::move(to)),
      environment_(read_environment(configuration)),
      state_directory_(environment_.state_directory),
      before_(history.state(0, {})),
      complete_(history.state(history.size(), {})) {
  environment_.state_directory = placed(environment_.state_directory);
  environment_.nginx.conf_dir = placed(environment_.nginx.conf_dir);
  records_ = orchestrator::parse_journal(journal_in(complete_)).records;
  for (std::size_t count = 0; count <= history.size(); ++count) {
    for (const auto& [path, node] : history.state(count, {})) {
      if (path.find(k_temporary) == std::string::npos) contents_[path].insert(node.content);
    }
  }
}

std::string StateRecovery::placed(const std::string& path) const { return to_ + path.substr(from_.size()); }

std::string StateRecovery::journal_in(const Tree& tree) const {
  return content_of(tree, state_directory_ + "/journal").value_or("");
}

EnvironmentState StateRecovery::acknowledged(std::size_t count) const {
  const auto unsynced = history_.find_unsynced(count);
  const Tree tree = history_.state(count, {{unsynced.begin(), unsynced.end()}, {}});
  return fold_all(orchestrator::parse_journal(journal_in(tree)).records);
}

StateRecovery::Opened StateRecovery::open() const {
  boost::asio::io_context io;
  docker_api::Engine engine(io.get_executor(), docker_api::UnixAddress{to_ + "/no-engine"});
  orchestrator::NoEvents events;
  orchestrator::NoInterrupt interrupt;
  const orchestrator::Session session{engine, environment_, events, interrupt, "anna"};
  OpenEnvironment environment(session, "resume");
  Opened opened{.state = environment.state(), .records = environment.journal().records()};
  orchestrator::Promotion promotion{.session = session,
                                    .directory = environment.directory(),
                                    .journal = &environment.journal(),
                                    .state = environment.state()};
  note_current(promotion);
  opened.knows_current = promotion.current.has_value();
  if (opened.state.open) environment.reopen(session);
  return opened;
}

std::vector<std::string> StateRecovery::find_faults(std::size_t count, const Tree& tree) const {
  std::vector<std::string> faults;
  write_tree(tree, history_.roots(), from_, to_);
  try {
    const Opened opened = open();
    Roots there;
    for (const std::string& root : history_.roots().paths) there.paths.push_back(placed(root));
    Tree after;
    for (auto& [path, node] : read_tree(there)) after[from_ + path.substr(to_.size())] = std::move(node);
    check_records(count, opened, faults);
    check_copies(opened, after, faults);
    check_releases(opened, after, faults);
    check_traffic(opened, after, faults);
    check_contents(after, faults);
  } catch (const std::exception& error) {
    faults.emplace_back(error.what());
  }
  return faults;
}

/// Every acknowledged record, in order, and none that was never written.
void StateRecovery::check_records(std::size_t count, const Opened& opened,
                                  std::vector<std::string>& faults) const {
  const auto unsynced = history_.find_unsynced(count);
  const Tree durable = history_.state(count, {{unsynced.begin(), unsynced.end()}, {}});
  const std::size_t acknowledged = orchestrator::parse_journal(journal_in(durable)).records.size();
  if (opened.records.size() < acknowledged)
    faults.push_back("of " + std::to_string(acknowledged) + " acknowledged records only " +
                     std::to_string(opened.records.size()) + " are there");
  if (opened.records.size() > records_.size() ||
      !std::equal(opened.records.begin(), opened.records.end(), records_.begin()))
    faults.emplace_back("the journal has records that were not written so");
}

void StateRecovery::check_copies(const Opened& opened, const Tree& after,
                                 std::vector<std::string>& faults) const {
  std::string lines;
  for (const std::string& line : opened.state.lines) lines += line + '\n';
  for (const auto& [name, wanted] :
       {std::pair{"current_release", opened.state.current.empty() ? "" : opened.state.current + '\n'},
        std::pair{"previous_release", opened.state.previous.empty() ? "" : opened.state.previous + '\n'},
        std::pair{"releases.log", lines}}) {
    if (content_of(after, state_directory_ + '/' + name).value_or("") != wanted)
      faults.push_back(std::string(name) + " does not say what the journal says");
  }
}

/// What serves and the way back can be made again: record and values are there.
void StateRecovery::check_releases(const Opened& opened, const Tree& after,
                                   std::vector<std::string>& faults) const {
  if (!opened.state.current.empty() && !opened.knows_current)
    faults.push_back("the record of " + opened.state.current + ", which serves, cannot be read");
  for (const std::string& release : {opened.state.current, opened.state.previous}) {
    if (release.empty()) continue;
    for (const std::string& path : {state_directory_ + "/releases/" + release + ".json",
                                    state_directory_ + "/secrets/" + release + ".web.json"}) {
      const auto wanted = content_of(complete_, path).value_or(content_of(before_, path).value_or(""));
      if (content_of(after, path).value_or("") != wanted)
        faults.push_back(path + " is not what release " + release + " was made from");
    }
  }
}

/// Before anything is repaired, nginx must send requests to what the journal says serves, unless a promotion
/// is to be undone; and what that has changed it must be able to put back.
void StateRecovery::check_traffic(const Opened& opened, const Tree& after,
                                  std::vector<std::string>& faults) const {
  const EnvironmentState& state = opened.state;
  const std::string managed = state_directory_ + "/gate/managed.conf";
  const auto declared = content_of(after, managed);
  if (state.open && !state.open->committed) {
    const bool is_changed =
        content_of(before_, managed).has_value() && declared != content_of(before_, managed);
    if (is_changed &&
        content_of(after, managed + ".before." + state.open->id) != content_of(before_, managed))
      faults.emplace_back("what nginx was told before cannot be put back");
    return;
  }
  if (state.current.empty()) return;
  for (const auto& [service, placement] : state.placements) {
    const bool is_green = after.contains(state_directory_ + "/gate/slots/" + service + ".green");
    if (is_green != (placement.slot == orchestrator::Slot::green))
      faults.push_back("the flag of " + service + " does not say what the journal says");
  }
  const std::string link = from_ + orchestrator::managed_link(environment_).substr(to_.size());
  if (!declared || content_of(after, link) != managed) faults.emplace_back("nginx is not told of us");
}

/// A name holds all of what was given to it, or what it held before.
void StateRecovery::check_contents(const Tree& after, std::vector<std::string>& faults) const {
  for (const auto& [path, node] : after) {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (name.find(k_temporary) != std::string::npos) faults.push_back(path + " was left behind");
    const bool is_compared = node.kind != Node::Kind::directory && !name.starts_with("journal") &&
                             name != "releases.log" && name != "current_release" &&
                             name != "previous_release" && name != "canary";
    if (!is_compared) continue;
    const auto known = contents_.find(path);
    if (known == contents_.end() || !known->second.contains(node.content))
      faults.push_back(path + " holds what it was never given");
  }
}

}  // namespace halcyon::fault_tests
