#include "docker_api/engine.hpp"

#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "docker_api/connection_pool.hpp"
#include "docker_api/error.hpp"
#include "docker_api/status_error.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::size_t k_error_body_limit_bytes = std::size_t{1} * 1024 * 1024;

/// The first ping of a client, on which concurrent first requests wait (G34).
struct Negotiation {
  explicit Negotiation(const asio::any_io_executor& executor) : done(executor) {
    done.expires_at(std::chrono::steady_clock::time_point::max());
  }
  asio::steady_timer done;  // never expires: cancelled when the ping has ended
  std::optional<Error> failure;
};

Error with_context(const Error& error, std::string endpoint, const std::optional<ApiVersion>& version) {
  ErrorFacts facts = error.facts();
  facts.endpoint = std::move(endpoint);
  if (version) facts.api_version = to_string(*version);
  return Error(std::move(facts));
}

std::string make_target(const EngineRequest& request, ApiVersion version) {
  std::string target;
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

HttpRequest make_http_request(const EngineRequest& request, ApiVersion version) {
  HttpRequest http{.method = request.method,
                   .target = make_target(request, version),
                   .headers = request.headers,
                   .body = request.json_body,
                   .body_source = request.body_source};
  if (!request.json_body.empty()) http.headers.push_back({"Content-Type", "application/json"});
  if (request.body_source) http.headers.push_back({"Content-Type", request.content_type});
  return http;
}

bool may_be_repeated(const EngineRequest& request) {
  return (request.method == "GET" || request.method == "HEAD") && !request.body_source;
}

}  // namespace

struct Engine::Impl {
  asio::any_io_executor executor;
  EngineAddress address;
  std::optional<ApiVersion> version;
  std::shared_ptr<Negotiation> negotiation;
  ConnectionPool pool;
};

/// What a streaming answer needs until its end.
struct StreamState {
  std::shared_ptr<Engine::Impl> impl;
  std::unique_ptr<HttpConnection> connection;  // null once the body was read to its end
  HttpDeadlines deadlines;
  std::string endpoint;
};

namespace {

/// Sends the request and reads the head; leaves the connection in `state`.
asio::awaitable<HttpResponse> begin_exchange(StreamState& state, const asio::any_io_executor& executor,
                                             const EngineAddress& address,
                                             std::unique_ptr<HttpConnection> kept, EngineRequest request,
                                             ApiVersion version) {
  if (kept) {
    state.connection = std::move(kept);
    try {
      co_return co_await state.connection->begin(make_http_request(request, version), request.deadlines);
    } catch (const Error& error) {
      // The engine may have closed the connection at the moment we chose it. Only then, and only for what
      // changes nothing, is once more on a fresh one right.
      const bool lost_unheard = error.kind() == ErrorKind::truncated && !state.connection->has_answered();
      if (!lost_unheard || !may_be_repeated(request)) throw;
    }
  }
  state.connection = co_await HttpConnection::open(executor, address, request.deadlines.connect);
  co_return co_await state.connection->begin(make_http_request(request, version), request.deadlines);
}

asio::awaitable<std::string> read_error_body(ResponseStream& stream) {
  std::string body;
  try {
    while (body.size() < k_error_body_limit_bytes) {
      const std::string_view piece = co_await stream.read_some();
      if (piece.empty()) break;
      body.append(piece);
    }
  } catch (const Error& error) {
    // The status is the news; a body cut short is shown as far as it came. But the caller's own wish goes
    // first.
    if (error.kind() == ErrorKind::cancelled) throw;
  }
  co_return body;
}

/// Ends the negotiation for those who wait, however the pinging coroutine ends.
class NegotiationGuard {
 public:
  explicit NegotiationGuard(std::shared_ptr<Negotiation>& slot) : slot_(slot), own_(slot) {}
  ~NegotiationGuard() {
    slot_.reset();
    own_->done.cancel();
  }
  NegotiationGuard(const NegotiationGuard&) = delete;
  NegotiationGuard& operator=(const NegotiationGuard&) = delete;

  void fail(const Error& error) {
    // One caller's cancellation is no news for the others: they ask again.
    if (error.kind() != ErrorKind::cancelled) own_->failure = error;
  }

 private:
  std::shared_ptr<Negotiation>& slot_;
  std::shared_ptr<Negotiation> own_;
};

asio::awaitable<void> wait_for(std::shared_ptr<Negotiation> negotiation) {
  boost::system::error_code ignored;  // always "aborted": that is how it ends
  co_await negotiation->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw Error(
        {.kind = ErrorKind::cancelled, .endpoint = "GET /_ping", .explanation = "given up by the caller"});
  }
  if (negotiation->failure) throw *negotiation->failure;
}

ApiVersion version_from(const HttpResponse& ping) {
  const auto header = ping.find_header("Api-Version");
  const auto version = header ? parse_api_version(*header) : std::nullopt;
  if (!version) {
    throw Error({.kind = ErrorKind::protocol,
                 .endpoint = "GET /_ping",
                 .http_status = ping.status,
                 .explanation =
                     "the answer names no Api-Version: this is not a Docker engine, or something between "
                     "takes the header away"});
  }
  return negotiate_api_version(*version);
}

}  // namespace

ResponseStream::ResponseStream(std::unique_ptr<StreamState> state, HttpResponse head)
    : state_(std::move(state)), head_(std::move(head)) {}
ResponseStream::ResponseStream(ResponseStream&&) noexcept = default;
ResponseStream& ResponseStream::operator=(ResponseStream&&) noexcept = default;
ResponseStream::~ResponseStream() = default;

const std::string& ResponseStream::endpoint() const noexcept { return state_->endpoint; }

asio::awaitable<std::string_view> ResponseStream::read_some() {
  if (!state_->connection) co_return std::string_view{};
  std::string_view piece;
  try {
    piece = co_await state_->connection->read_some(state_->deadlines);
  } catch (const Error& error) {
    throw with_context(error, state_->endpoint, state_->impl->version);
  }
  if (piece.empty()) state_->impl->pool.give_back(std::move(state_->connection));
  co_return piece;
}

Engine::Engine(asio::any_io_executor executor, EngineAddress address) : impl_(std::make_shared<Impl>()) {
  impl_->executor = std::move(executor);
  impl_->address = std::move(address);
}
Engine::~Engine() = default;

const EngineAddress& Engine::address() const noexcept { return impl_->address; }
asio::any_io_executor Engine::executor() const noexcept { return impl_->executor; }

asio::awaitable<ApiVersion> Engine::api_version() {
  while (!impl_->version) {
    if (impl_->negotiation) {
      co_await wait_for(impl_->negotiation);
      continue;
    }
    impl_->negotiation = std::make_shared<Negotiation>(impl_->executor);
    NegotiationGuard guard(impl_->negotiation);
    try {
      impl_->version = version_from(co_await call({.path = "/_ping", .versioned = false}));
    } catch (const Error& error) {
      guard.fail(error);
      throw;
    }
  }
  co_return *impl_->version;
}

asio::awaitable<ResponseStream> Engine::open_stream(EngineRequest request) {
  ApiVersion version{};
  if (request.versioned) version = impl_->version ? *impl_->version : co_await api_version();
  auto state = std::make_unique<StreamState>();
  state->impl = impl_;
  state->deadlines = request.deadlines;
  state->endpoint.append(request.method).append(" ").append(request.path);
  HttpResponse head;
  try {
    head = co_await begin_exchange(*state, impl_->executor, impl_->address, impl_->pool.take(),
                                   std::move(request), version);
  } catch (const Error& error) {
    throw with_context(error, state->endpoint, impl_->version);
  }
  const std::string endpoint = state->endpoint;
  ResponseStream stream(std::move(state), std::move(head));
  const int status = stream.status();
  if (status >= 300 && status < 400 && status != 304) {
    throw Error(
        {.kind = ErrorKind::protocol,
         .endpoint = endpoint,
         .http_status = status,
         .explanation =
             "the answer is a redirect, and those are never followed: the address is not an engine's"});
  }
  if (status >= 400) {
    HttpResponse refusal = stream.head();
    refusal.body = co_await read_error_body(stream);
    throw make_status_error(endpoint, impl_->version ? to_string(*impl_->version) : "", refusal);
  }
  co_return stream;
}

asio::awaitable<HttpResponse> Engine::call(EngineRequest request) {
  ResponseStream stream = co_await open_stream(std::move(request));
  HttpResponse response = std::move(stream.head_);
  for (;;) {
    const std::string_view piece = co_await stream.read_some();
    if (piece.empty()) co_return response;
    if (response.body.size() + piece.size() > k_http_body_limit_bytes) {
      throw Error(
          {.kind = ErrorKind::protocol,
           .endpoint = stream.endpoint(),
           .http_status = response.status,
           .explanation = fmt::format("the answer is longer than {} bytes", k_http_body_limit_bytes)});
    }
    response.body.append(piece);
  }
}

}  // namespace halcyon::docker_api
