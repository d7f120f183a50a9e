#include "kill_project.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>

namespace halcyon::syscall_kill {
namespace {

using lab_tests::Finished;
using lab_tests::json;
using lab_tests::Program;
using lab_tests::Project;
using lab_tests::quoted;
using lab_tests::read_file;

constexpr const char* k_secret = "canary-5f3c9b1e77d24a68";
constexpr const char* k_keep_releases = "2";

lab_tests::Settings kill_settings() {
  return {.app = {{"keep_releases", k_keep_releases}},
          .web = {{"env_file", quoted("web.env")}, {"stop_timeout", quoted("1s")}},
          .gate = {{"successes", "2"}, {"interval", quoted("20ms")}}};
}

/// The images of earlier projects, so that this one pulls its own.
void forget_unused_images(const Project& project) {
  std::set<std::string> used;
  for (const json& container : project.engine().get("/containers/json?all=1"))
    used.insert(container.at("ImageID"));
  for (const json& image : project.engine().get("/images/json")) {
    const std::string id = image.at("Id");
    const bool is_ours = image.dump().find(project.lab().registry + "/app") != std::string::npos;
    if (is_ours && !used.contains(id)) project.engine().remove("/images/" + id + "?force=1");
  }
}

/// As `check_invariants --bystander` takes it.
std::string only_container_of(const Project& project) {
  const json container = project.inspect("web blue r1");
  return container.at("Id").get<std::string>() + '=' +
         container.at("State").at("StartedAt").get<std::string>();
}

std::string asan_options_under_ptrace() {
  const char* const options = std::getenv("ASAN_OPTIONS");
  return (options == nullptr ? std::string() : std::string(options) + ':') + "detect_leaks=0";
}

void append(Program& program, const std::vector<std::string>& words) {
  program.words.insert(program.words.end(), words.begin(), words.end());
}

}  // namespace

Moments moments_of(const std::vector<std::string>& points) {
  Moments moments;
  for (const std::string& point : points) {
    moments.push_back("before " + point);
    moments.push_back("after " + point);
  }
  return moments;
}

Moments choose(const Moments& moments, std::size_t wanted, bool second) {
  const char* const full = std::getenv("HALCYON_TEST_FULL");
  if (full != nullptr && std::string_view(full) == "1") return moments;
  const auto record_of = [](const std::string& moment) {
    const std::size_t begin = moment.find(' ') + 1;
    return moment.substr(begin, moment.find(": ") - begin);
  };
  std::vector<Moments> records;
  for (const std::string& moment : moments) {
    if (records.empty() || record_of(records.back().front()) != record_of(moment)) records.emplace_back();
    records.back().push_back(moment);
  }
  Moments chosen;
  for (std::size_t index = 0; index < wanted; ++index) {
    const Moments& record = records[(4 * index + (second ? 3 : 1)) * records.size() / (4 * wanted)];
    chosen.push_back(record[(3 * index + 1) % record.size()]);
  }
  return chosen;
}

Load::Load(const Project& project, const std::vector<std::string>& kinds)
    : report_(project.directory() + "/load_report") {
  Program program{.words = {lab_tests::needed_variable("HALCYON_LOAD"), "--url",
                            "http://127.0.0.1:" + std::to_string(project.lab().nginx_port), "--host",
                            project.host(), "--expect-header", "X-Release=one,two,three,beside", "--report",
                            report_, "--until-stdin-closes"},
                  .keeps_stdin = true};
  append(program, kinds);
  running_ = std::make_unique<lab_tests::Running>(program);
}

std::string Load::finish() {
  running_->close_stdin();
  running_->finish();
  return report_;
}

KillProject::KillProject(const Project& bystander)
    : project_(kill_settings()), bystander_(only_container_of(bystander)) {
  for (const char* tag : {"one", "two", "three"}) lab_tests::release_image(tag);
  forget_unused_images(project_);
  lab_tests::write_file(path("web.env"), std::string("TOKEN=") + k_secret + '\n');
  lab_tests::write_file(path("secret"), k_secret);
}

Finished KillProject::run(const std::vector<std::string>& words,
                          const std::map<std::string, std::string>& variables) {
  return run_and_note(words.front(), project_.program(words, variables));
}

Finished KillProject::kill(const std::vector<std::string>& words, const std::string& moment) {
  return run_and_note(words.front(), traced(words, {"--at", moment, "--seen", path("seen")}));
}

std::vector<std::string> KillProject::list_points(const std::vector<std::string>& words) {
  const Finished finished = run_and_note(words.front(), traced(words, {"--points", path("points")}));
  EXPECT_EQ(finished.exit_code, 0) << finished.out << finished.err;
  std::vector<std::string> points;
  std::istringstream lines(read_file(path("points")));
  for (std::string line; std::getline(lines, line);) points.push_back(line);
  return points;
}

/// What differs from run to run and from project to project has a name, so that points are called the same.
Program KillProject::traced(const std::vector<std::string>& words,
                            const std::vector<std::string>& options) const {
  Program program = project_.program(words, {{"ASAN_OPTIONS", asan_options_under_ptrace()}});
  const std::vector<std::string> command = program.words;
  program.words = {HALCYON_KILL_AT_CALL};
  append(program, options);
  append(program,
         {"--name", "state=" + project_.state(), "--name", "engine=" + project_.lab().engine_socket(),
          "--name", "nginx=" + project_.lab().nginx_conf_dir, "--name", "app=" + project_.app(), "--"});
  append(program, command);
  return program;
}

Finished KillProject::run_and_note(const std::string& verb, const Program& program) {
  lab_tests::write_file(path("journal_before"), read_file(project_.state("journal")));
  Finished finished = lab_tests::run(program);
  const json run{{"verb", verb},
                 {"exit_code", finished.exit_code},
                 {"signal", finished.signal},
                 {"out", finished.out},
                 {"err", finished.err}};
  std::ofstream(path("runs"), std::ios::app)
      << run.dump(-1, ' ', true, json::error_handler_t::replace) << '\n';
  return finished;
}

testing::AssertionResult KillProject::holds_all_invariants(const std::string& load_report) {
  Program program{.words = {HALCYON_CHECK_INVARIANTS}};
  append(program, {"--app", project_.app(), "--state", project_.state(), "--host", project_.host()});
  append(program, {"--conf-dir", project_.lab().nginx_conf_dir, "--engine", project_.lab().engine_socket()});
  append(program, {"--nginx-port", std::to_string(project_.lab().nginx_port)});
  append(program, {"--keep-releases", k_keep_releases, "--secret-file", path("secret")});
  append(program,
         {"--runs", path("runs"), "--seen", path("seen"), "--journal-before", path("journal_before")});
  append(program, {"--journal-before", path("journal_checked")});
  append(program, {"--bystander", bystander_});
  if (!load_report.empty()) append(program, {"--load-report", load_report});
  const Finished checked = lab_tests::run(program);
  lab_tests::write_file(path("journal_checked"), read_file(project_.state("journal")));
  if (checked.exit_code == 0) return ::testing::AssertionSuccess() << checked.out;
  return ::testing::AssertionFailure() << checked.out << checked.err << "journal:\n"
                                       << read_file(project_.state("journal"));
}

bool KillProject::serves_from_green() const {
  return std::filesystem::exists(project_.state("gate/slots/web.green"));
}

std::string KillProject::previous_tag() const {
  const std::string name = read_file(project_.state("previous_release"));
  const json record = json::parse(
      read_file(project_.state("releases/" + name.substr(0, name.find('\n')) + ".json")), nullptr, false);
  if (!record.is_object()) return "";
  const std::string image = record.at("services").at("web").at("image");
  return image.substr(image.rfind(':') + 1);
}

std::string KillProject::next_tag() const {
  for (const char* tag : {"one", "two", "three"}) {
    if (tag != serving_tag() && tag != previous_tag()) return tag;
  }
  return "";
}

std::size_t KillProject::count_commits() const {
  constexpr std::string_view k_commit = " commit {";
  const std::string journal = read_file(project_.state("journal"));
  std::size_t count = 0;
  for (auto at = journal.find(k_commit); at != std::string::npos; at = journal.find(k_commit, at + 1))
    ++count;
  return count;
}

}  // namespace halcyon::syscall_kill
