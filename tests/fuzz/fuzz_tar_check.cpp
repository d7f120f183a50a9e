// The judgement about an archive does not depend on how it came, and what is cut off is never whole.
#include "docker_api/error.hpp"
#include "docker_api/tar_check.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;

namespace {

std::string check_judgement(const std::vector<std::string_view>& pieces) {
  docker_api::TarChecker checker;
  for (const std::string_view piece : pieces) checker.feed(piece);
  return fuzz::words_of<docker_api::Error>([&] { checker.finish("GET /x"); });
}

}  // namespace

HALCYON_FUZZ_TARGET(tar_check, input) {
  fuzz::Choices choices(input);
  const std::string_view pattern = input.substr(0, std::min<std::size_t>(2, input.size()));
  choices.up_to(0);
  std::string_view text = choices.rest();
  const std::string whole = check_judgement({text});
  fuzz::require(check_judgement(fuzz::split(text, pattern)) == whole,
                "the judgement does not depend on the pieces: " + whole);
  if (!whole.empty()) return;
  while (text.ends_with('\0')) text.remove_suffix(1);
  fuzz::require(!check_judgement({text}).empty(), "an archive without its end mark is not whole");
}
