// The engine's words in an error answer: bounded, and on one line.
#include "docker_api/error.hpp"
#include "docker_api/status_error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace docker_api;

HALCYON_FUZZ_TARGET(status_error, input) {
  fuzz::Choices choices(input);
  const int status = 400 + static_cast<int>(choices.byte()) * 2;
  const std::string body(choices.rest());
  const std::string text = find_engine_text(body);
  fuzz::require(text.size() <= 4096 + 3, "the words are bounded");
  for (const char c : text) fuzz::require(static_cast<unsigned char>(c) >= ' ', "no control characters");
  const Error error = make_status_error("GET /x", "1.41", {.status = status, .body = body});
  fuzz::require(error.http_status() == status && !error.in_doubt(),
                "the status is the news, and it is certain");
  fuzz::require(error.kind() != ErrorKind::truncated && error.kind() != ErrorKind::protocol,
                "it is the engine's refusal");
}
