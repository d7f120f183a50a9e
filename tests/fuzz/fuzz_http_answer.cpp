// An answer through the real HttpConnection: the same result however the bytes are cut, no more body than
// there are bytes, and no clean end for what is cut short.
#include <boost/asio/io_context.hpp>

#include "docker_api/error.hpp"
#include "docker_api/http.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/fuzz/scripted_transport.hpp"
#include "tests/support/run_coroutine.hpp"

using namespace halcyon;
using namespace docker_api;

namespace {

struct AnswerOutcome {
  int status = 0;
  std::string head;
  std::string body;
  std::string error;
  bool in_doubt = false;
  bool is_reusable = false;
  bool operator==(const AnswerOutcome&) const = default;
};

boost::asio::awaitable<void> read(HttpConnection& connection, HttpRequest request, AnswerOutcome& outcome) {
  const HttpResponse response = co_await connection.begin(std::move(request), {});
  outcome.status = response.status;
  for (const HttpHeader& header : response.headers) outcome.head += header.name + ": " + header.value + "\n";
  for (;;) {
    const std::string_view piece = co_await connection.read_some({});
    if (piece.empty()) break;
    outcome.body += piece;
  }
  outcome.is_reusable = connection.is_reusable() && !connection.is_stale();
}

AnswerOutcome found_in_answer(const std::vector<std::string_view>& pieces, const HttpRequest& request) {
  static boost::asio::io_context io(1);
  AnswerOutcome outcome;
  const auto connection = make_http_connection(std::make_shared<fuzz::ScriptedTransport>(pieces));
  try {
    test_support::run(io, read(*connection, request, outcome));
  } catch (const Error& error) {
    outcome.error = to_string(error.kind());
    outcome.in_doubt = error.in_doubt();
    fuzz::require(error.in_doubt() == (outcome.status == 0 && !error.http_status()),
                  "in doubt until the head has arrived");
  }
  return outcome;
}

bool is_failed_head(const AnswerOutcome& outcome) { return outcome.status == 0 && !outcome.error.empty(); }

}  // namespace

HALCYON_FUZZ_TARGET(http_answer, input) {
  fuzz::Choices choices(input);
  const std::uint8_t kind = choices.byte() % 4;
  const std::size_t cut = choices.up_to(65'535);
  const std::string_view pattern = choices.rest().substr(0, 2);
  choices.up_to(0);
  const std::string_view text = choices.rest();
  const HttpRequest request{.method = kind == 1 ? "HEAD" : kind == 2 ? "POST" : "GET", .upgrade = kind == 3};

  const AnswerOutcome whole = found_in_answer({text}, request);
  fuzz::require(whole.body.size() <= text.size(), "no more body than bytes");
  fuzz::require(whole.error.empty() || whole.error == "protocol" || whole.error == "truncated",
                "two kinds of error");
  fuzz::require(whole.error == "protocol" || whole.error == "truncated" || whole.status >= 100,
                "a status means something");
  AnswerOutcome in_pieces = found_in_answer(fuzz::split(text, pattern), request);
  // A head that is both wrong and unfinished: Beast looks at what has come once, and then waits for its end.
  if (is_failed_head(in_pieces) && is_failed_head(whole)) in_pieces.error = whole.error;
  fuzz::require(in_pieces == whole, "the result does not depend on where the bytes are cut");
  if (!whole.is_reusable || text.empty()) return;
  const AnswerOutcome part = found_in_answer({text.substr(0, cut % text.size())}, request);
  fuzz::require(part.error == "truncated", "an answer with a length that is cut short is truncated");
}
