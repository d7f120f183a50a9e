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

/// True if gate/ holds exactly these files.
bool files_are_on_disk(const StateDirectory& directory, const std::vector<NginxFile>& files);

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

/// Probes one service and says what is wrong with the way there; nothing if nginx sends requests to `slot`.
///
/// `addresses`: "10.201.7.16:8000", one of which must have answered; empty: not asked for.
boost::asio::awaitable<std::optional<std::string>> find_routing_fault(Promotion& promotion,
                                                                      const Service& service, Slot slot,
                                                                      std::vector<std::string> addresses);

/// The link in nginx.conf_dir through which nginx finds the managed file.
std::string managed_link(const Environment& environment);

/// "10.201.7.16:8000" for each replica of a service with these settings in that slot.
std::vector<std::string> upstream_addresses(Promotion& promotion, const Service& settings, Slot slot);

}  // namespace halcyon::orchestrator
