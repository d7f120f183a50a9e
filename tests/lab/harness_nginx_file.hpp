// Files of somebody else in nginx's configuration.
#pragma once

#include <filesystem>
#include <string>

#include "harness_project.hpp"

namespace halcyon::lab_tests {

/// A file in conf_dir that is gone at the end.
class NginxFile {
 public:
  /// `name` decides where nginx reads it among the others; the project's name is in it, so that nothing is
  /// left.
  NginxFile(const Project& project, const std::string& name, const std::string& text)
      : path_(project.lab().nginx_conf_dir + "/" + name + project.app() + ".conf") {
    write_file(path_, text);
  }
  ~NginxFile() { std::filesystem::remove(path_); }
  const std::string& path() const noexcept { return path_; }

 private:
  const std::string path_;
};

inline std::string server_block(const Project& project, const std::string& inside) {
  return "server {\n  listen 127.0.0.1:" + std::to_string(project.lab().nginx_port) + ";\n  server_name " +
         project.host() + ";\n" + inside + "}\n";
}

/// What `nginx -t` says of everything it would load now: a restart would work.
inline bool nginx_accepts(const Lab& lab) {
  return run({.words = {"/usr/sbin/nginx", "-t", "-q", "-c", lab.nginx_conf}}).exit_code == 0;
}

}  // namespace halcyon::lab_tests
