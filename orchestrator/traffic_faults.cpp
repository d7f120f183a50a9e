#include "orchestrator/traffic_faults.hpp"

#include <algorithm>
#include <optional>

#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/state_directory.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

constexpr milliseconds k_traffic_probe_timeout{2'000};

}  // namespace

asio::awaitable<std::vector<std::string>> find_traffic_faults(Session session, const EnvironmentState& state,
                                                              std::set<std::string> silent) {
  const Environment& environment = session.environment;
  const StateDirectory directory(environment.state_directory);
  std::vector<std::string> faults;
  const std::optional<std::string> token = directory.find_probe_token();
  if (!token) co_return faults;
  for (const Service& service : environment.services) {
    const std::string& name = service.name.text();
    const auto placement = state.placements.find(name);
    if (service.kind != ServiceKind::web || placement == state.placements.end()) continue;
    ProbeTarget target = make_probe_target(environment, *token, service);
    target.timeout = k_traffic_probe_timeout;
    const StateAnswer said = co_await ask_nginx_state(session.engine.executor(), target);
    auto fault = find_state_fault(environment, directory, said, name, placement->second.slot);
    if (!fault && !silent.contains(name)) {
      const ProbeAnswer answer = co_await probe_nginx(session.engine.executor(), target);
      fault = find_answer_fault(target, answer, name, {});
    }
    if (fault && std::find(faults.begin(), faults.end(), *fault) == faults.end()) faults.push_back(*fault);
    if (said.status == 0) break;  // the others would wait in vain, too
  }
  co_return faults;
}

}  // namespace halcyon::orchestrator
