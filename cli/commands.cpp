// Every command of the program on one screen.
#include "cli/commands.hpp"

#include <algorithm>

namespace halcyon::cli {
namespace {

constexpr Argument k_environment{"ENV", "", Count::once, "an environment of halcyon.toml"};
constexpr Argument k_any_environment{"ENV", "", Count::at_most_once,
                                     "an environment of halcyon.toml; all without it"};
constexpr Argument k_any_installed{"ENV", "", Count::at_most_once,
                                   "an environment of halcyon.toml; all that are installed without it"};
constexpr Argument k_fix{"--fix", "", Count::at_most_once,
                         "repair what differs and is ours, then look again"};
constexpr Argument k_dry_run{"--dry-run", "", Count::at_most_once,
                             "print what would be done and change nothing"};
constexpr Argument k_follow{"-f,--follow", "", Count::at_most_once, "go on with new lines until interrupted"};
constexpr Argument k_all{"-a,--all", "", Count::at_most_once,
                         "also what stopped and new containers of other releases wrote"};
constexpr Argument k_tail{"--tail", "N|all", Count::at_most_once,
                          "begin with the last N lines (default 100; with --since all)"};
constexpr Argument k_since{"--since", "T", Count::at_most_once,
                           "not before T: 10m, RFC 3339 or UNIX seconds"};
constexpr Argument k_timestamps{"--timestamps", "", Count::at_most_once, "begin every line with its time"};
constexpr Argument k_to{"--to", "RELEASE|TAG|DIGEST", Count::at_most_once,
                        "not to the previous release but to this"};

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"install",
       "create what an environment needs and, with images, its first release",
       {k_environment,
        {"IMAGE", "TAG|SERVICE=TAG", Count::any_number, "tag or digest, for one service or all"},
        k_dry_run},
       "halcyon install production sha-3f9c2ab",
       run_install,
       Document::report},
      {"promote",
       "bring new images into service, without losing a request",
       {k_environment,
        {"IMAGE", "[SERVICE=]TAG|DIGEST", Count::at_least_once, "tag or digest, for one service or all"},
        k_dry_run},
       "halcyon promote production web=sha-3f9c2ab",
       run_promote,
       Document::report},
      {"rollback",
       "bring the previous release back, or the one named",
       {k_environment, k_to, k_dry_run},
       "halcyon rollback production --to r12",
       run_rollback,
       Document::report},
      {"status", "show releases, services and containers", {k_any_environment}, "halcyon status", run_status},
      {"releases",
       "list the releases of an environment",
       {k_environment},
       "halcyon releases production",
       run_releases},
      {"resume",
       "finish or undo what was interrupted",
       {k_environment},
       "halcyon resume production",
       run_resume,
       Document::report},
      {"doctor",
       "compare the journal with files, engine and nginx",
       {k_environment, k_fix},
       "halcyon doctor production --fix",
       run_doctor},
      {"boot",
       "after a start of the host: wait for the engine and nginx, then make everything agree",
       {k_any_installed},
       "halcyon boot",
       run_boot},
      {"logs",
       "show what the containers write",
       {k_environment,
        {"SERVICE", "", Count::any_number, "all without it"},
        k_all,
        k_follow,
        k_tail,
        k_since,
        k_timestamps},
       "halcyon logs production web --follow --since 10m",
       run_logs},
      {"config validate", "check halcyon.toml", {}, "halcyon config validate", run_config_validate},
      {"config show",
       "print every value, defaults included",
       {k_any_environment},
       "halcyon config show production",
       run_config_show},
      {"version", "print the version", {}, "halcyon version --json", run_version},
      {"help",
       "explain a command",
       {{"COMMAND", "", Count::any_number, "all commands without it"}},
       "halcyon help promote",
       run_help},
  };
  return table;
}

const std::vector<Argument>& global_arguments() {
  static const std::vector<Argument> table = {
      {"--config", "FILE", Count::at_most_once, "default: halcyon.toml here, else HALCYON_CONFIG"},
      {"-H,--host", "ADDRESS", Count::at_most_once, "engine (unix, tcp, ssh); default: the docker command's"},
      {"--json", "", Count::at_most_once, "one JSON document on stdout, events as JSON lines on stderr"},
      {"-q,--quiet", "", Count::at_most_once, "print only the result, notes and errors"},
      {"--no-color", "", Count::at_most_once, "no colours (also NO_COLOR, and when not on a terminal)"},
      {"-y,--yes", "", Count::at_most_once, "answer every question with yes"},
      {"-h,--help", "", Count::at_most_once, "explain the command"},
      {"--version", "", Count::at_most_once, "print the version"},
  };
  return table;
}

const Command* find_command(std::string_view name) {
  const std::vector<Command>& table = commands();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [name](const Command& command) { return command.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace halcyon::cli
