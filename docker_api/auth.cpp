#include "docker_api/auth.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// The registry may be slow, or behind a dead route.
constexpr std::chrono::minutes k_registry_deadline{1};

}  // namespace

asio::awaitable<AuthResult> check_credentials(Engine& engine, RegistryCredentials credentials) {
  const json body{{"username", credentials.username},
                  {"password", std::string(credentials.password.reveal())},
                  {"serveraddress", credentials.server_address}};
  EngineRequest request{.method = "POST", .path = "/auth", .json_body = dump_json(body)};
  request.deadlines.head = k_registry_deadline;
  const HttpResponse response = co_await engine.call(std::move(request));
  // 204: nothing to say, and no body.
  if (response.body.empty()) co_return AuthResult{};
  const json answer = parse_json(response.body, "POST /auth");
  co_return AuthResult{.status = get_string(answer, "Status"),
                       .identity_token = get_string(answer, "IdentityToken")};
}

}  // namespace halcyon::docker_api
