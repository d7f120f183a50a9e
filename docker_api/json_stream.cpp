#include "docker_api/json_stream.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

JsonStream::JsonStream(ResponseStream stream, std::size_t message_limit_bytes)
    : stream_(std::move(stream)), splitter_(message_limit_bytes) {}

asio::awaitable<std::optional<json>> JsonStream::next() {
  while (messages_.empty() && !ended_ && !failure_) co_await read_more();
  if (messages_.empty() && failure_) throw *failure_;
  if (messages_.empty()) co_return std::nullopt;
  const std::string text = std::move(messages_.front());
  messages_.pop_front();
  json message = read_answer(origin(), [&] { return parse_json(text, stream_.endpoint()); });
  if (std::string error = read_answer(origin(), [&] { return find_message_error(message); });
      !error.empty()) {
    messages_.clear();
    failure_ = Error({.kind = ErrorKind::in_stream,
                      .endpoint = stream_.endpoint(),
                      .http_status = stream_.status(),
                      .engine_text = std::move(error),
                      .api_version = stream_.api_version()});
    throw *failure_;
  }
  co_return message;
}

AnswerOrigin JsonStream::origin() const {
  return {
      .endpoint = stream_.endpoint(), .http_status = stream_.status(), .api_version = stream_.api_version()};
}

/// One piece of the body; a failure is kept until the messages before it have been handed out.
asio::awaitable<void> JsonStream::read_more() {
  try {
    const std::string_view piece = co_await stream_.read_some();
    ended_ = piece.empty();
    read_answer(origin(), [&] {
      if (ended_) {
        splitter_.finish();
      } else {
        splitter_.feed(piece, [this](std::string_view message) { messages_.emplace_back(message); });
      }
    });
  } catch (const Error& error) {
    failure_ = error;
  }
}

std::string find_message_error(const json& message) {
  const json& detail = get_field(message, "errorDetail");
  const json& words = detail.is_object() ? get_field(detail, "message") : detail;
  const json& error = get_field(message, "error");
  for (const json* text : {&words, &error}) {
    if (text->is_string() && !text->get_ref<const std::string&>().empty()) return text->get<std::string>();
  }
  // Whatever its shape is, it is there.
  const bool has_error = !detail.is_null() || (!error.is_null() && error != json(std::string()));
  return has_error ? "an error without text" : "";
}

}  // namespace halcyon::docker_api
