#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/nginx_files_parts.hpp"

namespace halcyon::orchestrator {
namespace {

/// `set` and `if (-f)` in the server block run for every request, and again after an internal redirect: the
/// next request sees a changed flag, and nothing is reloaded.
void write_if_file(std::string_view path, std::string_view variable, std::string_view value,
                   NginxText& text) {
  text.open(fmt::format("if (-f {})", path));
  text.line(fmt::format("set {} {};", variable, value));
  text.close();
}

void write_slot(const NginxDeclaration& declaration, const NginxService& service, NginxText& text) {
  const std::string slot = NginxVariables(declaration).slot(service.name);
  if (declaration.settings.switch_way == SwitchWay::reload)
    return text.line(fmt::format("set {} {};", slot, to_string(service.active)));
  text.line(fmt::format("set {} blue;", slot));
  write_if_file(fmt::format("{}/slots/{}.green", declaration.gate_directory, service.name.text()), slot,
                "green", text);
}

/// A name that no team's own location has.
std::string again_location(const NginxService& service) { return "@halcyon_again_" + service.name.text(); }

void write_proxying(const NginxDeclaration& declaration, const NginxService& service, NginxText& text) {
  const NginxVariables variables(declaration);
  const std::string slot = variables.slot(service.name);
  const Nginx& settings = declaration.settings;
  text.line(fmt::format("set {} {};", variables.slot(), slot));
  text.line(fmt::format("proxy_pass http://{}_{};",
                        accessory_name(declaration.app, declaration.environment, service.name), slot));
  text.line("proxy_http_version 1.1;");
  text.line(fmt::format("proxy_set_header Upgrade {};", variables.upgrade()));
  text.line(fmt::format("proxy_set_header Connection {};", variables.connection()));
  text.line(fmt::format("proxy_set_header Host $host{};", variables.port()));
  text.line("proxy_set_header X-Real-IP $remote_addr;");
  text.line("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;");
  text.line("proxy_set_header X-Forwarded-Proto $scheme;");
  text.line(fmt::format("proxy_set_header X-Forwarded-Host $host{};", variables.port()));
  text.line(fmt::format("proxy_set_header {} \"\";", k_probe_request_header));
  text.line("proxy_redirect off;");
  text.line("proxy_connect_timeout 2s;");
  text.line(fmt::format("proxy_read_timeout {};", nginx_time(settings.proxy_read_timeout)));
  text.line("proxy_next_upstream error timeout;");
  text.line(fmt::format("client_max_body_size {};", settings.client_max_body_bytes));
}

/// nginx chooses the slot when it has read a request's head and connects when it has read the body. An upload
/// that straddles the switch so meets a slot that was drained and stopped meanwhile: it is sent to the one
/// that serves now, unless a connection came about and the application may have seen it. A named location
/// does not run the server block's `set` and `if` again, so they are repeated here.
void write_again_location(const NginxDeclaration& declaration, const NginxService& service, NginxText& text) {
  const std::string again = NginxVariables(declaration).again();
  text.blank();
  text.open("location " + again_location(service));
  for (const std::string_view status : {"502", "504"}) {
    text.open(fmt::format("if ({} = {})", again, status));
    text.line(fmt::format("return {};", status));
    text.close();
  }
  write_slot(declaration, service, text);
  write_proxying(declaration, service, text);
  text.close();
}

void write_location(const NginxDeclaration& declaration, const NginxService& service, std::string_view match,
                    NginxText& text) {
  text.blank();
  text.open(fmt::format("location {}", match));
  write_location_body(declaration, service, text);
  text.close();
}

}  // namespace

void write_server_part(const NginxDeclaration& declaration, NginxText& text) {
  const NginxVariables variables(declaration);
  text.line("open_file_cache off;");  // a cached answer about a flag would be up to a minute old
  text.line(fmt::format("set {} \"\";", variables.slot()));
  for (const NginxService& service : declaration.services) write_slot(declaration, service, text);
  text.line(fmt::format("set {} 0;", variables.gate()));
  write_if_file(declaration.gate_directory + "/canary", variables.gate(), "1", text);
  // Here and not in the locations: a location with an add_header of its own inherits none, and a team's
  // Strict-Transport-Security must not disappear because of ours.
  text.line(fmt::format("add_header {} {} always;", k_probe_response_header, variables.probe()));
  text.line(fmt::format("proxy_hide_header {};", k_probe_response_header));
  // Which slot serves must be known also when the application hangs, so nginx says it without asking anybody.
  text.open(fmt::format("if ($http_x_halcyon_probe = {})", state_probe_value(declaration.probe_token)));
  text.line("return 204;");
  text.close();
  text.line(fmt::format("access_log {} {} if={};", declaration.access_log, variables.log_format(),
                        variables.logged()));
  for (const NginxService& service : declaration.services) write_again_location(declaration, service, text);
}

void write_location_body(const NginxDeclaration& declaration, const NginxService& service, NginxText& text) {
  write_proxying(declaration, service, text);
  text.line(fmt::format("error_page 502 504 = {};", again_location(service)));
  text.line("recursive_error_pages on;");  // so that a team's own page for 502 is still found from there
}

void write_locations(const NginxDeclaration& declaration, NginxText& text) {
  bool has_root = false;
  for (const NginxService& service : declaration.services) {
    for (const std::string& route : service.routes) {
      has_root = has_root || route == "/";
      if (!route.ends_with('/')) write_location(declaration, service, "= " + route, text);
      write_location(declaration, service, route.ends_with('/') ? route : route + "/", text);
    }
  }
  if (has_root) return;
  // Without this nginx would serve its own welcome page, or whatever lies in its html directory.
  text.blank();
  text.open("location /");
  text.line("return 404;");
  text.close();
}

}  // namespace halcyon::orchestrator
