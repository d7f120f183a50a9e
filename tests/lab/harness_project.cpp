#include "harness_project.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>

namespace halcyon::lab_tests {
namespace {

std::string unique_name() {
  static int count = 0;
  return "t" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

void make_directory(const std::string& path) {
  std::filesystem::create_directories(path);
  ::chmod(path.c_str(), 0755);  // nginx's workers must get through, whatever the umask
}

std::string table(const std::string& name, Keys keys, const Keys& changed) {
  std::string text = "\n[" + name + "]\n";
  for (const auto& [key, value] : changed) keys[key] = value;
  for (const auto& [key, value] : keys) {
    if (!value.empty()) text += key + " = " + value + "\n";  // empty: the test wants the default
  }
  return text;
}

std::string label(const json& container, const std::string& name) {
  return container.at("Labels").value("halcyon." + name, "");
}

std::string short_form(const json& container) {
  if (label(container, "kind") == "accessory") return label(container, "service") + " accessory";
  std::string text =
      label(container, "service") + " " + label(container, "slot") + " " + label(container, "release");
  if (label(container, "replica") != "1") text += " #" + label(container, "replica");
  return text;
}

void try_to(const std::function<void()>& clean) {
  try {
    clean();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "cleaning up: " << error.what();
  }
}

}  // namespace

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

Project::Project(Settings settings, const Lab& lab)
    : lab_(lab), engine_(lab_), app_(unique_name()), directory_(lab_.directory + "/tests/" + app_) {
  make_directory(lab_.directory + "/tests");
  make_directory(directory_);
  configure(settings);
}

Project::~Project() {
  // One that a failed test left stopped would hold things open.
  try_to([&] {
    for (const json& container : engine_.list("/containers/json", app_)) {
      engine_.remove("/containers/" + container.at("Id").get<std::string>() + "?force=1&v=1");
    }
    for (const json& network : engine_.list("/networks", app_)) {
      engine_.remove("/networks/" + network.at("Id").get<std::string>());
    }
    const json volumes = engine_.list("/volumes", app_);
    for (const json& volume : volumes.at("Volumes")) {
      engine_.remove("/volumes/" + volume.at("Name").get<std::string>() + "?force=1");
    }
  });
  bool was_included = false;
  for (const auto& entry : std::filesystem::directory_iterator(lab_.nginx_conf_dir)) {
    if (entry.path().filename().string().find(app_) != std::string::npos) {
      was_included = std::filesystem::remove(entry.path());
    }
  }
  if (find_nginx_master(lab_) == 0) run_lab({"restart", lab_.directory, "nginx"});
  if (was_included) EXPECT_TRUE(reload_nginx(lab_));
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string Project::state(const std::string& name) const {
  return directory_ + "/state/" + app_ + "/production" + (name.empty() ? "" : "/" + name);
}

std::string Project::nginx_link() const {
  return lab_.nginx_conf_dir + "/halcyon-" + app_ + "_production.conf";
}

void Project::configure(const Settings& settings) const {
  std::string text =
      table("app", {{"name", quoted(app_)}, {"state_dir", quoted(directory_ + "/state")}}, settings.app);
  text += table("nginx",
                {{"listen", quoted("127.0.0.1:" + std::to_string(lab_.nginx_port))},
                 {"config", quoted(lab_.nginx_conf)},
                 {"conf_dir", quoted(lab_.nginx_conf_dir)},
                 {"pid_file", quoted(lab_.nginx_pid_file)},
                 {"upstream_keepalive", quoted("100ms")}},
                settings.nginx);
  text += table("service.web",
                {{"image", quoted(lab_.registry + "/app")},
                 {"port", "8000"},
                 {"stop_timeout", quoted("2s")},
                 {"drain_max", quoted("5s")}},
                settings.web);
  text +=
      table("service.web.gate", {{"path", quoted("/readyz")}, {"deadline", quoted("20s")}}, settings.gate);
  text += table("environment.production", {{"domain", quoted(host())}}, settings.environment);
  write_file(file(), text + "\n" + settings.more);
}

Program Project::program(std::vector<std::string> words,
                         const std::map<std::string, std::string>& variables) const {
  Program program{.words = {needed_variable("HALCYON_PROGRAM"), "--json"}, .variables = variables};
  program.words.insert(program.words.end(), words.begin(), words.end());
  program.variables["DOCKER_HOST"] = lab_.docker_host;
  program.directory = directory_;
  return program;
}

Finished Project::halcyon(std::vector<std::string> words,
                          const std::map<std::string, std::string>& variables) const {
  return run(program(std::move(words), variables));
}

std::unique_ptr<Running> Project::begin(std::vector<std::string> words,
                                        const std::map<std::string, std::string>& variables) const {
  return std::make_unique<Running>(program(std::move(words), variables));
}

json Project::status() const {
  const Finished finished = halcyon({"status", "production"});
  if (finished.exit_code != 0) return {{"error", finished.out + finished.err}};
  return finished.document;
}

json Project::plan(const std::string& image) const {
  const Finished finished = halcyon({"promote", "production", image, "--dry-run"});
  EXPECT_EQ(finished.exit_code, 0) << finished.out << finished.err;
  return finished.document.value("plan", json::object());
}

std::unique_ptr<SteadyClient> Project::client(std::set<std::string> releases) const {
  return std::make_unique<SteadyClient>(lab_.nginx_port, host(), std::move(releases));
}

std::vector<std::string> Project::containers() const {
  std::vector<std::string> result;
  for (const json& container : engine_.list("/containers/json", app_)) {
    result.push_back(short_form(container) + " " + container.at("State").get<std::string>());
  }
  std::sort(result.begin(), result.end());
  return result;
}

json Project::inspect(const std::string& wanted) const {
  for (const json& container : engine_.list("/containers/json", app_)) {
    if (short_form(container) == wanted)
      return engine_.get("/containers/" + container.at("Id").get<std::string>() + "/json");
  }
  ADD_FAILURE() << "there is no container " << wanted << "; there are "
                << testing::PrintToString(containers());
  return json::object();
}

std::vector<std::string> Project::files_of_state() const {
  std::vector<std::string> result;
  std::error_code absent;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(state(), absent)) {
    result.push_back(std::filesystem::relative(entry.path(), state()).string());
  }
  std::sort(result.begin(), result.end());
  return result;
}

testing::AssertionResult Project::serves(const std::string& tag) const {
  const Reply reply = get();
  if (reply.status != 200 || reply.release() != tag) {
    return testing::AssertionFailure() << tag << " should serve, but nginx answers " << reply.status << " '"
                                       << reply.release() << "' " << reply.error;
  }
  return is_settled();
}

testing::AssertionResult Project::is_settled() const {
  const std::vector<std::string> faults = find_disagreements();
  if (faults.empty()) return testing::AssertionSuccess();
  auto failure = testing::AssertionFailure() << "not at rest or not in agreement:";
  for (const std::string& fault : faults) failure << "\n  " << fault;
  return failure;
}

testing::AssertionResult ended(const Finished& finished, int exit_code, std::string_view outcome) {
  const std::string word = finished.document.is_object() ? finished.document.value("outcome", "") : "";
  if (finished.exit_code == exit_code && word == outcome) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "wanted " << exit_code << " " << outcome << ", but it ended with "
                                     << finished.exit_code << " (signal " << finished.signal << ") '" << word
                                     << "':\n"
                                     << finished.out << finished.err;
}

testing::AssertionResult says(const Finished& finished, std::initializer_list<std::string_view> words) {
  const std::string text =
      finished.document.is_object() ? finished.document.value("error", "") : finished.err;
  for (const std::string_view word : words) {
    if (text.find(word) == std::string::npos) {
      return testing::AssertionFailure() << "'" << word << "' is not in its message:\n" << text;
    }
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult lost_nothing(const std::unique_ptr<SteadyClient>& client) {
  const auto faults = client->stop();
  if (!faults.empty()) {
    auto failure = testing::AssertionFailure()
                   << client->answered() << " requests were answered, but these not rightly:";
    for (const std::string& fault : faults) failure << "\n  " << fault;
    return failure;
  }
  if (client->answered() == 0) return testing::AssertionFailure() << "no request was made";
  return testing::AssertionSuccess();
}

}  // namespace halcyon::lab_tests
