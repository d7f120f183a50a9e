// The one error type of docker_api. It answers questions; nobody needs to parse its text.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace halcyon::docker_api {

/// What went wrong, for code that decides.
enum class ErrorKind {
  unreachable,       ///< no connection: socket absent, permission denied, refused
  timeout,           ///< a deadline passed; see in_doubt()
  cancelled,         ///< the caller gave up
  truncated,         ///< the peer closed in the middle of an answer
  protocol,          ///< the answer is not what HTTP or the Engine API promises
  bad_request,       ///< 400
  unauthorized,      ///< 401 or 403
  not_found,         ///< 404: no such object
  conflict,          ///< 409: name in use, or the object's state forbids it
  refused,           ///< any other status of 400 and above
  in_stream,         ///< an error reported inside a stream that began with status 200
  unsupported,       ///< the negotiated API version lacks what was asked; nothing was sent
  invalid_argument,  ///< refused before sending: empty id, malformed reference, malformed address
};

/// The word for a kind, as it appears in messages and JSON.
std::string_view to_string(ErrorKind kind) noexcept;

/// What an Error is made of; every field may be left empty.
struct ErrorFacts {
  ErrorKind kind = ErrorKind::protocol;
  std::string endpoint;            ///< "POST /containers/create", without the version prefix
  std::optional<int> http_status;  ///< as the engine sent it
  std::string engine_text;         ///< the engine's own words; may hold user input
  std::string api_version;         ///< negotiated version, "1.41"; empty before negotiation
  bool in_doubt = false;           ///< the request left, the answer did not come
  std::string explanation;         ///< our own words: what happened and what to do
};

/// Says what was attempted, what happened and, where we know it, what to do.
///
/// Threads: immutable after construction.
class Error : public std::runtime_error {
 public:
  /// Makes the message from the facts.
  explicit Error(ErrorFacts facts);

  /// What went wrong.
  ErrorKind kind() const noexcept { return facts_.kind; }
  /// As the peer sent it; nothing if no head arrived.
  std::optional<int> http_status() const noexcept { return facts_.http_status; }
  /// What was asked: "POST /containers/create".
  const std::string& endpoint() const noexcept { return facts_.endpoint; }
  /// The engine's own words; may hold user input.
  const std::string& engine_text() const noexcept { return facts_.engine_text; }
  /// The negotiated version; empty before negotiation.
  const std::string& api_version() const noexcept { return facts_.api_version; }

  /// True if the request was sent and nobody can say whether the engine acted on it.
  bool in_doubt() const noexcept { return facts_.in_doubt; }
  /// True if the same call may succeed later without anybody changing anything.
  bool is_transient() const noexcept;

  /// All of the above, for a layer that knows one fact more and throws a fuller Error.
  const ErrorFacts& facts() const noexcept { return facts_; }

 private:
  ErrorFacts facts_;
};

}  // namespace halcyon::docker_api
