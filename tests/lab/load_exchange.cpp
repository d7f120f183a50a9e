// One request and its answer, and what to call it when that fails.
#include "load_exchange.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdio>

#include "body_pattern.h"
#include "load_run.h"

namespace halcyon::lab {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;
using Parser = http::response_parser<http::string_body>;

constexpr auto k_exchange_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t k_answer_limit_bytes = 256ull << 20;
constexpr std::size_t k_upload_pieces = 10;
constexpr std::string_view k_last_chunk = "0\r\n\r\n";

std::string chunk_head(std::size_t bytes) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%zx\r\n", bytes);
  return text.data();
}

asio::awaitable<ErrorCode> send_piece(Connection* connection, std::string_view piece, bool is_chunked) {
  const std::string head = is_chunked ? chunk_head(piece.size()) : std::string{};
  const std::array<asio::const_buffer, 3> parts{asio::buffer(head), asio::buffer(piece),
                                                asio::buffer(is_chunked ? std::string_view{"\r\n"} : "")};
  const auto [problem, bytes] = co_await asio::async_write(connection->stream, parts, k_exchange_tuple);
  co_return problem;
}

asio::awaitable<ErrorCode> send_body(Run* run, Connection* connection, const Exchange* exchange) {
  const std::size_t pieces = exchange->body_duration.count() > 0 ? k_upload_pieces : 1;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < pieces && !exchange->body.empty(); ++i) {
    if (pieces > 1) {
      // Not cut short when the run ends: a request in flight is finished.
      co_await run->sleep_fully(begin + exchange->body_duration * (i + 1) / pieces);
    }
    const std::size_t from = exchange->body.size() * i / pieces;
    const std::size_t until = exchange->body.size() * (i + 1) / pieces;
    if (from == until) continue;
    const auto problem =
        co_await send_piece(connection, exchange->body.substr(from, until - from), exchange->is_chunked);
    if (problem) co_return problem;
  }
  if (!exchange->is_chunked) co_return ErrorCode{};
  const auto [problem, bytes] =
      co_await asio::async_write(connection->stream, asio::buffer(k_last_chunk), k_exchange_tuple);
  co_return problem;
}

asio::awaitable<ErrorCode> send(Run* run, Connection* connection, const Exchange* exchange) {
  const bool is_one_write = !exchange->is_chunked && exchange->body_duration.count() == 0;
  if (!is_one_write) {
    const auto [problem, bytes] =
        co_await asio::async_write(connection->stream, asio::buffer(exchange->head), k_exchange_tuple);
    if (problem) co_return problem;
    co_return co_await send_body(run, connection, exchange);
  }
  const std::array<asio::const_buffer, 2> parts{asio::buffer(exchange->head), asio::buffer(exchange->body)};
  const auto [problem, bytes] = co_await asio::async_write(connection->stream, parts, k_exchange_tuple);
  co_return problem;
}

std::string wrong_because(const LoadOptions& options, const Exchange& exchange,
                          const Parser::value_type& answer, std::string_view release) {
  if (answer.result_int() != 200) return std::to_string(answer.result_int());
  const auto& expected = options.expected_values;
  if (!expected.empty() && std::find(expected.begin(), expected.end(), release) == expected.end())
    return "release";
  if (!exchange.post_id.empty()) {
    if (answer["X-Request-Id"] != exchange.post_id) return "id";
    if (answer.body() != exchange.body) return "body";
  }
  if (exchange.pattern_bytes.has_value()) {
    if (answer.body().size() != *exchange.pattern_bytes || !is_body_pattern(answer.body())) return "body";
  }
  return {};
}

Outcome judge(Run* run, const Exchange& exchange, const ErrorCode& problem, const Parser& parser) {
  if (problem && !parser.is_header_done()) {
    // Some bytes of a head are no answer yet, but the server had begun: not the same as a closed connection.
    if (problem == http::error::partial_message) return {Verdict::truncated, "in_head", {}};
    if (problem.category() == make_error_code(http::error::bad_version).category() &&
        problem != http::error::end_of_stream) {
      return {Verdict::wrong, "not_http", {}};
    }
    return lost_because(problem);
  }
  if (problem) return {Verdict::truncated, problem == beast::error::timeout ? "timeout" : "in_body", {}};
  const auto& answer = parser.get();
  const std::string release{answer[run->options.expected_header]};
  std::string reason = wrong_because(run->options, exchange, answer, release);
  return {reason.empty() ? Verdict::answered : Verdict::wrong, std::move(reason), release};
}

asio::awaitable<Outcome> send_and_read(Run* run, Connection* connection, const Exchange* exchange) {
  connection->stream.expires_after(run->options.timeout);
  const ErrorCode unsent = co_await send(run, connection, exchange);
  if (unsent && unsent != asio::error::broken_pipe && unsent != asio::error::connection_reset) {
    co_return lost_because(unsent);
  }
  // A server may refuse a body with an answer before it has read it: what arrived is read all the same.
  Parser parser;
  parser.body_limit(k_answer_limit_bytes);
  connection->buffer.clear();
  const auto [problem, bytes] =
      co_await http::async_read(connection->stream, connection->buffer, parser, k_exchange_tuple);
  Outcome outcome = judge(run, *exchange, problem, parser);
  if (unsent && outcome.verdict == Verdict::lost) outcome = lost_because(unsent);
  if (problem || unsent || !parser.get().keep_alive()) {
    connection->close();
  } else {
    connection->stream.expires_never();
  }
  co_return outcome;
}

}  // namespace

Connection::Connection(Run* run) : stream{run->io.get_executor()}, run_{run} {
  run_->connections.insert(this);
}

Connection::~Connection() { run_->connections.erase(this); }

void Connection::close() {
  stream.close();
  is_open = false;
}

Outcome lost_because(const ErrorCode& problem) {
  const auto lost = [](const char* reason) { return Outcome{Verdict::lost, reason, {}}; };
  if (problem == asio::error::connection_reset || problem == asio::error::broken_pipe) return lost("reset");
  if (problem == http::error::end_of_stream || problem == asio::error::eof) return lost("eof_before_answer");
  if (problem == asio::error::connection_refused) return lost("refused");
  if (problem == beast::error::timeout || problem == asio::error::timed_out ||
      problem == asio::error::operation_aborted || problem == asio::error::bad_descriptor) {
    return lost("timeout");
  }
  // Our own limits: such a run has measured the generator, not the server.
  if (problem == asio::error::no_descriptors || problem == boost::system::errc::address_not_available ||
      problem == boost::system::errc::too_many_files_open) {
    return lost("local_error");
  }
  return lost("other");
}

asio::awaitable<Outcome> connect(Run* run, Connection* connection) {
  connection->close();
  connection->buffer.clear();
  connection->stream.expires_after(run->options.timeout);
  const auto [problem] = co_await connection->stream.async_connect(run->options.target, k_exchange_tuple);
  if (problem) {
    connection->close();
    co_return lost_because(problem);
  }
  ErrorCode ignored;
  connection->stream.socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
  connection->is_open = true;
  run->tally.connection_opened();
  co_return Outcome{};
}

asio::awaitable<void> perform(Run* run, Connection* connection, Exchange exchange) {
  Outcome outcome;
  if (!connection->is_open) outcome = co_await connect(run, connection);
  if (connection->is_open) outcome = co_await send_and_read(run, connection, &exchange);
  if (outcome.verdict == Verdict::lost || outcome.verdict == Verdict::truncated) connection->close();
  connection->idle_since = Clock::now();
  run->tally.count(exchange.kind, outcome, connection->idle_since - exchange.scheduled, exchange.post_id);
}

}  // namespace halcyon::lab
