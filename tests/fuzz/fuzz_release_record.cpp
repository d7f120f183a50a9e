// A release's record: what is read is written so that it is read as the same.
#include "orchestrator/error.hpp"
#include "orchestrator/release.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace orchestrator;

HALCYON_FUZZ_TARGET(release_record, input) {
  Release release;
  if (fuzz::succeeds<Error>([&] { release = parse_release(input); })) {
    const std::string text = to_json_text(release);
    fuzz::require(to_json_text(parse_release(text)) == text, "the record of a record is the same record");
  }
  EnvironmentValues values;
  if (fuzz::succeeds<Error>([&] { values = parse_environment_values(input); })) {
    fuzz::require(parse_environment_values(to_json_text(values)) == values, "and so it is for values");
  }
}
