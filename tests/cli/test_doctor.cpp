#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using nlohmann::json;
using orchestrator::Agreement;
using orchestrator::Outcome;
using orchestrator::Report;

class DoctorCommand : public CliTest {
 protected:
  DoctorCommand() {
    fake().diagnosis = {.app = "shop", .environment = "production"};
    fake().diagnosis.findings = {{"journal", Agreement::agrees, "41 records, none missing", "", false}};
  }
  static void add_differences() {
    fake().diagnosis.findings.push_back(
        {"caches", Agreement::differs, "current_release: stale", "it is written", true});
    fake().diagnosis.findings.push_back({"engine", Agreement::unknown, "no answer", "Start it", false});
  }
};

TEST_F(DoctorCommand, says_that_all_agrees) {
  EXPECT_EQ(run({"doctor", "production"}), 0);
  EXPECT_EQ(output.text,
            "shop production: all 1 checks agree with the journal\n"
            "  ok  journal           41 records, none missing\n");
  EXPECT_EQ(fake().calls, (std::vector<std::string>{"diagnose production"}));
}

TEST_F(DoctorCommand, says_of_each_difference_what_to_do) {
  add_differences();
  EXPECT_EQ(run({"doctor", "production"}), 7);
  EXPECT_EQ(error.text,
            "shop production: 2 of 3 checks do not agree\n"
            "  ok  journal           41 records, none missing\n"
            "  !!  caches            current_release: stale\n"
            "                        halcyon doctor production --fix: it is written\n"
            "  ??  engine            no answer\n"
            "                        Start it\n");
  EXPECT_EQ(run({"doctor", "production", "--json"}), 7);
  const json said = document();
  EXPECT_EQ(said.at("outcome"), "check_failed");
  EXPECT_EQ(said.at("findings").at(1), (json{{"subject", "caches"},
                                             {"agreement", "differs"},
                                             {"text", "current_release: stale"},
                                             {"remedy", "it is written"},
                                             {"repairable", true}}));
  EXPECT_EQ(said.at("findings").at(2).at("agreement"), "unknown");
  EXPECT_FALSE(said.contains("repair"));
}

TEST_F(DoctorCommand, repairs_and_looks_again) {
  fake().report = Report{.outcome = Outcome::unchanged, .text = "nothing was interrupted; r4 serves"};
  fake().report.notes = {"the flag was put right"};
  EXPECT_EQ(run({"doctor", "production", "--fix", "--json"}), 0);
  EXPECT_EQ(fake().calls, (std::vector<std::string>{"repair production", "diagnose production"}));
  const json said = document();
  EXPECT_EQ(said.at("repair"), "nothing was interrupted; r4 serves");
  EXPECT_EQ(said.at("notes"), json({"the flag was put right"}));
}

TEST_F(DoctorCommand, a_repair_that_failed_is_the_outcome) {
  fake().report = Report{.outcome = Outcome::needs_operator, .text = "cannot do it"};
  EXPECT_EQ(run({"doctor", "production", "--fix"}), 3);
  EXPECT_NE(error.text.find("cannot do it"), std::string::npos) << error.text;
  EXPECT_NE(error.text.find("all 1 checks agree"), std::string::npos) << error.text;
}

class BootCommand : public CliTest {};

TEST_F(BootCommand, brings_up_what_is_installed_and_the_first_failure_is_the_outcome) {
  Report down;
  down.outcome = Outcome::unreachable;
  down.text = "no engine";
  Report up;
  up.outcome = Outcome::unchanged;
  up.release = "r4";
  fake().boot_reports = {{"production", down}, {"staging", up}};
  EXPECT_EQ(run({"boot"}), 4);
  EXPECT_EQ(fake().calls, (std::vector<std::string>{"boot production", "boot staging"}));
  EXPECT_NE(error.text.find("no engine"), std::string::npos);
  EXPECT_NE(error.text.find("r4 serves staging already"), std::string::npos);
  EXPECT_EQ(run({"boot", "staging", "--json"}), 0);
  EXPECT_EQ(document().at("environments").at(0).at("environment"), "staging");
  EXPECT_EQ(document().at("environments").at(0).at("release"), "r4");
}

TEST_F(BootCommand, has_nothing_to_do_where_nothing_is_installed) {
  EXPECT_EQ(run({"boot"}), 0);
  EXPECT_EQ(output.text, "no environment of the configuration is installed on this host\n");
  EXPECT_TRUE(fake().calls.empty());
}

}  // namespace
}  // namespace halcyon::cli::test
