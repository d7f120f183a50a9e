// Whatever is typed: a command, or a problem that says why not.
#include "cli/command_line.hpp"
#include "cli/error.hpp"
#include "cli/image_arguments.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;

HALCYON_FUZZ_TARGET(command_line, input) {
  fuzz::Choices choices(input);
  std::vector<std::string> words;
  while (!choices.rest().empty() && words.size() < 40) words.emplace_back(choices.part('\n'));
  const cli::CommandLine line = cli::parse_command_line(words);
  const bool is_settled =
      line.command != nullptr || line.wants_help || line.wants_version || !line.problem.empty();
  fuzz::require(is_settled || words.empty() || line.problem.empty(),
                "there is something to do, or a problem");
  fuzz::succeeds<cli::Error>([&] {
    const auto request = cli::parse_images(words);
    static_cast<void>(request);
  });
}
