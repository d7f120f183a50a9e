#include "harness_lab.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <stdexcept>

namespace halcyon::lab_tests {
namespace {

Lab lab_from(const std::function<std::string(const std::string&)>& value) {
  Lab lab;
  lab.directory = value("LAB_DIR");
  lab.docker_host = value("DOCKER_HOST");
  lab.registry = value("LAB_REGISTRY");
  lab.nginx_conf = value("LAB_NGINX_CONF");
  lab.nginx_conf_dir = value("LAB_NGINX_CONF_DIR");
  lab.nginx_pid_file = value("LAB_NGINX_PID_FILE");
  lab.nginx_port = std::stoi(value("LAB_NGINX_PORT"));
  return lab;
}

Lab lab_from_file(const std::string& path) {
  std::map<std::string, std::string> values;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto equals = line.find('=');
    if (equals != std::string::npos) values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return lab_from([&](const std::string& name) { return values.at(name); });
}

std::string percent_encoded(const std::string& text) {
  std::string result;
  for (const char c : text) {
    std::array<char, 4> hex{};
    std::snprintf(hex.data(), hex.size(), "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    result += std::isalnum(static_cast<unsigned char>(c)) != 0 ? std::string(1, c) : std::string(hex.data());
  }
  return result;
}

std::vector<std::string> list_children(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  return {std::istream_iterator<std::string>(file), {}};
}

/// The application with bytes behind its end, which the loader does not look at.
std::string padded_application(const Lab& lab, const std::string& application, std::size_t padding) {
  if (padding == 0) return application;
  const std::string path = lab.directory + "/padded_application";
  std::string text = read_file(application);
  std::uint32_t state = static_cast<std::uint32_t>(padding);
  for (std::size_t index = 0; index < padding; ++index) {
    state = state * 1664525U + 1013904223U;  // not compressible, and the same every time
    text += static_cast<char>(state >> 24U);
  }
  write_file(path, text);
  ::chmod(path.c_str(), 0755);
  return path;
}

}  // namespace

std::string needed_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value != nullptr && *value != '\0') return value;
  throw std::runtime_error(
      "the variable " + name +
      " is not set: run these tests with `tests/all lab`, which starts a lab and sets it, or take the "
      "lines of DIR/lab.env and set HALCYON_PROGRAM, HALCYON_LOAD, HALCYON_SAMPLE_APP, "
      "HALCYON_BUILD_IMAGE");
}

std::string Lab::engine_socket() const { return docker_host.substr(std::string("unix://").size()); }
int Lab::registry_port() const { return std::stoi(registry.substr(registry.rfind(':') + 1)); }

const Lab& the_lab() {
  static const Lab lab = lab_from(needed_variable);
  return lab;
}

PrivateLab::PrivateLab(const std::string& directory, const std::string& dockerd_flags) {
  if (run_lab({"start", directory}, {{"LAB_DOCKERD_FLAGS", dockerd_flags}}) != 0) {
    throw std::runtime_error("cannot start a lab in " + directory);
  }
  lab_ = lab_from_file(directory + "/lab.env");
}

PrivateLab::~PrivateLab() { run_lab({"stop", lab_.directory}); }

int run_lab(const std::vector<std::string>& words, const std::map<std::string, std::string>& variables) {
  const WithoutReaping outlives_us;
  Program program{.words = {HALCYON_LAB_SCRIPT}, .variables = variables};
  program.words.insert(program.words.end(), words.begin(), words.end());
  return run(program).exit_code;
}

std::string ensure_image(const Lab& lab, const std::string& name, const std::vector<std::string>& settings,
                         std::size_t padding) {
  const std::string reference = lab.registry + "/" + name;
  const std::string application = needed_variable("HALCYON_SAMPLE_APP");
  struct stat status {};
  ::stat(application.c_str(), &status);
  std::ostringstream content;
  content << status.st_size << ' ' << status.st_mtime << ' ' << padding;
  for (const std::string& setting : settings) content << ' ' << setting;
  std::string mark = lab.directory + "/test_images/" + name;
  for (char& c : mark) c = c == ':' ? '_' : c;
  if (read_file(mark) == content.str()) return reference;
  Program program{.words = {needed_variable("HALCYON_BUILD_IMAGE"), reference,
                            padded_application(lab, application, padding)},
                  .variables = {{"DOCKER_HOST", lab.docker_host}}};
  program.words.insert(program.words.end(), settings.begin(), settings.end());
  const Finished built = run(program);
  if (built.exit_code != 0) throw std::runtime_error("cannot build " + reference + ": " + built.err);
  std::filesystem::create_directories(std::filesystem::path(mark).parent_path());
  write_file(mark, content.str());
  return reference;
}

std::string special_image(const std::string& tag, std::vector<std::string> settings, const Lab& lab) {
  settings.insert(settings.begin(), "RELEASE=" + tag);
  return ensure_image(lab, "app:" + tag, settings);
}

std::string release_image(const std::string& tag, const Lab& lab) { return special_image(tag, {}, lab); }

Reply EngineApi::exchange(const std::string& method, const std::string& target, const json& body) const {
  auto connection = Connection::to_unix(socket_);
  if (!connection) return Reply{.error = "cannot connect to " + socket_};
  const std::string text = body.is_null() ? "" : body.dump();
  // HTTP/1.0: the answer is neither chunked nor followed by another.
  std::string request = method + " /v1.41" + target + " HTTP/1.0\r\nHost: engine\r\n";
  if (!text.empty()) request += "Content-Type: application/json\r\n";
  request += "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  return connection->exchange(request);
}

json EngineApi::ask(const std::string& method, const std::string& target, const json& body) const {
  const Reply reply = exchange(method, target, body);
  if (reply.status < 200 || reply.status >= 400) {
    throw std::runtime_error(method + " " + target + ": " + std::to_string(reply.status) + " " + reply.body +
                             reply.error);
  }
  return json::parse(reply.body, nullptr, false);
}

bool EngineApi::remove(const std::string& target) const {
  const Reply reply = exchange("DELETE", target, nullptr);
  if (reply.status >= 400 && reply.status != 404)
    throw std::runtime_error("DELETE " + target + ": " + reply.body);
  return reply.status != 404;
}

json EngineApi::list(const std::string& kind, const std::string& app) const {
  const json filters{{"label", {"halcyon.app=" + app}}};
  return get(kind + "?all=1&filters=" + percent_encoded(filters.dump()));
}

std::string EngineApi::read_log(const std::string& container) const {
  const std::string framed = exchange("GET", "/containers/" + container + "/logs?stdout=1", nullptr).body;
  std::string text;
  for (std::size_t at = 0; at + 8 <= framed.size();) {
    std::size_t size = 0;
    for (std::size_t index = 4; index < 8; ++index)
      size = size << 8U | static_cast<unsigned char>(framed[at + index]);
    text += framed.substr(at + 8, size);
    at += 8 + size;
  }
  return text;
}

int find_nginx_master(const Lab& lab) {
  const int pid = std::atoi(read_file(lab.nginx_pid_file).c_str());
  const std::string title = pid > 0 ? read_file("/proc/" + std::to_string(pid) + "/cmdline") : "";
  return title.starts_with("nginx: master process") ? pid : 0;
}

bool reload_nginx(const Lab& lab) {
  const int master = find_nginx_master(lab);
  if (master == 0) return false;
  const auto old = list_children(master);
  ::kill(master, SIGHUP);
  return wait_until([&] {
    const auto now = list_children(master);
    const std::set<std::string> living(now.begin(), now.end());
    for (const std::string& pid : old) {
      if (living.contains(pid)) return false;
    }
    return !living.empty();
  });
}

std::string read_file(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();  // not byte by byte: an access log is long
  return text.str();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
}

}  // namespace halcyon::lab_tests
