#include "docker_api/json_call.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// An answer that cannot be read leaves in doubt what a request that acts has done.
json parse_answer(const HttpResponse& response, const std::string& endpoint) {
  try {
    return parse_json(response.body, endpoint);
  } catch (const Error& error) {
    ErrorFacts facts = error.facts();
    facts.http_status = response.status;
    facts.in_doubt = !endpoint.starts_with("GET ") && !endpoint.starts_with("HEAD ");
    throw Error(std::move(facts));
  }
}

}  // namespace

asio::awaitable<json> call_for_json(Engine& engine, EngineRequest request) {
  const std::string endpoint = request.method + ' ' + request.path;
  const HttpResponse response = co_await engine.call(std::move(request));
  co_return parse_answer(response, endpoint);
}

asio::awaitable<std::optional<json>> find_json(Engine& engine, EngineRequest request) {
  try {
    co_return co_await call_for_json(engine, std::move(request));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  co_return std::nullopt;
}

asio::awaitable<void> call_for_list(Engine& engine, EngineRequest request,
                                    std::function<void(const json&)> visit) {
  const std::string endpoint = request.method + ' ' + request.path;
  const HttpResponse response = co_await engine.call(std::move(request));
  for_each_element(response.body, endpoint, visit);
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

std::string take_id(const json& body, const char* key, const std::string& endpoint) {
  std::string id = get_string(body, key);
  if (!id.empty()) return id;
  throw Error({.kind = ErrorKind::protocol, .endpoint = endpoint, .explanation = "the engine named no id"});
}

}  // namespace halcyon::docker_api
