// The lab that the runner started: its addresses, its images, its parts; and a small client of its engine.
#pragma once

#include <string>
#include <vector>

#include "harness_http.hpp"
#include "harness_process.hpp"

namespace halcyon::lab_tests {

/// The KEY=value lines of lab.env.
struct Lab {
  std::string directory;
  std::string docker_host;
  std::string registry;
  std::string nginx_conf;
  std::string nginx_conf_dir;
  std::string nginx_pid_file;
  int nginx_port = 0;

  std::string engine_socket() const;
  int registry_port() const;
};

/// The lab of the environment. Errors: std::runtime_error that names the variable that is missing.
const Lab& the_lab();
/// Another lab, with an engine of its own, in `directory`; stopped and removed with this object.
class PrivateLab {
 public:
  PrivateLab(const std::string& directory, const std::string& dockerd_flags);
  ~PrivateLab();
  const Lab& operator*() const noexcept { return lab_; }

 private:
  Lab lab_;
};

/// The value of a variable that the runner gives. Errors: std::runtime_error with what to do.
std::string needed_variable(const std::string& name);
/// Runs `tests/lab/lab WORDS...`; its exit code.
int run_lab(const std::vector<std::string>& words, const std::map<std::string, std::string>& variables = {});

/// Makes sure that the registry has `REGISTRY/NAME`, the sample application with `settings` as its
/// environment; built once for a lab. `padding`: bytes added to the program, so that the layer is no other
/// image's. Returns the reference.
std::string ensure_image(const Lab& lab, const std::string& name, const std::vector<std::string>& settings,
                         std::size_t padding = 0);
/// Images that many tests use, all in the repository "app": tag "one" answers with X-Release: one, and so on.
std::string release_image(const std::string& tag, const Lab& lab = the_lab());
/// The same with settings beside RELEASE; `tag` must not be used with other settings.
std::string special_image(const std::string& tag, std::vector<std::string> settings,
                          const Lab& lab = the_lab());

/// The engine, asked directly. Errors: std::runtime_error with the engine's answer.
class EngineApi {
 public:
  explicit EngineApi(const Lab& lab) : socket_(lab.engine_socket()) {}

  json get(const std::string& target) const { return ask("GET", target, nullptr); }
  json post(const std::string& target, const json& body = nullptr) const { return ask("POST", target, body); }
  /// True if it was there.
  bool remove(const std::string& target) const;
  /// "/containers/json" -> what belongs to `app` there (containers, networks, volumes).
  json list(const std::string& kind, const std::string& app) const;
  /// Standard output of a container, without the engine's frames.
  std::string read_log(const std::string& container) const;

 private:
  json ask(const std::string& method, const std::string& target, const json& body) const;
  Reply exchange(const std::string& method, const std::string& target, const json& body) const;
  std::string socket_;
};

/// The pid of nginx's master; 0 if it does not run.
int find_nginx_master(const Lab& lab);
/// Makes nginx load what is on disk, and waits until the old workers are gone.
bool reload_nginx(const Lab& lab);
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

}  // namespace halcyon::lab_tests
