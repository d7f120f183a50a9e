#include "docker_api/image_streams.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/json_lines.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// errorDetail first; the bare `error` is deprecated since API 1.48 and all that older builders send.
std::string find_error_text(const json& message) {
  if (std::string detail = get_string(get_field(message, "errorDetail"), "message"); !detail.empty())
    return detail;
  const json& error = get_field(message, "error");
  if (error.is_string()) return error.get<std::string>();
  const bool has_error = !error.is_null() || !get_field(message, "errorDetail").is_null();
  return has_error ? "an error without text" : "";
}

/// Byte counts are -1 where the engine does not know them.
std::uint64_t get_bytes(const json& detail, const char* key) {
  const json& field = get_field(detail, key);
  return field.is_number_unsigned() ? field.get<std::uint64_t>() : 0;
}

ImageProgress parse_progress(const json& message) {
  const json& detail = get_field(message, "progressDetail");
  ImageProgress progress{.id = get_string(message, "id"),
                         .status = get_string(message, "status"),
                         .current_bytes = get_bytes(detail, "current"),
                         .total_bytes = get_bytes(detail, "total")};
  if (progress.status.empty()) progress.status = get_string(message, "stream");
  return progress;
}

}  // namespace

asio::awaitable<void> follow_messages(ResponseStream stream, ProgressSink progress, MessageSink each) {
  JsonSplitter splitter;
  const JsonSplitter::Sink on_message = [&](std::string_view text) {
    const json message = parse_json(text, stream.endpoint());
    if (std::string error = find_error_text(message); !error.empty()) {
      throw Error({.kind = ErrorKind::in_stream,
                   .endpoint = stream.endpoint(),
                   .http_status = stream.status(),
                   .engine_text = std::move(error)});
    }
    if (each) each(message);
    if (progress) progress(parse_progress(message));
  };
  for (;;) {
    const std::string_view piece = co_await stream.read_some();
    if (piece.empty()) break;
    splitter.feed(piece, on_message);
  }
  splitter.finish();
}

}  // namespace halcyon::docker_api
