#include <fmt/format.h>

#include "orchestrator/nginx_files_parts.hpp"

namespace halcyon::orchestrator {
namespace {

/// Both colours, always: which one serves is not decided here. max_fails=0, or one failed request would take
/// a replica out for ten seconds. Keep-alive is written out, because nginx 1.29.7 changed its default.
void write_upstream(const NginxDeclaration& declaration, const NginxService& service, Slot slot,
                    NginxText& text) {
  const NginxUpstream& upstream = upstream_in(service, slot);
  text.open("upstream " + upstream_name(declaration.app, declaration.environment, service.name, slot));
  for (const std::string& address : upstream.addresses)
    text.line(fmt::format("server {}:{} max_fails=0;", address, upstream.port));
  text.line("keepalive 32;");
  text.line(fmt::format("keepalive_timeout {};", nginx_time(declaration.settings.upstream_keepalive)));
  text.close();
}

void write_map(std::string_view source, std::string_view target, std::string_view otherwise,
               std::string_view match, std::string_view value, NginxText& text) {
  text.open(fmt::format("map {} {}", source, target));
  text.line(fmt::format("default {};", otherwise));
  text.line(fmt::format("{} {};", match, value));
  text.close();
}

/// WebSocket passes; any other upgrade does not: a backend that agrees to h2c would take the connection away
/// from nginx and its rules. Without an upgrade Connection is empty, so the connection to the upstream is
/// kept.
void write_upgrade_maps(const NginxVariables& variables, NginxText& text) {
  write_map("$http_upgrade", variables.upgrade(), R"("")", "websocket", "websocket", text);
  write_map("$http_upgrade", variables.connection(), R"("")", "websocket", "upgrade", text);
}

/// The port the client wrote, for the Host header: $host lacks it, and $http_host is not what nginx routed by
/// when the request line carries a whole URL.
void write_port_map(const NginxVariables& variables, NginxText& text) {
  write_map("$http_host", variables.port(), R"("")", R"("~(:[0-9]+)$")", "$1", text);
}

void write_probe_map(const NginxDeclaration& declaration, std::string_view generation, NginxText& text) {
  const NginxVariables variables(declaration);
  std::string slots;
  for (const NginxService& service : declaration.services)
    slots +=
        fmt::format("{}{}:{}", slots.empty() ? "" : ",", service.name.text(), variables.slot(service.name));
  const std::string state = fmt::format("generation={} gate={}", generation, variables.gate());
  text.open(fmt::format("map $http_x_halcyon_probe {}", variables.probe()));
  text.line(R"(default "";)");
  text.line(fmt::format(R"({} "{} slot={} upstream=$upstream_addr";)", declaration.probe_token, state,
                        variables.slot()));
  text.line(fmt::format(R"({} "{} slots={}";)", state_probe_value(declaration.probe_token), state, slots));
  text.close();
}

/// Our own probes are no requests: they stay out of the log from which requests are counted.
void write_logged_map(const NginxVariables& variables, NginxText& text) {
  write_map(variables.probe(), variables.logged(), "0", R"("")", "1", text);
}

/// What becomes of a request that got no answer: "again" if no connection to an upstream came about (its
/// connect time is
/// "-" for each one that was tried), else the status it has.
void write_again_map(const NginxVariables& variables, NginxText& text) {
  text.open(fmt::format("map $upstream_connect_time/$upstream_status {}", variables.again()));
  text.line("default 502;");
  text.line(R"("~^[-,: ]*/" again;)");
  text.line(R"("~504$" 504;)");
  text.close();
}

void write_log_format(const NginxVariables& variables, NginxText& text) {
  text.line(fmt::format("log_format {}", variables.log_format()));
  text.line(
      R"(    '$msec\t$status\t$request_time\t$upstream_addr\t$upstream_status\t$request_completion\t')");
  text.line(R"(    '$bytes_sent\t$request_method\t$host\t$uri';)");
}

}  // namespace

void write_http_part(const NginxDeclaration& declaration, std::string_view generation, NginxText& text) {
  const NginxVariables variables(declaration);
  for (const NginxService& service : declaration.services) {
    write_upstream(declaration, service, Slot::blue, text);
    write_upstream(declaration, service, Slot::green, text);
  }
  write_upgrade_maps(variables, text);
  write_port_map(variables, text);
  write_probe_map(declaration, generation, text);
  write_logged_map(variables, text);
  write_again_map(variables, text);
  write_log_format(variables, text);
}

}  // namespace halcyon::orchestrator
