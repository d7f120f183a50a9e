#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "orchestrator/configuration_check.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/nginx_files_parts.hpp"
#include "orchestrator/toml_tree.hpp"

namespace halcyon::orchestrator {
namespace {

// 32 hex digits are 128 bits. 46 is the longest key that nginx's map takes with its default bucket of 64
// bytes, and "-state" stands behind the token in one.
constexpr std::size_t k_shortest_token = 16;
constexpr std::size_t k_longest_token = 40;

[[noreturn]] void refuse(std::string_view what, std::string_view value, std::string_view rule) {
  throw Error(Outcome::usage, fmt::format("cannot write nginx's configuration: {} {} {}; nothing was written",
                                          what, shown_text(value), rule));
}

void check_addresses(const NginxService& service, Slot slot) {
  const auto& [addresses, port] = upstream_in(service, slot);
  if (port == 0) refuse("the port of service", service.name.text(), "must be 1 to 65535");
  if (addresses.empty() || addresses.size() > static_cast<std::size_t>(k_max_replicas))
    refuse("the number of addresses of service", service.name.text(), "must be 1 to 8 in each slot");
  for (const std::string& address : addresses)
    if (!is_ipv4(address)) refuse("the upstream address", address, "must be a literal IPv4 address");
}

void check_service(const NginxService& service, std::set<std::string>& locations) {
  check_addresses(service, Slot::blue);
  check_addresses(service, Slot::green);
  if (service.routes.empty()) refuse("service", service.name.text(), "must have at least one route");
  for (const std::string& route : service.routes) {
    if (!is_route(route)) refuse("the route", route, "must begin with '/' and hold only [A-Za-z0-9._~/-]");
    if (!locations.insert(route.ends_with('/') ? route : route + "/").second)
      refuse("the route", route, "must belong to one service only, once");
  }
}

void check_token(std::string_view token) {
  const bool is_hex = std::all_of(token.begin(), token.end(),
                                  [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!is_hex || token.size() < k_shortest_token || token.size() > k_longest_token)
    refuse("the probe token", "(not shown)", "must be 16 to 40 lower-case hex digits");
}

void check_settings(const Nginx& settings) {
  if (!is_listen(settings.listen)) refuse("nginx.listen", settings.listen, "must be a port or IPv4:port");
  for (const milliseconds duration : {settings.proxy_read_timeout, settings.upstream_keepalive})
    if (duration < milliseconds(1) || duration > std::chrono::hours(24))
      refuse("the duration", duration_text(duration), "must be 1ms to 24h");
}

}  // namespace

void check_declaration(const NginxDeclaration& declaration) {
  const auto domains = split_words(declaration.domain);
  if (domains.empty()) refuse("the domain", declaration.domain, "must be given");
  for (const std::string_view domain : domains)
    if (!is_domain(domain)) refuse("the domain", domain, "must be a host name or an IPv4 address");
  for (const std::string& path : {declaration.gate_directory, declaration.access_log})
    if (!is_plain_path(path)) refuse("the path", path, "must be absolute and made of [A-Za-z0-9._/+@~-]");
  check_token(declaration.probe_token);
  check_settings(declaration.settings);
  std::set<std::string> locations;
  std::set<Name> names;
  for (const NginxService& service : declaration.services) {
    check_service(service, locations);
    if (!names.insert(service.name).second) refuse("service", service.name.text(), "must not be there twice");
  }
}

}  // namespace halcyon::orchestrator
