#include "docker_api/json_call.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

AnswerOrigin origin_of(const Engine& engine, std::string endpoint, const HttpResponse& response) {
  const std::optional<ApiVersion> version = engine.known_api_version();
  return {.endpoint = std::move(endpoint),
          .http_status = response.status,
          .api_version = version ? to_string(*version) : ""};
}

Error about_answer(const Error& error, const AnswerOrigin& origin) {
  ErrorFacts facts = error.facts();
  facts.endpoint = origin.endpoint;
  facts.http_status = origin.http_status;
  facts.api_version = origin.api_version;
  const bool acts = !origin.endpoint.starts_with("GET ") && !origin.endpoint.starts_with("HEAD ");
  const bool is_unread = facts.kind == ErrorKind::protocol || facts.kind == ErrorKind::truncated;
  facts.in_doubt = acts && is_unread;
  return Error(std::move(facts));
}

asio::awaitable<void> visit_answer(Engine& engine, EngineRequest request, JsonVisitor visit) {
  const std::string endpoint = request.method + ' ' + request.path;
  const HttpResponse response = co_await engine.call(std::move(request));
  read_answer(origin_of(engine, endpoint, response), [&] { visit(parse_json(response.body, endpoint)); });
}

asio::awaitable<void> visit_elements(Engine& engine, EngineRequest request, JsonVisitor visit) {
  const std::string endpoint = request.method + ' ' + request.path;
  const HttpResponse response = co_await engine.call(std::move(request));
  read_answer(origin_of(engine, endpoint, response),
              [&] { for_each_element(response.body, endpoint, visit); });
}

asio::awaitable<bool> call_to_remove(Engine& engine, EngineRequest request) {
  request.method = "DELETE";
  try {
    co_await engine.call(std::move(request));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    co_return false;
  }
  co_return true;
}

std::string take_id(const json& body, const char* key) {
  std::string id = get_string(body, key);
  if (!id.empty()) return id;
  throw Error({.kind = ErrorKind::protocol, .explanation = "the engine named no id"});
}

}  // namespace halcyon::docker_api
