#include "docker_api/http_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "docker_api/ascii.hpp"
#include "docker_api/connection_pool.hpp"
#include "docker_api/connector.hpp"
#include "docker_api/error.hpp"
#include "docker_api/redirect.hpp"
#include "docker_api/request_text.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

/// What is left of a redirect's own body is not waited for.
constexpr std::size_t k_skipped_body_limit_bytes = std::size_t{64} * 1024;

struct Origin {
  std::string name;
  std::shared_ptr<Connector> connector;
  ConnectionPool pool;
};

/// When everything must be over, and what is left of it for each part.
struct TimeLimit {
  std::optional<Clock::time_point> end;

  HttpDeadlines cut(HttpDeadlines deadlines) const {
    if (!end) return deadlines;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - Clock::now());
    for (auto* part : {&deadlines.connect, &deadlines.head, &deadlines.idle})
      *part = std::max(std::min(part->value_or(left), left), std::chrono::milliseconds(1));
    return deadlines;
  }
};

std::string endpoint_of(const UrlRequest& request) {
  return request.method + ' ' + to_shown_string(request.url);
}

bool may_url_request_be_repeated(const UrlRequest& request) {
  const bool is_safe = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  return (is_safe || request.may_be_repeated) && !request.body_source;
}

void check_headers(const UrlRequest& request) {
  constexpr std::array<std::string_view, 5> k_ours{"Host", "Connection", "Content-Length",
                                                   "Transfer-Encoding", "Expect"};
  for (const HttpHeader& header : request.headers) {
    if (std::none_of(k_ours.begin(), k_ours.end(),
                     [&](std::string_view name) { return is_same_name(header.name, name); }))
      continue;
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = endpoint_of(request),
                 .explanation = fmt::format("header {} is written by us", header.name)});
  }
}

/// `is_last`: nobody needs the body any more.
HttpRequest make_url_request(UrlRequest& request, bool is_last) {
  return {.method = request.method,
          .target = request.url.target,
          .host = host_header(request.url),
          .headers = request.headers,
          .body = is_last ? std::move(request.body) : request.body,
          .secret_body = request.secret_body,
          .body_source = request.body_source,
          .expect_continue = request.expect_continue,
          .head_limit_bytes = request.head_limit_bytes};
}

}  // namespace

struct UrlStream::State {
  std::shared_ptr<Origin> origin;
  std::unique_ptr<HttpConnection> connection;  // null once the body was read to its end
  HttpDeadlines deadlines;
  std::string endpoint;
  HttpResponse head;
  Url url;

  Error with_context(const Error& error) const {
    ErrorFacts facts = error.facts();
    facts.endpoint = endpoint;
    return Error(std::move(facts));
  }
  void finish() { origin->pool.give_back(std::move(connection)); }
  void skip_short_body();
};

/// Keeps the connection if the rest of the body is there already.
void UrlStream::State::skip_short_body() {
  std::size_t skipped = 0;
  while (skipped < k_skipped_body_limit_bytes) {
    const auto piece = connection->read_buffered();
    if (!piece) return;
    if (piece->empty()) return finish();
    skipped += piece->size();
  }
}

struct HttpClient::Impl {
  using State = UrlStream::State;

  std::shared_ptr<Origin> origin_for(const Url& url);
  asio::awaitable<void> send(State& state, UrlRequest& request, TimeLimit limit);
  asio::awaitable<bool> send_on_kept(State& state, UrlRequest& request, HttpDeadlines deadlines);
  asio::awaitable<std::unique_ptr<State>> start(UrlRequest request, TimeLimit limit);

  asio::any_io_executor executor;
  TlsSettings tls;
  std::vector<std::shared_ptr<Origin>> origins;  // the one used last at the end
};

std::shared_ptr<Origin> HttpClient::Impl::origin_for(const Url& url) {
  const std::string name = origin_of(url);
  auto found =
      std::find_if(origins.begin(), origins.end(), [&](const auto& origin) { return origin->name == name; });
  if (found == origins.end()) {
    if (origins.size() == k_kept_origins) origins.erase(origins.begin());
    origins.push_back(std::make_shared<Origin>(
        Origin{name, std::make_shared<Connector>(executor, to_address(url, tls)), {}}));
  } else {
    std::rotate(found, found + 1, origins.end());
  }
  return origins.back();
}

/// False if there is no kept connection, or it was lost unheard and the request may go out again.
asio::awaitable<bool> HttpClient::Impl::send_on_kept(State& state, UrlRequest& request,
                                                     HttpDeadlines deadlines) {
  const bool repeatable = may_url_request_be_repeated(request);
  state.connection = state.origin->pool.take(repeatable);
  if (!state.connection) co_return false;
  try {
    state.head = co_await state.connection->begin(make_url_request(request, false), deadlines);
    co_return true;
  } catch (const Error& error) {
    const bool is_lost = error.kind() == ErrorKind::truncated || error.kind() == ErrorKind::unreachable;
    if (!is_lost || state.connection->has_answered() || !repeatable) throw state.with_context(error);
  }
  co_return false;
}

asio::awaitable<void> HttpClient::Impl::send(State& state, UrlRequest& request, TimeLimit limit) {
  state.origin = origin_for(request.url);
  state.url = request.url;
  state.endpoint = endpoint_of(request);
  if (co_await send_on_kept(state, request, limit.cut(request.deadlines))) co_return;
  const bool is_last = request.redirects == 0;
  try {
    state.connection =
        co_await HttpConnection::open(state.origin->connector, limit.cut(request.deadlines).connect);
    state.head =
        co_await state.connection->begin(make_url_request(request, is_last), limit.cut(request.deadlines));
  } catch (const Error& error) {
    throw state.with_context(error);
  }
}

asio::awaitable<std::unique_ptr<UrlStream::State>> HttpClient::Impl::start(UrlRequest request,
                                                                           TimeLimit limit) {
  check_headers(request);
  const auto began = Clock::now();
  const unsigned allowed = request.redirects;
  for (unsigned followed = 0;; ++followed) {
    auto state = std::make_unique<State>();
    state->deadlines = request.deadlines;
    co_await send(*state, request, limit);
    if (allowed == 0 || !is_redirect(state->head)) co_return state;
    if (followed == allowed) {
      throw Error({.kind = ErrorKind::protocol,
                   .endpoint = state->endpoint,
                   .http_status = state->head.status,
                   .explanation = fmt::format("the server redirects once more, and {} redirects are allowed: "
                                              "is it a loop?",
                                              allowed)});
    }
    state->skip_short_body();
    redirect(request, state->head);
    if (limit.end) require_in_time(began, request.deadlines, state->endpoint);
  }
}

UrlStream::UrlStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
UrlStream::UrlStream(UrlStream&&) noexcept = default;
UrlStream& UrlStream::operator=(UrlStream&&) noexcept = default;
UrlStream::~UrlStream() = default;

const HttpResponse& UrlStream::head() const noexcept { return state_->head; }
const Url& UrlStream::url() const noexcept { return state_->url; }

asio::awaitable<std::string_view> UrlStream::read_some() {
  if (!state_->connection) co_return std::string_view{};
  std::string_view piece;
  try {
    piece = co_await state_->connection->read_some(state_->deadlines);
  } catch (const Error& error) {
    throw state_->with_context(error);
  }
  if (piece.empty()) state_->finish();
  co_return piece;
}

HttpClient::HttpClient(asio::any_io_executor executor, TlsSettings tls) : impl_(std::make_shared<Impl>()) {
  impl_->executor = std::move(executor);
  impl_->tls = std::move(tls);
}
HttpClient::~HttpClient() = default;

asio::awaitable<UrlStream> HttpClient::open(UrlRequest request) {
  co_return UrlStream(co_await impl_->start(std::move(request), {}));
}

asio::awaitable<UrlAnswer> HttpClient::request(UrlRequest request) {
  const HttpDeadlines deadlines = request.deadlines;
  const std::size_t limit_bytes = request.body_limit_bytes;
  const auto began = Clock::now();
  TimeLimit limit;
  if (deadlines.whole) limit.end = began + *deadlines.whole;
  UrlStream stream(co_await impl_->start(std::move(request), limit));
  UrlAnswer answer{.response = stream.head(), .url = stream.url()};
  for (;;) {
    stream.state_->deadlines = limit.cut(deadlines);
    const std::string_view piece = co_await stream.read_some();
    if (piece.empty()) co_return answer;
    require_in_time(began, deadlines, stream.state_->endpoint);
    if (answer.response.body.size() + piece.size() > limit_bytes) {
      throw Error({.kind = ErrorKind::protocol,
                   .endpoint = stream.state_->endpoint,
                   .http_status = answer.response.status,
                   .explanation = fmt::format("the answer is longer than {} bytes", limit_bytes)});
    }
    answer.response.body.append(piece);
  }
}

}  // namespace halcyon::docker_api
