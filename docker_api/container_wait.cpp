// POST /containers/{id}/wait in two steps: armed before the start, answered after the end.
#include <nlohmann/json.hpp>

#include "docker_api/containers.hpp"
#include "docker_api/error.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::size_t k_answer_limit_bytes = std::size_t{64} * 1024;

std::string_view condition_word(WaitCondition condition) {
  switch (condition) {
    case WaitCondition::not_running:
      return "not-running";
    case WaitCondition::next_exit:
      return "next-exit";
    case WaitCondition::removed:
      return "removed";
  }
  return "not-running";
}

/// Errors: in_stream with the engine's text; protocol.
std::int64_t read_exit_code(const json& body) {
  if (std::string text = get_string(get_field(body, "Error"), "Message"); !text.empty())
    throw Error({.kind = ErrorKind::in_stream, .engine_text = std::move(text)});
  if (get_field(body, "StatusCode").is_null())
    throw Error({.kind = ErrorKind::protocol, .explanation = "no exit code came"});
  return get_int64(body, "StatusCode");
}

}  // namespace

ArmedWait::ArmedWait(ResponseStream stream) : stream_(std::move(stream)) {}

asio::awaitable<ArmedWait> arm_wait(Engine& engine, ContainerId id, WaitCondition condition) {
  EngineRequest request{.method = "POST",
                        .path = resource_path("/containers/", id.value, "/wait"),
                        .query = {{"condition", std::string(condition_word(condition))}}};
  request.deadlines.idle = std::nullopt;
  co_return ArmedWait(co_await engine.open_stream(std::move(request)));
}

asio::awaitable<std::int64_t> ArmedWait::result() {
  const AnswerOrigin origin{
      .endpoint = stream_.endpoint(), .http_status = stream_.status(), .api_version = stream_.api_version()};
  std::string answer;
  for (;;) {
    const std::string_view piece = co_await stream_.read_some();
    if (piece.empty()) break;
    answer.append(piece.substr(0, k_answer_limit_bytes));
    if (answer.size() > k_answer_limit_bytes) {
      throw about_answer(Error({.kind = ErrorKind::protocol, .explanation = "the answer is far too long"}),
                         origin);
    }
  }
  // The engine ended the stream without a word: it is shutting down, or something between us cut the long
  // request.
  if (answer.find_first_not_of(" \r\n") == std::string::npos) {
    throw about_answer(
        Error({.kind = ErrorKind::truncated, .explanation = "the wait ended without an exit code"}), origin);
  }
  co_return read_answer(origin, [&] { return read_exit_code(parse_json(answer, origin.endpoint)); });
}

}  // namespace halcyon::docker_api
