// What this environment declares to nginx, on disk and as nginx has loaded it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/nginx_control.hpp"
#include "orchestrator/nginx_files.hpp"
#include "orchestrator/promotion.hpp"

namespace halcyon::orchestrator {

/// The declaration for the configuration's web services: each slot with the port and replicas of the release
/// whose containers are, or will be, in it. `active` matters with SwitchWay::reload only.
///
/// May allocate addresses for services that have none yet.
NginxDeclaration make_declaration(Promotion& promotion, const Placements& active);

/// True if gate/ holds exactly these files and, in managed mode, nginx.conf_dir the link to them.
bool files_are_on_disk(const Promotion& promotion, const std::vector<NginxFile>& files);

/// Writes the files, keeping what this promotion replaces as NAME.before.PROMOTION, and in managed mode the
/// link in nginx.conf_dir; in include mode a link of before is taken away.
void write_declaration(const Promotion& promotion, const std::vector<NginxFile>& files);
/// After write_declaration, when nginx was told nothing: managed files and the link are as before; the files
/// of the include way stay, so that they can be included, and awaiting_inclusion says so.
void withdraw_declaration(const Promotion& promotion);
/// Puts back what write_declaration replaced; in managed mode, and with nothing serving yet, removes our
/// server block.
struct PutBack {
  bool changed = false;
  std::string generation;  ///< of the files that are back; empty if there are none
};
PutBack put_back_declaration(const Promotion& promotion);
/// Removes the NAME.before files of all promotions, and files of the way that is not configured any more.
void forget_replaced_declaration(const Promotion& promotion);

/// Where a probe for one web service goes: the gate's path if nginx routes it to this service, else its first
/// route.
ProbeTarget make_probe_target(const Promotion& promotion, const Service& service);
ProbeTarget make_probe_target(const Environment& environment, std::string token, const Service& service);

/// What is wrong with what nginx says of itself; nothing if it sends the service's requests to `slot`. Pure.
std::optional<std::string> find_state_fault(const Environment& environment, const StateDirectory& directory,
                                            const StateAnswer& answer, const std::string& service, Slot slot);
/// What is wrong with the answer to a request that went through nginx to a service. Pure.
///
/// `addresses`: "10.201.7.16:8000", one of which must have answered; empty: not asked for.
std::optional<std::string> find_answer_fault(const ProbeTarget& target, const ProbeAnswer& answer,
                                             const std::string& service,
                                             const std::vector<std::string>& addresses);

/// Asks nginx, and no application, whether it sends the service's requests to `slot`.
boost::asio::awaitable<std::optional<std::string>> find_routing_fault(Promotion& promotion,
                                                                      const Service& service, Slot slot);
/// Sends a request to the service as well, which one of `addresses` must answer.
boost::asio::awaitable<std::optional<std::string>> find_routing_fault(Promotion& promotion,
                                                                      const Service& service, Slot slot,
                                                                      std::vector<std::string> addresses);

/// The link in nginx.conf_dir through which nginx finds the managed file.
std::string managed_link(const Environment& environment);

/// "10.201.7.16:8000" for each replica of a service with these settings in that slot.
std::vector<std::string> upstream_addresses(Promotion& promotion, const Service& settings, Slot slot);

}  // namespace halcyon::orchestrator
