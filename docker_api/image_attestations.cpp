#include "docker_api/image_attestations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// The statement's text; empty for none.
std::string statement_text(const json& statement) {
  if (statement.is_null()) return {};
  if (!statement.is_object()) {
    throw Error({.kind = ErrorKind::protocol, .explanation = "\"Statement\" is no object"});
  }
  return statement.dump();
}

Attestation parse_attestation(const json& body) {
  const json& descriptor = get_field(body, "Descriptor");
  return {.predicate_type = get_string(body, "PredicateType"),
          .digest = Digest(get_string(descriptor, "digest")),
          .media_type = get_string(descriptor, "mediaType"),
          .size_bytes = get_uint64(descriptor, "size"),
          .statement = statement_text(get_field(body, "Statement"))};
}

}  // namespace

asio::awaitable<std::vector<Attestation>> list_attestations(Engine& engine, std::string name,
                                                            AttestationOptions options) {
  EngineRequest request{.path = image_path("/images/", name, "/attestations")};
  co_await require_options(engine, {GatedOption::image_attestations});
  if (options.platform) request.query.emplace_back("platform", platform_json(*options.platform));
  if (!options.predicate_types.empty()) {
    request.query.emplace_back("type", fmt::format("{}", fmt::join(options.predicate_types, ",")));
  }
  if (options.statements) request.query.emplace_back("statement", "1");
  co_return co_await list_for(engine, std::move(request), parse_attestation);
}

}  // namespace halcyon::docker_api
