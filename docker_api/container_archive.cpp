#include "docker_api/container_archive.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/base64.hpp"
#include "docker_api/error.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr const char* k_stat_header = "X-Docker-Container-Path-Stat";

/// The engine may be busy for long between two pieces: it reads or writes somebody's disk.
constexpr std::chrono::minutes k_archive_deadline{5};
constexpr std::size_t k_archive_idle_bytes = 4096;  // an engine that trickles has nothing to copy

EngineRequest make_request(std::string method, const ContainerId& id, std::string path) {
  EngineRequest request{.method = std::move(method),
                        .path = resource_path("/containers/", id.value, "/archive")};
  if (path.empty()) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = request.method + " /containers/{id}/archive",
                 .explanation = "the path is empty"});
  }
  request.query = {{"path", std::move(path)}};
  request.deadlines.head = request.deadlines.idle = k_archive_deadline;
  request.deadlines.idle_bytes = k_archive_idle_bytes;
  return request;
}

PathStat stat_of(const HttpResponse& response, const AnswerOrigin& origin) {
  return read_answer(origin, [&response] {
    const auto header = response.find_header(k_stat_header);
    if (header) return parse_path_stat(*header);
    throw Error({.kind = ErrorKind::protocol,
                 .explanation = std::string("the answer has no header ") + k_stat_header});
  });
}

}  // namespace

PathStat parse_path_stat(std::string_view header) {
  const auto text = decode_base64(header);
  if (!text) {
    throw Error(
        {.kind = ErrorKind::protocol, .endpoint = k_stat_header, .explanation = "the value is not base64"});
  }
  const json body = parse_json(*text, k_stat_header);
  const std::uint64_t mode = get_uint64(body, "mode");
  if (mode > UINT32_MAX) {
    throw Error({.kind = ErrorKind::protocol, .endpoint = k_stat_header, .explanation = "the mode is none"});
  }
  return {.name = get_string(body, "name"),
          .size_bytes = find_size(body, "size").value_or(0),
          .mode = static_cast<std::uint32_t>(mode),
          .modified_at = get_time(body, "mtime"),
          .link_target = get_string(body, "linkTarget")};
}

asio::awaitable<std::optional<PathStat>> find_path(Engine& engine, ContainerId id, std::string path) {
  try {
    EngineRequest request = make_request("HEAD", id, std::move(path));
    std::string endpoint = "HEAD " + request.path;
    const HttpResponse response = co_await engine.call(std::move(request));
    co_return stat_of(response, origin_of(engine, std::move(endpoint), response));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  co_return std::nullopt;
}

asio::awaitable<PathArchive> open_archive(Engine& engine, ContainerId id, std::string path) {
  ResponseStream stream = co_await engine.open_stream(make_request("GET", id, std::move(path)));
  PathStat stat = stat_of(stream.head(), origin_of(engine, stream.endpoint(), stream.head()));
  co_return PathArchive{std::move(stat), ArchiveStream(std::move(stream))};
}

namespace {

/// Podman 4 takes an archive for an absent directory, says 200, and drops it.
asio::awaitable<void> require_path(Engine& engine, ContainerId id, std::string path) {
  EngineRequest request = make_request("HEAD", id, path);
  const std::string endpoint = "PUT " + request.path;
  if (co_await find_path(engine, std::move(id), path)) co_return;
  throw Error({.kind = ErrorKind::not_found,
               .endpoint = endpoint,
               .explanation = "there is no such container, or no " + path + " in it"});
}

}  // namespace

asio::awaitable<void> put_archive(Engine& engine, ContainerId id, std::string path,
                                  std::shared_ptr<BodySource> archive, PutArchiveOptions options) {
  EngineRequest request = make_request("PUT", id, path);
  if (co_await engine.kind() == EngineKind::podman) co_await require_path(engine, id, std::move(path));
  if (!options.may_replace_types) request.query.emplace_back("noOverwriteDirNonDir", "1");
  if (options.to_container_user) request.query.emplace_back("copyUIDGID", "1");
  request.content_type = "application/x-tar";
  request.body_source = std::move(archive);
  co_await engine.call(std::move(request));
}

asio::awaitable<ArchiveStream> export_container(Engine& engine, ContainerId id) {
  EngineRequest request{.path = resource_path("/containers/", id.value, "/export")};
  request.deadlines.head = request.deadlines.idle = k_archive_deadline;
  request.deadlines.idle_bytes = k_archive_idle_bytes;
  co_return ArchiveStream(co_await engine.open_stream(std::move(request)));
}

}  // namespace halcyon::docker_api
