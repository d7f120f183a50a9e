// Splits a stream of JSON messages (CRLF, LF, record separator or nothing between them). Sans-io.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace halcyon::docker_api {

/// A longer message is an error.
inline constexpr std::size_t k_json_message_limit_bytes = std::size_t{4} * 1024 * 1024;

/// Cuts a byte stream into JSON texts by following strings and nesting, not by looking for newlines.
///
/// Errors: feed() throws Error protocol for a message over the limit or text that cannot start one; finish()
/// throws
///         truncated if a message has begun and not ended.
/// Source: G15.
class JsonSplitter {
 public:
  /// Takes one message; the view is valid during the call.
  using Sink = std::function<void(std::string_view)>;

  /// Splits messages of up to that many bytes.
  explicit JsonSplitter(std::size_t message_limit_bytes = k_json_message_limit_bytes);

  /// Consumes all of `bytes`; calls `sink` with each complete message. Linear in the bytes fed.
  void feed(std::string_view bytes, const Sink& sink);
  /// True if no message has begun that has not ended.
  bool is_between_messages() const noexcept { return depth_ == 0; }
  /// To be called at the end of the stream. Errors: truncated inside a message.
  void finish() const;

 private:
  std::size_t limit_;
  std::string pending_;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace halcyon::docker_api
