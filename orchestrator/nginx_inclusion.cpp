#include "orchestrator/nginx_inclusion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "orchestrator/nginx_declaration.hpp"

namespace halcyon::orchestrator {
namespace {

std::string canonical(const std::string& path) {
  std::error_code failed;
  const auto resolved = std::filesystem::weakly_canonical(path, failed);
  return failed ? path : resolved.string();
}

bool exists(const std::string& path) {
  std::error_code failed;
  return std::filesystem::exists(std::filesystem::symlink_status(path, failed));
}

/// The lines that belong to one file, with the place for each: "in your server block: include ...;".
std::vector<std::string> lines_for(const Environment& environment, const std::string& gate,
                                   const std::string& file) {
  if (file == "http.conf")
    return {fmt::format("in the http block, outside every server block: include {}/http.conf;", gate)};
  if (file == "server.conf") return {fmt::format("in your server block: include {}/server.conf;", gate)};
  std::vector<std::string> lines;
  for (const Service& service : environment.services) {
    if (file != "location_" + service.name.text() + ".conf") continue;
    for (const std::string& route : service.routes)
      lines.push_back(
          fmt::format("in your server block: location {} {{ include {}/{}; }}", route, gate, file));
  }
  return lines;
}

}  // namespace

std::vector<std::string> parse_configuration_files(std::string_view dump) {
  constexpr std::string_view k_begin = "# configuration file ";
  std::vector<std::string> files;
  while (!dump.empty()) {
    const std::size_t end = std::min(dump.find('\n'), dump.size());
    std::string_view line = dump.substr(0, end);
    dump.remove_prefix(std::min(end + 1, dump.size()));
    if (!line.starts_with(k_begin) || !line.ends_with(':')) continue;
    line.remove_prefix(k_begin.size());
    line.remove_suffix(1);
    files.emplace_back(line);
  }
  return files;
}

std::vector<std::string> find_missing_inclusions(const StateDirectory& directory,
                                                 const std::vector<NginxFile>& files,
                                                 const std::vector<std::string>& loaded) {
  std::set<std::string> read;
  for (const std::string& file : loaded) read.insert(canonical(file));
  std::vector<std::string> missing;
  for (const NginxFile& file : files) {
    if (!read.contains(canonical(directory.gate() + "/" + file.name))) missing.push_back(file.name);
  }
  return missing;
}

std::string describe_refused_inclusion(const Environment& environment, const StateDirectory& directory,
                                       std::string_view said) {
  const bool names_ours = said.find("\"halcyon_") != std::string_view::npos;
  if (environment.nginx.mode != NginxMode::include || !names_ours) return {};
  std::string text =
      ". That name is one of ours: a line of ours is missing or stands in the wrong place, and until it is "
      "right nginx can neither be started nor reloaded. It needs all of these:";
  std::vector<std::string> files{"http.conf", "server.conf"};
  for (const Service& service : environment.services) {
    if (service.kind == ServiceKind::web)
      files.push_back(fmt::format("location_{}.conf", service.name.text()));
  }
  for (const std::string& file : files) {
    for (const std::string& line : lines_for(environment, directory.gate(), file)) text += "\n  " + line;
  }
  return text;
}

std::string describe_missing(const Environment& environment, const StateDirectory& directory,
                             const std::vector<std::string>& missing) {
  if (environment.nginx.mode == NginxMode::managed) {
    return fmt::format(
        "nginx was not reloaded: {} does not include {}. Put \"include {}/*.conf;\" into its http block, or "
        "set "
        "nginx.config and nginx.conf_dir to what your nginx uses, then run the command again",
        environment.nginx.config, managed_link(environment), environment.nginx.conf_dir);
  }
  std::string text = "nginx was not reloaded: its configuration does not include all of our files. Add";
  for (const std::string& file : missing) {
    for (const std::string& line : lines_for(environment, directory.gate(), file)) text += "\n  " + line;
  }
  text += "\nand run the command again; it reloads nginx itself";
  if (exists(managed_link(environment))) {
    text += fmt::format(
        ". Until then our own server block, {}, serves on, and nginx -t may complain that names are "
        "declared twice: the command takes that block away in the same reload",
        managed_link(environment));
  }
  return text;
}

std::string describe_inclusion(const Environment& environment, const StateDirectory& directory) {
  const std::string gate = directory.gate();
  if (environment.nginx.mode == NginxMode::managed) {
    return fmt::format(
        "{} is a link to {}/managed.conf: does {} include {}/*.conf in its http block, and is {} the only "
        "server block for {} there?",
        managed_link(environment), gate, environment.nginx.config, environment.nginx.conf_dir, gate,
        environment.domain);
  }
  return fmt::format(
      "{0}/server.conf must be included in the server block that answers for {1} at nginx.probe ({2}), and "
      "each location must include its location_SERVICE.conf: does another server block have that name, or "
      "does yours not listen there? If a location has an add_header of its own, nginx drops the server "
      "block's: "
      "then that location needs the add_header line which its location_SERVICE.conf shows",
      gate, environment.domain, environment.nginx.probe);
}

bool awaits_our_files(Promotion& promotion) {
  const Environment& environment = promotion.environment();
  if (environment.nginx.mode == NginxMode::managed) return false;
  if (promotion.state.current.empty() || exists(managed_link(environment)) ||
      exists(promotion.directory.awaiting_inclusion()))
    return true;
  const NginxDeclaration declaration = make_declaration(promotion, promotion.state.placements);
  return !files_are_on_disk(promotion, render_nginx_files(declaration));
}

std::string describe_left_inclusion(const Environment& environment, const StateDirectory& directory) {
  const std::string left = directory.gate() + "/http.conf";
  if (environment.nginx.mode != NginxMode::managed || !exists(left)) return {};
  return fmt::format(
      ". nginx.mode is \"managed\" now: take the lines that include {0}/http.conf, server.conf and "
      "location_*.conf out of your own configuration",
      directory.gate());
}

}  // namespace halcyon::orchestrator
