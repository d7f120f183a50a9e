// Env files: mistakes and errors agree, and no message shows a value.
#include "orchestrator/configuration.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/release.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace orchestrator;

HALCYON_FUZZ_TARGET(env_file, input) {
  EnvironmentValues values;
  const bool is_good = fuzz::succeeds<Error>([&] { values = parse_env_file(input, "app.env"); });
  const auto mistakes = find_env_file_mistakes(input, "app.env");
  fuzz::require(is_good == mistakes.empty(), "an env file with mistakes is refused, one without is read");
  for (const auto& [name, value] : values) {
    fuzz::require(!name.empty() && name.find_first_of("= \t\r\n") == std::string::npos, "a name is a name");
    fuzz::require(value.find('\0') == std::string::npos, "a value can be given to a process");
  }
  if (is_good)
    fuzz::require(parse_environment_values(to_json_text(values)) == values, "values are kept as they were");
  fuzz::Choices choices(input);
  const std::string before(choices.part());
  const std::string text = before + "PASSWORD=" + std::string(fuzz::k_password) + std::string(choices.rest());
  for (const std::string& mistake : find_env_file_mistakes(text, "app.env"))
    fuzz::require(!fuzz::shows_password(mistake), "a mistake does not show the value: " + mistake);
  fuzz::require(!fuzz::shows_password(fuzz::words_of<Error>([&] { parse_env_file(text, "app.env"); })),
                "nor the error");
}
