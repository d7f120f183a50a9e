// The image calls that send an archive: build, load, import.
#include <nlohmann/json.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/image_requests.hpp"
#include "docker_api/image_streams.hpp"
#include "docker_api/image_summary.hpp"
#include "docker_api/images.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::string_view k_loaded_name = "Loaded image: ";
constexpr std::string_view k_loaded_id = "Loaded image ID: ";

std::string trim_line(std::string_view text) {
  return std::string(text.substr(0, text.find_last_not_of(" \r\n") + 1));
}

}  // namespace

asio::awaitable<ImageId> build_image(Engine& engine, std::shared_ptr<BodySource> context,
                                     BuildOptions options, ProgressSink progress) {
  ImageId id;
  const MessageSink take_id = [&id](const json& message) {
    if (std::string found = get_string(get_field(message, "aux"), "ID"); !found.empty())
      id = make_image_id(found);
  };
  ResponseStream stream = co_await engine.open_stream(make_build_request(std::move(context), options));
  const AnswerOrigin origin = origin_of(engine, stream.endpoint(), stream.head());
  co_await follow_messages(std::move(stream), std::move(progress), take_id);
  if (id.empty()) {
    throw about_answer(
        Error({.kind = ErrorKind::protocol,
               .explanation = "the build ended without an error, but the engine named no image"}),
        origin);
  }
  co_return id;
}

asio::awaitable<std::vector<std::string>> load_images(Engine& engine, std::shared_ptr<BodySource> archive,
                                                      ProgressSink progress,
                                                      std::vector<Platform> platforms) {
  co_await require_load_platforms(engine, platforms.size());
  std::vector<std::string> names;
  const MessageSink take_name = [&names](const json& message) {
    const std::string line = trim_line(get_string(message, "stream"));
    for (const std::string_view start : {k_loaded_name, k_loaded_id}) {
      if (line.starts_with(start)) names.push_back(line.substr(start.size()));
    }
  };
  ResponseStream stream = co_await engine.open_stream(make_load_request(std::move(archive), platforms));
  co_await follow_messages(std::move(stream), std::move(progress), take_name);
  co_return names;
}

asio::awaitable<ImageId> import_image(Engine& engine, std::shared_ptr<BodySource> root_file_system,
                                      ImageReference tag, std::vector<std::string> changes) {
  if (tag.digest) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "POST /images/create",
                 .explanation = tag.to_string() + " names a digest, and an import is given a tag only"});
  }
  ImageId id;
  const MessageSink take_id = [&id](const json& message) {
    if (std::string status = get_string(message, "status"); is_digest(status))
      id = make_image_id(std::move(status));
  };
  EngineRequest request = make_upload("/images/create", std::move(root_file_system));
  request.query = {{"fromSrc", "-"}, {"repo", tag.repository}, {"tag", tag.tag.value_or("latest")}};
  for (std::string& change : changes) request.query.emplace_back("changes", std::move(change));
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  const AnswerOrigin origin = origin_of(engine, stream.endpoint(), stream.head());
  co_await follow_messages(std::move(stream), {}, take_id);
  if (id.empty()) {
    throw about_answer(
        Error({.kind = ErrorKind::protocol,
               .explanation = "the import ended without an error, but the engine named no image"}),
        origin);
  }
  co_return id;
}

}  // namespace halcyon::docker_api
