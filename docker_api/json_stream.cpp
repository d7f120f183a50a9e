#include "docker_api/json_stream.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "docker_api/json_fields.hpp"
#include "docker_api/request_text.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

JsonStream::JsonStream(ResponseStream stream, std::size_t message_limit_bytes,
                       std::chrono::milliseconds message_deadline)
    : stream_(std::move(stream)), message_deadline_(message_deadline), splitter_(message_limit_bytes) {}

asio::awaitable<std::optional<json>> JsonStream::next() {
  const Clock::time_point asked = Clock::now();
  while (messages_.empty() && !ended_ && !failure_) co_await read_more(asked);
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
asio::awaitable<void> JsonStream::read_more(Clock::time_point asked) {
  try {
    const std::string_view piece = co_await read_piece(asked);
    ended_ = piece.empty();
    read_answer(origin(), [&] {
      if (ended_) {
        splitter_.finish();
      } else {
        splitter_.feed(piece, [this](std::string_view message) { messages_.emplace_back(message); });
      }
    });
    if (splitter_.is_between_messages()) {
      begun_.reset();
    } else if (!begun_) {
      begun_ = Clock::now();
    }
  } catch (const Error& error) {
    failure_ = error;
  }
}

/// Errors: timeout if the message is not whole in time, though bytes of it come.
asio::awaitable<std::string_view> JsonStream::read_piece(Clock::time_point asked) {
  if (!stream_.idle() && !begun_) return stream_.read_some();
  const std::chrono::milliseconds limit = stream_.idle().value_or(message_deadline_);
  const Clock::time_point since = stream_.idle() ? asked : *begun_;
  return read_until(since + limit, limit);
}

asio::awaitable<std::string_view> JsonStream::read_until(Clock::time_point end,
                                                         std::chrono::milliseconds limit) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
  try {
    if (left.count() > 0) co_return co_await stream_.read_some(left);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::timeout) throw;
  }
  throw Error({.kind = ErrorKind::timeout,
               .endpoint = stream_.endpoint(),
               .api_version = stream_.api_version(),
               .explanation = fmt::format("no whole message came within {}", describe(limit))});
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
