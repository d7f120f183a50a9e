#include "docker_api/http.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

#include "docker_api/chunked_body.hpp"
#include "docker_api/connector.hpp"
#include "docker_api/error.hpp"
#include "docker_api/read_buffer.hpp"
#include "docker_api/request_text.hpp"
#include "docker_api/response_parser.hpp"
#include "docker_api/transport.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

using Deadline = std::optional<std::chrono::milliseconds>;

// While a body is being sent, this much of an early answer is kept; more stays in the kernel until the body
// is out.
constexpr std::size_t k_early_answer_limit_bytes = std::size_t{1} * 1024 * 1024;
// So many reads in a row may find something without waiting, before all else on the loop has its turn.
constexpr int k_reads_at_once = 32;

// Engines send at most one, "100 Continue"; without a limit a peer could go on for ever.
constexpr int k_interim_answer_limit = 16;

class SocketConnection final : public HttpConnection {
 public:
  explicit SocketConnection(std::shared_ptr<Transport> socket) : socket_(std::move(socket)) {}
  ~SocketConnection() override { SocketConnection::close(); }

  asio::awaitable<HttpResponse> begin(HttpRequest request, HttpDeadlines deadlines) override;
  asio::awaitable<std::string_view> read_some(HttpDeadlines deadlines) override;
  std::optional<std::string_view> read_buffered() override;
  asio::awaitable<bool> write(std::string_view bytes, HttpDeadlines deadlines) override;
  asio::awaitable<void> end_writing(HttpDeadlines deadlines) override;
  bool has_answered() const override { return answer_bytes_ > 0; }
  bool is_reusable() const override {
    return open_ && kept_alive_ && !upgrade_asked_ && parser_ && is_body_done() && parser().keep_alive() &&
           buffer_.empty();
  }
  bool is_stale() override { return !open_ || socket_->is_readable(); }
  void close() noexcept override {
    open_ = false;
    socket_->close();
  }

 private:
  /// The parser of the answer at hand; there is one from start_message() on.
  ResponseParser& parser() { return *parser_; }              // NOLINT(bugprone-unchecked-optional-access)
  const ResponseParser& parser() const { return *parser_; }  // NOLINT(bugprone-unchecked-optional-access)
  void start_message(const HttpRequest& request);
  asio::awaitable<void> send(std::string_view head, HttpRequest request, HttpDeadlines deadlines);
  asio::awaitable<bool> send_source(BodySource& source, HttpDeadlines deadlines);
  asio::awaitable<bool> send_chunk(std::string_view piece, HttpDeadlines deadlines);
  asio::awaitable<bool> await_continue(const HttpRequest& request, HttpDeadlines deadlines);
  bool send_now(Transport::Pieces& pieces);
  void take_sent(Transport::Pieces& pieces, std::size_t bytes);
  asio::awaitable<bool> send_all(Transport::Pieces pieces, Deadline deadline);
  asio::awaitable<bool> take_early_answer(Deadline deadline);
  bool parse_head();
  bool is_body_done() const { return chunks_ ? chunks_->is_done() : parser().is_done(); }
  /// True if the peer's end is all that tells the end of what it sends.
  bool is_ended_by_eof() const { return upgraded_ || parser().need_eof(); }
  bool read_at_once();
  asio::mutable_buffer free_room() {
    const std::span<char> room = buffer_.prepare();
    return {room.data(), room.size()};
  }
  void accept(const IoResult& result, Deadline deadline);
  bool step_body(std::string_view& piece);
  std::optional<std::string_view> read_buffered_raw();
  void check_io(const IoResult& result, Deadline deadline);
  void on_end_of_stream(const error_code& reason);
  [[noreturn]] void fail(ErrorKind kind, std::string explanation);

  std::shared_ptr<Transport> socket_;
  bool open_ = true;
  ReadBuffer buffer_;
  std::optional<ResponseParser> parser_;
  std::optional<ChunkedBody> chunks_;  // of an answer that is chunked; Beast reads its head only
  std::string endpoint_;
  std::string out_;
  int reads_at_once_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t answer_bytes_ = 0;
  bool ever_answered_ = false;  // also to an earlier request
  int interim_answers_ = 0;
  bool without_body_ = false;
  std::size_t head_limit_bytes_ = k_http_head_limit_bytes;
  bool may_continue_ = false;  // the peer has sent 100
  bool head_arrived_ = false;
  bool upgrade_asked_ = false;
  bool upgraded_ = false;  // 101: what follows is no HTTP any more
  bool raw_ended_ = false;
  bool kept_alive_ = false;  // both the request asks for it and its body went out whole
};

void SocketConnection::start_message(const HttpRequest& request) {
  endpoint_.assign(request.method).append(" ").append(request.target);
  sent_bytes_ = answer_bytes_ = 0;
  interim_answers_ = 0;
  head_arrived_ = kept_alive_ = may_continue_ = upgraded_ = raw_ended_ = false;
  check_request_text(request);
  if (!open_) fail(ErrorKind::unreachable, "the connection is closed already");
  without_body_ = request.method == "HEAD";
  upgrade_asked_ = request.upgrade;
  head_limit_bytes_ = request.head_limit_bytes;
  parser_.emplace(without_body_, head_limit_bytes_);
  chunks_.reset();
}

asio::awaitable<HttpResponse> SocketConnection::begin(HttpRequest request, HttpDeadlines deadlines) {
  start_message(request);
  const bool keep_alive = request.keep_alive;
  out_.clear();
  SecretText secret_out;  // stands in for out_ if there is something in it that no core dump may hold
  const bool is_secret = holds_secret(request);
  const bool is_small =
      !request.body_source && !request.expect_continue && body_of(request).size() <= k_small_body_bytes;
  if (is_secret) {
    append_request_head(secret_out, request);
    if (is_small) append(secret_out, body_of(request));
  } else {
    append_request_head(out_, request);
    if (is_small) out_.append(request.body);
  }
  const std::string_view head =
      is_secret ? std::string_view(secret_out.data(), secret_out.size()) : std::string_view(out_);
  socket_->set_deadline(deadlines.head);
  if (is_small) {
    Transport::Pieces pieces{asio::buffer(head)};
    kept_alive_ = (send_now(pieces) && !socket_->has_unsent()) || co_await send_all(pieces, deadlines.head);
  } else {
    co_await send(head, std::move(request), deadlines);
  }
  secret_out = {};
  kept_alive_ = kept_alive_ && keep_alive;
  while (!parse_head()) accept(co_await socket_->read_some(free_room()), deadlines.head);
  if (parser().head.status == 101) {
    if (!upgrade_asked_) fail(ErrorKind::protocol, "the peer changes to another protocol, unasked");
    upgraded_ = true;
  }
  socket_->set_deadline(std::nullopt);  // what is not being waited for must not keep the io_context busy
  co_return std::move(parser().head);
}

/// Sends the head, and a large or streamed body after it. Without the whole body the connection is not kept.
asio::awaitable<void> SocketConnection::send(std::string_view head, HttpRequest request,
                                             HttpDeadlines deadlines) {
  bool going = co_await send_all({asio::buffer(head)}, deadlines.head);
  if (going && request.expect_continue && has_body(request)) {
    going = co_await await_continue(request, deadlines);
  }
  if (going && request.body_source) {
    going = co_await send_source(*request.body_source, deadlines);
  } else if (going) {
    const std::string_view body = body_of(request);
    going = co_await send_all({asio::buffer(body)}, deadlines.head);
  }
  kept_alive_ = going;
  socket_->set_deadline(deadlines.head);
}

/// True if the body is to be sent: the peer says so, or says nothing (RFC 9110, 10.1.1).
asio::awaitable<bool> SocketConnection::await_continue(const HttpRequest& request, HttpDeadlines deadlines) {
  socket_->set_deadline(request.expect_continue);
  while (!parse_head() && !may_continue_) {
    const IoResult result = co_await socket_->read_some(free_room());
    if (result.outcome == IoOutcome::timed_out) break;
    accept(result, deadlines.head);
  }
  socket_->set_deadline(deadlines.head);
  co_return !head_arrived_;
}

asio::awaitable<bool> SocketConnection::send_source(BodySource& source, HttpDeadlines deadlines) {
  const std::optional<std::uint64_t> announced = source.size_bytes();
  std::uint64_t sent = 0;
  for (;;) {
    const std::string_view piece = source.read();
    socket_->set_deadline(deadlines.head);  // a deadline for each piece: nobody knows how long the body takes
    sent += piece.size();
    if (announced && (sent > *announced || (piece.empty() && sent < *announced))) {
      fail(ErrorKind::invalid_argument,
           fmt::format("the body was announced with {} bytes and {} after {}", *announced,
                       piece.empty() ? "ended" : "goes on", piece.empty() ? sent : *announced));
    }
    if (announced && piece.empty()) co_return true;
    const bool going = announced ? co_await send_all({asio::buffer(piece)}, deadlines.head)
                                 : co_await send_chunk(piece, deadlines);
    if (piece.empty() || !going) co_return going;
  }
}

/// An empty piece is the last chunk.
asio::awaitable<bool> SocketConnection::send_chunk(std::string_view piece, HttpDeadlines deadlines) {
  const std::string frame = piece.empty() ? "0\r\n" : fmt::format("{:x}\r\n", piece.size());
  co_return co_await send_all({asio::buffer(frame), asio::buffer(piece), asio::buffer("\r\n", 2)},
                              deadlines.head);
}

/// Sends what goes out without waiting and takes it off `pieces`; true if that was all.
bool SocketConnection::send_now(Transport::Pieces& pieces) {
  take_sent(pieces, socket_->write_now(pieces).bytes);
  return asio::buffer_size(pieces) == 0;
}

void SocketConnection::take_sent(Transport::Pieces& pieces, std::size_t bytes) {
  sent_bytes_ += bytes;
  for (asio::const_buffer& piece : pieces) {
    const std::size_t step = std::min(bytes, piece.size());
    piece += step;
    bytes -= step;
  }
}

/// False if the rest need not be sent: the peer has answered with an error, or reads no more (G18).
asio::awaitable<bool> SocketConnection::send_all(Transport::Pieces pieces, Deadline deadline) {
  while (!send_now(pieces) || socket_->has_unsent()) {
    const bool give_way = buffer_.size() < k_early_answer_limit_bytes;
    const IoResult result = co_await socket_->write_some(pieces, give_way);
    if (result.outcome == IoOutcome::failed) co_return false;
    if (result.outcome == IoOutcome::interrupted) {
      if (!co_await take_early_answer(deadline)) co_return false;
      continue;
    }
    check_io(result, deadline);
    take_sent(pieces, result.bytes);
  }
  co_return true;
}

/// Reads what the peer says while we send. True if it wants the rest of the body all the same: an engine may
/// report progress under 200 while it still reads the context.
asio::awaitable<bool> SocketConnection::take_early_answer(Deadline deadline) {
  accept(co_await socket_->read_some(free_room()), deadline);
  co_return !parse_head() || (parser().head.status < 300 && !is_body_done());
}

/// True once the head is complete; steps over 1xx answers.
bool SocketConnection::parse_head() {
  while (!head_arrived_) {
    if (buffer_.empty()) return false;
    error_code error;
    buffer_.consume(parser().put(asio::buffer(buffer_.view()), error));
    if (error == http::error::need_more) return false;
    if (error == http::error::header_limit) {
      fail(ErrorKind::protocol,
           fmt::format("the head of the answer is longer than {} bytes", head_limit_bytes_));
    }
    if (error) fail(ErrorKind::protocol, fmt::format("the answer is not HTTP: {}", error.message()));
    const int status = parser().head.status;
    if (status < 100)
      fail(ErrorKind::protocol, fmt::format("the answer has the status {:03}, which means nothing", status));
    if (status / 100 == 1 && status != 101) {
      if (++interim_answers_ > k_interim_answer_limit)
        fail(ErrorKind::protocol, "the peer sends one interim answer (1xx) after another");
      may_continue_ = may_continue_ || status == 100;
      parser_.emplace(without_body_, head_limit_bytes_);
      continue;
    }
    if (parser().chunked() && !parser().is_done()) chunks_.emplace();
    head_arrived_ = true;
  }
  return true;
}

std::optional<std::string_view> SocketConnection::read_buffered() {
  if (!head_arrived_) fail(ErrorKind::protocol, "there is no answer to read from");
  if (upgraded_) return read_buffered_raw();
  while (!is_body_done()) {
    std::string_view piece;
    const bool needs_more = step_body(piece);
    if (!piece.empty()) return piece;
    if (needs_more) return std::nullopt;
  }
  if (buffer_.is_spare()) buffer_.release();
  socket_->set_deadline(std::nullopt);
  return std::string_view{};
}

/// After 101 there is no framing: what came with the head belongs to the stream, too (G2).
std::optional<std::string_view> SocketConnection::read_buffered_raw() {
  if (!buffer_.empty()) {
    const std::string_view piece = buffer_.view();
    buffer_.consume(piece.size());  // the bytes stay where they are until the next read
    return piece;
  }
  if (raw_ended_) return std::string_view{};
  return std::nullopt;
}

asio::awaitable<bool> SocketConnection::write(std::string_view bytes, HttpDeadlines deadlines) {
  Transport::Pieces pieces{asio::buffer(bytes)};
  while (!send_now(pieces) || socket_->has_unsent()) {
    if (deadlines.idle) socket_->set_deadline(deadlines.idle);
    const IoResult result = co_await socket_->write_some(pieces, false);
    if (result.outcome == IoOutcome::failed) co_return false;
    check_io(result, deadlines.idle);
    take_sent(pieces, result.bytes);
  }
  co_return true;
}

asio::awaitable<void> SocketConnection::end_writing(HttpDeadlines deadlines) {
  const IoResult result = co_await socket_->end_writing();
  // If the peer has gone, there is nobody left to tell; reading says so.
  if (result.outcome != IoOutcome::failed) check_io(result, deadlines.idle);
}

asio::awaitable<std::string_view> SocketConnection::read_some(HttpDeadlines deadlines) {
  for (bool waited = false;;) {
    if (const auto piece = read_buffered()) co_return *piece;
    if (read_at_once()) continue;
    // One deadline for the whole piece: the head of a chunk may come byte by byte.
    if (!std::exchange(waited, true)) socket_->set_deadline(deadlines.idle);
    IoResult result = co_await socket_->read_some(free_room());
    const bool ended = result.outcome == IoOutcome::failed && result.error == asio::error::eof;
    if (ended && is_ended_by_eof()) result = co_await socket_->judge_end();
    accept(result, deadlines.idle);
  }
}

/// Reads what has come without a turn of the loop; false if nothing has, or if others must have their turn.
bool SocketConnection::read_at_once() {
  const IoResult result = reads_at_once_ < k_reads_at_once ? socket_->read_now(free_room()) : IoResult{};
  const bool found = result.outcome != IoOutcome::done || result.bytes > 0;
  if (found) accept(result, std::nullopt);
  reads_at_once_ = found ? reads_at_once_ + 1 : 0;
  // Nobody holds much memory while the peer is quiet: thousands of logs may be followed.
  if (!found && buffer_.is_spare() && !socket_->is_readable()) buffer_.release();
  return found;
}

/// Takes one piece of the body. True if that needs bytes which have not arrived.
bool SocketConnection::step_body(std::string_view& piece) {
  error_code error;
  if (chunks_) {
    const ChunkedBody::Step step = chunks_->take(buffer_.span());
    buffer_.consume(step.used_bytes);
    piece = step.piece;
    if (!piece.empty() || chunks_->is_done()) return false;
    if (chunks_->is_broken()) error = http::error::bad_chunk;
  } else if (!buffer_.empty()) {
    parser().piece = {};
    buffer_.consume(parser().put(asio::buffer(buffer_.view()), error));
    piece = parser().piece;
    if (!error) return false;
  }
  if (!error || error == http::error::need_more) return true;
  fail(ErrorKind::protocol, fmt::format("the body of the answer is not HTTP: {}", error.message()));
}

/// Takes over what a read into free_room() brought.
void SocketConnection::accept(const IoResult& result, Deadline deadline) {
  if (result.outcome == IoOutcome::failed) return on_end_of_stream(result.error);
  check_io(result, deadline);
  answer_bytes_ += result.bytes;
  ever_answered_ = true;
  buffer_.commit(result.bytes);
}

/// The peer has closed: the end of a body without length, or an answer cut short.
void SocketConnection::on_end_of_stream(const error_code& reason) {
  kept_alive_ = false;
  if (upgraded_ && reason == asio::error::eof) {
    raw_ended_ = true;
    return;
  }
  error_code error = http::error::partial_message;
  // A reset is never the clean end of a body that only ends with the connection.
  if (head_arrived_ && !chunks_ && reason == asio::error::eof) parser().put_eof(error);
  if (!error) return;
  std::string cause = socket_->explain_end();
  if (cause.empty() && reason != asio::error::eof) cause = reason.message();
  if (!cause.empty()) cause = fmt::format(" ({})", cause);
  // A peer that has never said a word and would not let us in (TLS, ssh) has not been reached.
  const bool unreached = !ever_answered_ && socket_->was_turned_away();
  fail(unreached ? ErrorKind::unreachable : ErrorKind::truncated,
       fmt::format("the connection was {}{} {}", reason == asio::error::eof ? "closed" : "broken", cause,
                   head_arrived_        ? "in the middle of the answer"
                   : answer_bytes_ == 0 ? "before an answer came"
                                        : "in the middle of the answer's head"));
}

void SocketConnection::check_io(const IoResult& result, Deadline deadline) {
  if (result.outcome == IoOutcome::cancelled) fail(ErrorKind::cancelled, "given up by the caller");
  if (result.outcome == IoOutcome::timed_out) {
    fail(ErrorKind::timeout, fmt::format("{} within {}", head_arrived_ ? "nothing more came" : "no answer",
                                         describe(deadline.value_or(std::chrono::milliseconds{0}))));
  }
}

void SocketConnection::fail(ErrorKind kind, std::string explanation) {
  close();
  throw Error({.kind = kind,
               .endpoint = endpoint_,
               .http_status = head_arrived_ ? std::optional<int>(parser().head.status) : std::nullopt,
               .in_doubt = sent_bytes_ > 0 && !head_arrived_ && kind != ErrorKind::unreachable,
               .explanation = std::move(explanation)});
}

}  // namespace

std::unique_ptr<HttpConnection> make_http_connection(std::shared_ptr<Transport> transport) {
  return std::make_unique<SocketConnection>(std::move(transport));
}

asio::awaitable<std::unique_ptr<HttpConnection>> HttpConnection::open(std::shared_ptr<Connector> connector,
                                                                      Deadline deadline) {
  co_return make_http_connection(co_await connector->connect(deadline));
}

asio::awaitable<std::unique_ptr<HttpConnection>> HttpConnection::open(asio::any_io_executor executor,
                                                                      EngineAddress address,
                                                                      Deadline deadline) {
  co_return co_await open(std::make_shared<Connector>(std::move(executor), std::move(address)), deadline);
}

}  // namespace halcyon::docker_api
