#include "docker_api/swarm.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/go_json.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/json_writing.hpp"
#include "docker_api/secret_json.hpp"
#include "docker_api/swarm_object_json.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr int k_unavailable = 503;

/// A new manager makes certificates and elects itself; one that joins waits for another engine.
constexpr std::chrono::minutes k_join_deadline{2};

json make_init_body(const SwarmInit& options) {
  json body{{"ListenAddr", options.listen_address}, {"ForceNewCluster", options.force_new_cluster}};
  set_unless_empty(body, "AdvertiseAddr", options.advertise_address);
  set_unless_empty(body, "DataPathAddr", options.data_path_address);
  if (options.data_path_port != 0) body["DataPathPort"] = options.data_path_port;
  if (!options.address_pools.empty()) body["DefaultAddrPool"] = options.address_pools;
  if (options.subnet_size != 0) body["SubnetSize"] = options.subnet_size;
  json spec = json::object();
  if (!options.spec_json.empty()) spec = parse_spec(options.spec_json, "POST /swarm/init");
  // The first manager looks at the one, every other at the other.
  if (options.lock_managers) {
    body["AutoLockManagers"] = true;
    spec["EncryptionConfig"]["AutoLockManagers"] = true;
  }
  body["Spec"] = std::move(spec);
  return body;
}

/// Takes a string out of the JSON tree, and overwrites what it held there.
Secret take_secret(json& body, const char* key) {
  std::string text = get_string(body, key);
  const CleanseAtEnd cleansed(text);
  Secret secret{std::string_view(text)};
  if (const auto found = body.find(key); found != body.end() && found->is_string()) {
    cleanse(found->get_ref<std::string&>());
    body.erase(found);
  }
  return secret;
}

SwarmDetails parse_swarm(json body) {
  json tokens = get_field(body, "JoinTokens");
  const CleanseJsonAtEnd cleansed(tokens);
  Secret worker = take_secret(tokens, "Worker");
  Secret manager = take_secret(tokens, "Manager");
  {
    json raw = std::move(body["JoinTokens"]);
    const CleanseJsonAtEnd raw_cleansed(raw);
    body.erase("JoinTokens");
  }
  return {.id = get_string(body, "ID"),
          .object = parse_swarm_object(body),
          .worker_token = std::move(worker),
          .manager_token = std::move(manager),
          .root_rotation_in_progress = get_bool(body, "RootRotationInProgress"),
          .address_pools = get_strings(body, "DefaultAddrPool"),
          .subnet_size = get_uint64(body, "SubnetSize"),
          .data_path_port = get_uint64(body, "DataPathPort")};
}

/// The answer's text is overwritten once it is read.
template <class Read>
asio::awaitable<std::invoke_result_t<Read&, json>> call_for_secret(Engine& engine, std::string path,
                                                                   Read read) {
  const std::string endpoint = "GET " + path;
  HttpResponse response = co_await engine.call({.path = std::move(path)});
  const CleanseAtEnd cleansed(response.body);
  co_return read_answer(origin_of(engine, endpoint, response),
                        [&] { return read(parse_json(response.body, endpoint)); });
}

EngineRequest make_swarm_post(std::string path, const json& body) {
  EngineRequest request{.method = "POST", .path = std::move(path), .json_body = dump_json(body)};
  request.deadlines.head = k_join_deadline;
  return request;
}

EngineRequest make_secret_post(std::string path, SecretText body) {
  EngineRequest request{
      .method = "POST", .path = std::move(path), .secret_json_body = Secret(std::move(body))};
  request.deadlines.head = k_join_deadline;
  return request;
}

}  // namespace

asio::awaitable<NodeId> init_swarm(Engine& engine, SwarmInit options) {
  co_return NodeId(
      co_await call_for(engine, make_swarm_post("/swarm/init", make_init_body(options)), [](const json& id) {
        return take_id(json{{"id", id}}, "id");
      }));
}

asio::awaitable<void> join_swarm(Engine& engine, SwarmJoin options) {
  if (options.managers.empty() || options.token.empty()) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "POST /swarm/join",
                 .explanation = "joining a swarm needs the address of a manager and a token"});
  }
  SecretJson body;
  body.add("ListenAddr", options.listen_address);
  body.add_json("RemoteAddrs", dump_json(json(options.managers)));
  body.add("JoinToken", options.token.reveal());
  body.add("AdvertiseAddr", options.advertise_address);
  body.add("DataPathAddr", options.data_path_address);
  body.add("Availability", options.availability);
  co_await engine.call(make_secret_post("/swarm/join", body.take()));
}

asio::awaitable<void> leave_swarm(Engine& engine, bool force) {
  EngineRequest request{.method = "POST", .path = "/swarm/leave"};
  if (force) request.query = {{"force", "1"}};
  request.deadlines.head = k_join_deadline;
  co_await engine.call(std::move(request));
}

asio::awaitable<SwarmDetails> inspect_swarm(Engine& engine) {
  co_return co_await call_for_secret(engine, "/swarm", parse_swarm);
}

asio::awaitable<std::optional<SwarmDetails>> find_swarm(Engine& engine) {
  try {
    co_return co_await inspect_swarm(engine);
  } catch (const Error& error) {
    // 503 is also said by a manager that is locked or has no leader. 406 was said by engines before, 404 by
    // those that have no swarm at all.
    const bool is_no_manager = error.http_status() == k_unavailable &&
                               error.engine_text().find("not a swarm manager") != std::string::npos;
    const bool has_none = is_no_manager || error.http_status() == 406 || error.http_status() == 404;
    if (!has_none) throw;
  }
  co_return std::nullopt;
}

asio::awaitable<void> update_swarm(Engine& engine, std::uint64_t version, std::string spec_json,
                                   SwarmUpdateOptions options) {
  EngineRequest request = make_swarm_post("/swarm/update", parse_spec(spec_json, "POST /swarm/update"));
  request.query = {{"version", std::to_string(version)}};
  if (options.rotate_worker_token) request.query.emplace_back("rotateWorkerToken", "1");
  if (options.rotate_manager_token) request.query.emplace_back("rotateManagerToken", "1");
  if (options.rotate_unlock_key) request.query.emplace_back("rotateManagerUnlockKey", "1");
  co_await engine.call(std::move(request));
}

asio::awaitable<Secret> inspect_unlock_key(Engine& engine) {
  co_return co_await call_for_secret(engine, "/swarm/unlockkey",
                                     [](json body) { return take_secret(body, "UnlockKey"); });
}

asio::awaitable<void> unlock_swarm(Engine& engine, Secret unlock_key) {
  SecretJson body;
  body.add("UnlockKey", unlock_key.reveal());
  co_await engine.call(make_secret_post("/swarm/unlock", body.take()));
}

}  // namespace halcyon::docker_api
