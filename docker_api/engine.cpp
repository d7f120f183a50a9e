#include "docker_api/engine.hpp"

#include "docker_api/engine_exchange.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

ResponseStream::ResponseStream(std::unique_ptr<StreamState> state, HttpResponse head)
    : state_(std::move(state)), head_(std::move(head)) {}
ResponseStream::ResponseStream(ResponseStream&&) noexcept = default;
ResponseStream& ResponseStream::operator=(ResponseStream&&) noexcept = default;
ResponseStream::~ResponseStream() = default;

const std::string& ResponseStream::endpoint() const noexcept { return state_->endpoint; }
std::string ResponseStream::api_version() const { return state_->api_version(); }

std::optional<std::chrono::milliseconds> ResponseStream::idle() const noexcept {
  return state_->deadlines.idle;
}

asio::awaitable<std::string_view> ResponseStream::read_some() { return read_piece(state_->deadlines); }

asio::awaitable<std::string_view> ResponseStream::read_some(std::chrono::milliseconds at_most) {
  HttpDeadlines deadlines = state_->deadlines;
  deadlines.idle = at_most;
  return read_piece(deadlines);
}

asio::awaitable<std::string_view> ResponseStream::read_piece(HttpDeadlines deadlines) {
  if (!state_->connection) co_return std::string_view{};
  std::string_view piece;
  const auto asked = std::chrono::steady_clock::now();
  try {
    piece = co_await state_->connection->read_some(deadlines);
  } catch (const Error& error) {
    throw state_->with_context(error);
  }
  if (piece.empty()) {
    state_->finish();
  } else {
    state_->take_pace(std::chrono::steady_clock::now() - asked, piece.size());
  }
  co_return piece;
}

std::optional<std::string_view> ResponseStream::read_buffered() {
  if (!state_->connection) return std::string_view{};
  std::optional<std::string_view> piece;
  try {
    piece = state_->connection->read_buffered();
  } catch (const Error& error) {
    throw state_->with_context(error);
  }
  if (piece && piece->empty()) state_->finish();
  return piece;
}

DuplexStream::DuplexStream(std::unique_ptr<StreamState> state, HttpResponse head)
    : state_(std::move(state)), head_(std::move(head)) {}
DuplexStream::DuplexStream(DuplexStream&&) noexcept = default;
DuplexStream& DuplexStream::operator=(DuplexStream&&) noexcept = default;
DuplexStream::~DuplexStream() = default;

const std::string& DuplexStream::endpoint() const noexcept { return state_->endpoint; }

std::string DuplexStream::api_version() const { return state_->api_version(); }

asio::awaitable<std::string_view> DuplexStream::read_some() {
  try {
    co_return co_await state_->connection->read_some(state_->deadlines);
  } catch (const Error& error) {
    throw state_->with_context(error);
  }
}

std::optional<std::string_view> DuplexStream::read_buffered() {
  try {
    return state_->connection->read_buffered();
  } catch (const Error& error) {
    throw state_->with_context(error);
  }
}

asio::awaitable<bool> DuplexStream::write(std::string_view bytes) {
  try {
    co_return co_await state_->connection->write(bytes, state_->deadlines);
  } catch (const Error& error) {
    throw state_->with_context(error);
  }
}

asio::awaitable<void> DuplexStream::end_writing() {
  try {
    co_await state_->connection->end_writing(state_->deadlines);
  } catch (const Error& error) {
    throw state_->with_context(error);
  }
}

Engine::Engine(asio::any_io_executor executor, EngineAddress address, EngineSettings settings)
    : impl_(std::make_shared<Impl>()) {
  impl_->connector =
      std::make_shared<Connector>(std::move(executor), std::move(address), std::move(settings.environment));
  impl_->headers = std::move(settings.headers);
  impl_->connect = settings.connect;
  impl_->host = host_header(impl_->connector->address());
  impl_->path_prefix = path_prefix(impl_->connector->address());
}
Engine::~Engine() = default;

const EngineAddress& Engine::address() const noexcept { return impl_->connector->address(); }
asio::any_io_executor Engine::executor() const noexcept { return impl_->connector->executor(); }

asio::awaitable<ApiVersion> Engine::api_version() {
  const Peer peer = co_await meet();
  co_return peer.version;
}

std::optional<ApiVersion> Engine::known_api_version() const noexcept {
  return impl_->peer ? std::optional(impl_->peer->version) : std::nullopt;
}

asio::awaitable<EngineKind> Engine::kind() {
  const Peer peer = co_await meet();
  co_return peer.kind;
}

asio::awaitable<Peer> Engine::meet() {
  while (!impl_->peer) {
    if (impl_->negotiation) {
      co_await wait_for(impl_->negotiation);
      continue;
    }
    impl_->negotiation = std::make_shared<Negotiation>(executor());
    NegotiationGuard guard({impl_, &impl_->negotiation});
    try {
      impl_->peer = negotiate(co_await call({.path = "/_ping", .versioned = false}));
    } catch (const Error& error) {
      guard.fail(error);
      throw;
    }
  }
  co_return *impl_->peer;
}

asio::awaitable<ResponseStream> Engine::open_stream(EngineRequest request) {
  if (request.versioned && !impl_->peer) co_await meet();
  auto state = std::make_unique<StreamState>(impl_, request);
  HttpResponse head = co_await begin_exchange(*state, request);
  if (!is_success(head)) co_await throw_for_status(*state, head);
  co_return ResponseStream(std::move(state), std::move(head));
}

asio::awaitable<DuplexStream> Engine::open_duplex(EngineRequest request) {
  if (request.versioned && !impl_->peer) co_await meet();
  request.upgrade = true;
  request.deadlines.idle = std::nullopt;
  auto state = std::make_unique<StreamState>(impl_, request);
  HttpResponse head = co_await begin_exchange(*state, request);
  if (head.status != 101 && head.status != 200) co_await throw_for_status(*state, head);
  co_return DuplexStream(std::move(state), std::move(head));
}

asio::awaitable<HttpResponse> Engine::call(EngineRequest request) {
  if (request.versioned && !impl_->peer) co_await meet();
  StreamState state(impl_, request);
  HttpResponse response = co_await begin_exchange(state, request);
  if (!is_success(response)) co_await throw_for_status(state, response);
  // A short body has come with its head: then nothing is left to wait for.
  if (!read_buffered_body(state, response, k_http_body_limit_bytes)) {
    co_await read_body(state, response, k_http_body_limit_bytes);
  }
  co_return response;
}

}  // namespace halcyon::docker_api
