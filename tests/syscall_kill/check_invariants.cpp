// check_invariants: looks at an environment from outside, when nothing runs, and says which of the twelve
// invariants hold. It knows nothing but what is on disk, in the engine and on the wire.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "invariants.hpp"

namespace {

using namespace halcyon::syscall_kill;

void parse_scene(int count, char** arguments, Scene& scene) {
  CLI::App app{"Checks the twelve invariants of an environment that is at rest."};
  app.add_option("--app", scene.app, "the application's name")->required();
  app.add_option("--environment", scene.environment, "the environment's name (production)");
  app.add_option("--state", scene.state, "the environment's directory")->required();
  app.add_option("--conf-dir", scene.conf_dir, "nginx's directory of included files")->required();
  app.add_option("--host", scene.host, "the domain")->required();
  app.add_option("--nginx-port", scene.nginx_port, "where nginx listens on loopback")->required();
  app.add_option("--engine", scene.engine_socket, "the engine's socket")->required();
  app.add_option("--runs", scene.runs_file, "commands that were run, a line of JSON each")->required();
  app.add_option("--keep-releases", scene.keep_releases, "as configured (2)");
  app.add_option("--journal-before", scene.journals_before, "a copy of the journal of before");
  app.add_option("--seen", scene.seen_file, "arguments and environments at the moments of death");
  app.add_option("--load-report", scene.load_report_file, "of the load generator");
  app.add_option("--secret-file", scene.secret, "holds a value that only the container may have")
      ->transform([](const std::string& path) { return halcyon::lab_tests::read_file(path); });
  app.add_option("--bystander", scene.bystanders, "ID=STARTED_AT of a container that is not ours");
  app.parse(count, arguments);
}

/// One line for each, and what is wrong; true if all hold.
bool print(const std::vector<Finding>& findings) {
  bool all_hold = true;
  for (const Finding& finding : findings) {
    const bool holds = finding.faults.empty();
    all_hold = all_hold && holds;
    std::cout << fmt::format("invariant {:2} {}: {}\n", finding.number,
                             !finding.applies ? "does not apply"
                             : holds          ? "holds"
                                              : "IS BROKEN",
                             finding.looked_at);
    for (const std::string& fault : finding.faults) std::cout << "  " << fault << '\n';
  }
  return all_hold;
}

std::vector<Finding> check(const Evidence& evidence) {
  return {upstream_is_a_proven_container(evidence),
          no_request_was_lost(evidence),
          one_promotion_at_a_time(evidence),
          everything_agrees(evidence),
          acknowledged_records_are_there(evidence),
          previous_can_be_started(evidence),
          {.number = 7, .looked_at = "there are no migrations yet", .applies = false},
          nothing_waits_for_ever(evidence),
          {.number = 9, .looked_at = "there are no backups yet", .applies = false},
          success_is_told_rightly(evidence),
          no_secret_is_seen(evidence),
          nothing_is_left_behind(evidence)};
}

}  // namespace

int main(int argc, char** argv) {
  Scene scene;
  try {
    parse_scene(argc, argv, scene);
    return print(check(gather(scene))) ? 0 : 1;
  } catch (const CLI::ParseError& error) {
    std::cerr << "check_invariants: " << error.what() << '\n';
    return error.get_exit_code() == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cout << "check_invariants cannot look: " << error.what() << '\n';
    return 1;
  }
}
