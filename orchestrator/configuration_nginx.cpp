#include <fmt/format.h>

#include "orchestrator/configuration_check.hpp"
#include "orchestrator/configuration_parts.hpp"
#include "orchestrator/toml_fields.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::uint64_t k_largest_body = k_kib * k_kib * k_kib * k_kib;
constexpr TextRule k_file_rule{is_plain_path,
                               "must be an absolute path of [A-Za-z0-9._/+@~-], without '..' and '//'",
                               "write a path such as \"/etc/nginx/nginx.conf\""};
constexpr TextRule k_listen_rule{is_listen, "must be a port, or an IPv4 address and a port",
                                 R"(write "80" or "127.0.0.1:8080")"};
constexpr TextRule k_probe_rule{
    is_ipv4_and_port, "must be an IPv4 address and a port",
    R"(write where this nginx can be reached from the host, such as "127.0.0.1:80")"};

/// `listen` may be written as a number too; 80 is what people write.
void read_listen(TableReader& reader, Nginx& nginx) {
  const TomlNode* node = reader.find("listen");
  if (node == nullptr) return;
  const std::string text = node->kind == TomlKind::integer ? std::to_string(node->integer) : node->text;
  const bool is_scalar = node->kind == TomlKind::integer || node->kind == TomlKind::string;
  if (!is_scalar || !is_listen(text))
    return reader.complain(*node, std::string(k_listen_rule.rule), std::string(k_listen_rule.remedy));
  nginx.listen = text;
}

}  // namespace

std::string default_probe(const Nginx& nginx) {
  if (nginx.mode == NginxMode::include) return "127.0.0.1:80";
  const std::size_t colon = nginx.listen.find(':');
  if (colon == std::string::npos) return "127.0.0.1:" + nginx.listen;
  const std::string address = nginx.listen.substr(0, colon);
  return (address == "0.0.0.0" ? "127.0.0.1" : address) + nginx.listen.substr(colon);
}

Nginx read_nginx(const TomlNode& table, std::vector<Problem>& problems) {
  Nginx nginx;
  TableReader reader(table, problems);
  if (reader.read_word("mode", {"managed", "include"}) == 1) nginx.mode = NginxMode::include;
  if (reader.read_word("switch", {"flag", "reload"}) == 1) nginx.switch_way = SwitchWay::reload;
  read_listen(reader, nginx);
  reader.read_text("program", k_file_rule, nginx.program);
  reader.read_text("config", k_file_rule, nginx.config);
  reader.read_text("conf_dir", k_file_rule, nginx.conf_dir);
  reader.read_text("pid_file", k_file_rule, nginx.pid_file);
  nginx.probe = default_probe(nginx);
  reader.read_text("probe", k_probe_rule, nginx.probe);
  reader.read_size("client_max_body", k_kib, k_largest_body, nginx.client_max_body_bytes);
  reader.read_duration("proxy_read_timeout", milliseconds(1), nginx.proxy_read_timeout);
  reader.read_duration("upstream_keepalive", milliseconds(1), nginx.upstream_keepalive);
  reader.report_unknown_keys();
  return nginx;
}

}  // namespace halcyon::orchestrator
