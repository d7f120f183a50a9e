#include "docker_api/process_output.hpp"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

/// Never throws: what goes wrong with the connection is told by reading, and a process need not take all.
asio::awaitable<void> feed(std::shared_ptr<ProcessStream> stream, std::string input,
                           std::shared_ptr<bool> was_taken) {
  try {
    const bool taken = input.empty() || co_await stream->write(input);
    if (taken) co_await stream->end_writing();
    *was_taken = taken;
  } catch (const Error&) {
    co_return;
  }
}

/// Feeds beside the coroutine that has it; stops when destroyed. What still runs then owns what it needs.
class Feeding {
 public:
  Feeding(const asio::any_io_executor& executor, std::shared_ptr<ProcessStream> stream, std::string input) {
    // Boost 1.81's co_spawn keeps a raw pointer to the signal, so the handler keeps the signal.
    asio::co_spawn(
        executor, feed(std::move(stream), std::move(input), was_taken_),
        asio::bind_cancellation_slot(stop_->signal.slot(),
                                     [stop = stop_](const std::exception_ptr&) { stop->over = true; }));
  }
  ~Feeding() {
    if (!stop_->over) stop_->signal.emit(asio::cancellation_type::terminal);
  }
  bool was_taken() const noexcept { return *was_taken_; }
  Feeding(const Feeding&) = delete;
  Feeding& operator=(const Feeding&) = delete;

 private:
  struct Stop {
    asio::cancellation_signal signal;
    bool over = false;
  };
  std::shared_ptr<Stop> stop_ = std::make_shared<Stop>();
  std::shared_ptr<bool> was_taken_ = std::make_shared<bool>(false);
};

/// The next piece; nothing at the end, also at the one that Podman makes: it resets the connection of a
/// process that has ended without reading all of its input.
asio::awaitable<std::optional<LogPiece>> next_or_cut(ProcessStream& stream, const Feeding* feeding,
                                                     bool& is_cut) {
  try {
    co_return co_await stream.next();
  } catch (const Error& error) {
    is_cut = error.kind() == ErrorKind::truncated && feeding != nullptr && !feeding->was_taken();
    if (!is_cut) throw;
  }
  co_return std::nullopt;
}

}  // namespace

asio::awaitable<GatheredOutput> talk(asio::any_io_executor executor, ProcessStream stream,
                                     std::optional<std::string> input, std::size_t limit_bytes) {
  const auto shared = std::make_shared<ProcessStream>(std::move(stream));
  std::optional<Feeding> feeding;
  if (input) feeding.emplace(executor, shared, std::move(*input));
  GatheredOutput output;
  while (const auto piece = co_await next_or_cut(*shared, feeding ? &*feeding : nullptr, output.is_cut)) {
    std::string& text = piece->stream == LogStream::stderr_stream ? output.stderr_text : output.stdout_text;
    if (output.stdout_text.size() + output.stderr_text.size() + piece->bytes.size() > limit_bytes) {
      throw Error({.kind = ErrorKind::protocol,
                   .endpoint = shared->endpoint(),
                   .in_doubt = true,
                   .explanation = fmt::format(
                       "the output is longer than {} bytes; read it piece by piece instead", limit_bytes)});
    }
    text.append(piece->bytes);
  }
  co_return output;
}

}  // namespace halcyon::docker_api
