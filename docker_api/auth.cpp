#include "docker_api/auth.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/go_json.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/secret_json.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// The registry may be slow, or behind a dead route.
constexpr std::chrono::minutes k_registry_deadline{1};

AuthResult parse_result(std::string_view body) {
  json answer = parse_json(body, "POST /auth");
  const CleanseJsonAtEnd cleanse_answer(answer);
  AuthResult result{.status = get_string(answer, "Status"), .identity_token = {}};
  if (const auto token = answer.find("IdentityToken"); token != answer.end() && token->is_string()) {
    result.identity_token = Secret(token->get_ref<const std::string&>());
  } else {
    get_string(answer, "IdentityToken");  // is missing, or no string: then this throws
  }
  return result;
}

}  // namespace

asio::awaitable<AuthResult> check_credentials(Engine& engine, RegistryCredentials credentials) {
  SecretJson body;
  body.add("password", credentials.password.reveal());
  body.add("serveraddress", credentials.server_address);
  body.add("username", credentials.username);
  EngineRequest request{.method = "POST", .path = "/auth", .secret_json_body = Secret(body.take())};
  request.deadlines.head = k_registry_deadline;
  HttpResponse response = co_await engine.call(std::move(request));
  const CleanseAtEnd cleanse_body(response.body);
  // 204: nothing to say, and no body.
  if (response.body.empty()) co_return AuthResult{};
  co_return read_answer(origin_of(engine, "POST /auth", response),
                        [&response] { return parse_result(response.body); });
}

}  // namespace halcyon::docker_api
