#include "docker_api/image_streams.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_fields.hpp"
#include "docker_api/json_stream.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// Byte counts are -1 where the engine does not know them.
std::uint64_t get_bytes(const json& detail, const char* key) {
  const json& field = get_field(detail, key);
  return field.is_number_unsigned() ? field.get<std::uint64_t>() : 0;
}

}  // namespace

ImageProgress parse_progress(const json& message) {
  const json& detail = get_field(message, "progressDetail");
  ImageProgress progress{.id = get_string(message, "id"),
                         .status = get_string(message, "status"),
                         .current_bytes = get_bytes(detail, "current"),
                         .total_bytes = get_bytes(detail, "total")};
  if (progress.status.empty()) progress.status = get_string(message, "stream");
  return progress;
}

asio::awaitable<void> follow_messages(ResponseStream stream, ProgressSink progress, MessageSink each) {
  JsonStream messages(std::move(stream));
  while (const std::optional<json> message = co_await messages.next()) {
    if (each) read_answer(messages.origin(), [&] { each(*message); });
    if (progress) progress(read_answer(messages.origin(), [&] { return parse_progress(*message); }));
  }
}

}  // namespace halcyon::docker_api
