#include "docker_api/engine_exchange.hpp"

#include <fmt/format.h>

#include <iterator>

#include "docker_api/http_status.hpp"
#include "docker_api/request_text.hpp"
#include "docker_api/status_error.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr int k_switching = 101;
constexpr std::size_t k_error_body_limit_bytes = std::size_t{1} * 1024 * 1024;

std::string make_target(const EngineRequest& request, ApiVersion version, std::string target) {
  if (request.versioned) fmt::format_to(std::back_inserter(target), "/v{}.{}", version.major, version.minor);
  target += request.path;
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    target += separator;
    target.append(percent_encode_query(name)).append("=").append(percent_encode_query(value));
    separator = '&';
  }
  return target;
}

HttpRequest make_http_request(const StreamState& state, const EngineRequest& request, ApiVersion version) {
  const auto& impl = *state.impl;
  HttpRequest http{.method = request.method,
                   .target = make_target(request, version, impl.path_prefix),
                   .host = impl.host,
                   .headers = request.headers,
                   .body = request.json_body,
                   .secret_body = request.secret_json_body,
                   .body_source = request.body_source,
                   .upgrade = request.upgrade};
  http.headers.insert(http.headers.end(), impl.headers.begin(), impl.headers.end());
  if (!request.json_body.empty() || !request.secret_json_body.empty())
    http.headers.push_back({"Content-Type", "application/json"});
  if (request.body_source) http.headers.push_back({"Content-Type", request.content_type});
  return http;
}

bool may_be_repeated(const EngineRequest& request) {
  return (request.method == "GET" || request.method == "HEAD") && !request.body_source;
}

void append_piece(const StreamState& state, HttpResponse& response, std::string_view piece,
                  std::size_t limit_bytes) {
  if (response.body.size() + piece.size() > limit_bytes) {
    throw Error({.kind = ErrorKind::protocol,
                 .endpoint = state.endpoint,
                 .http_status = response.status,
                 .explanation = fmt::format("the answer is longer than {} bytes", limit_bytes)});
  }
  response.body.append(piece);
}

/// The Error for a status of 400 and above, with the engine's words as far as they came.
asio::awaitable<void> throw_status_error(StreamState& state, HttpResponse response) {
  try {
    co_await read_body(state, response, k_error_body_limit_bytes);
  } catch (const Error& error) {
    // The status is the news, even if its explanation is cut short. But the caller's own wish goes first, and
    // 404 is no news without its text: "no such object" is an answer that much is built on, and it may be
    // "no such call".
    if (error.kind() == ErrorKind::cancelled || response.status == k_not_found) throw;
  }
  ErrorFacts facts = make_status_error(state.endpoint, state.api_version(), response).facts();
  // No engine answers so, only what stands before it: whether the engine heard the request, nobody knows.
  const bool is_proxys = response.status == k_bad_gateway || response.status == k_gateway_timeout;
  facts.in_doubt = facts.in_doubt || (state.acts && is_proxys);
  const Error error(std::move(facts));
  // Another engine answers there by now: the next call asks which version it speaks.
  if (is_about_version(error)) state.impl->peer.reset();
  throw error;
}

}  // namespace

StreamState::StreamState(std::shared_ptr<Engine::Impl> owner, const EngineRequest& request)
    : impl(std::move(owner)),
      deadlines(request.deadlines),
      acts(request.method != "GET" && request.method != "HEAD") {
  endpoint.append(request.method).append(" ").append(request.path);
}

void StreamState::take_pace(std::chrono::steady_clock::duration waiting, std::size_t bytes) {
  if (!deadlines.idle || deadlines.idle_bytes == 0) return;
  waited += waiting;
  bytes_meanwhile += bytes;
  if (waited < *deadlines.idle) return;
  if (bytes_meanwhile < deadlines.idle_bytes) {
    throw Error({.kind = ErrorKind::timeout,
                 .endpoint = endpoint,
                 .api_version = api_version(),
                 .explanation = fmt::format("only {} bytes came within {}", bytes_meanwhile,
                                            describe(*deadlines.idle))});
  }
  waited = {};
  bytes_meanwhile = 0;
}

Error StreamState::with_context(const Error& error) const {
  ErrorFacts facts = error.facts();
  facts.endpoint = endpoint;
  const int status = facts.http_status.value_or(0);
  facts.in_doubt = acts && (facts.in_doubt || status == k_switching || (status >= 200 && status < 300));
  facts.api_version = api_version();
  return Error(std::move(facts));
}

std::string StreamState::api_version() const { return impl->peer ? to_string(impl->peer->version) : ""; }

asio::awaitable<HttpResponse> begin_exchange(StreamState& state, const EngineRequest& request) {
  auto& impl = *state.impl;
  const ApiVersion version = impl.peer.value_or(Peer{}).version;
  state.connection = impl.pool.take(may_be_repeated(request));
  if (state.connection) {
    try {
      co_return co_await state.connection->begin(make_http_request(state, request, version),
                                                 request.deadlines);
    } catch (const Error& error) {
      // The engine may have closed the connection at the moment we chose it. Only then, and only for what
      // changes nothing, is once more on a fresh one right.
      // Over TLS a connection that was lost without notice counts as unreachable.
      const bool is_lost = error.kind() == ErrorKind::truncated || error.kind() == ErrorKind::unreachable;
      if (!is_lost || state.connection->has_answered() || !may_be_repeated(request))
        throw state.with_context(error);
    }
  }
  try {
    const bool is_usual = request.deadlines.connect == HttpDeadlines{}.connect;
    state.connection =
        co_await HttpConnection::open(impl.connector, is_usual ? impl.connect : request.deadlines.connect);
    co_return co_await state.connection->begin(make_http_request(state, request, version), request.deadlines);
  } catch (const Error& error) {
    throw state.with_context(error);
  }
}

bool read_buffered_body(StreamState& state, HttpResponse& response, std::size_t limit_bytes) {
  try {
    for (;;) {
      const std::optional<std::string_view> piece = state.connection->read_buffered();
      if (!piece) return false;
      if (piece->empty()) {
        state.finish();
        return true;
      }
      append_piece(state, response, *piece, limit_bytes);
    }
  } catch (const Error& error) {
    throw state.with_context(error);
  }
}

asio::awaitable<void> read_body(StreamState& state, HttpResponse& response, std::size_t limit_bytes) {
  const auto began = std::chrono::steady_clock::now();
  try {
    for (;;) {
      const std::string_view piece = co_await state.connection->read_some(state.deadlines);
      if (piece.empty()) break;
      require_in_time(began, state.deadlines, state.endpoint);
      append_piece(state, response, piece, limit_bytes);
    }
  } catch (const Error& error) {
    throw state.with_context(error);
  }
  state.finish();
}

bool is_success(const HttpResponse& response) {
  return response.status < 300 || response.status == k_not_modified;
}

asio::awaitable<void> throw_for_status(StreamState& state, HttpResponse response) {
  if (response.status >= 400) co_await throw_status_error(state, response);
  throw Error({.kind = ErrorKind::protocol,
               .endpoint = state.endpoint,
               .http_status = response.status,
               .explanation =
                   "the answer is a redirect, and those are never followed: the address is not an engine's"});
}

}  // namespace halcyon::docker_api
