#include "docker_api/process_stream.hpp"

#include "docker_api/output_pieces.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

struct ProcessStream::State {
  DuplexStream stream;
  OutputPieces pieces;
};

ProcessStream::ProcessStream(DuplexStream stream, bool multiplexed)
    : state_(std::make_unique<State>(
          State{std::move(stream), OutputPieces(multiplexed ? Framing::multiplexed : Framing::raw)})) {}
ProcessStream::ProcessStream(ProcessStream&&) noexcept = default;
ProcessStream& ProcessStream::operator=(ProcessStream&&) noexcept = default;
ProcessStream::~ProcessStream() = default;

const std::string& ProcessStream::endpoint() const noexcept { return state_->stream.endpoint(); }

asio::awaitable<std::optional<LogPiece>> ProcessStream::next() { return state_->pieces.next(state_->stream); }

asio::awaitable<bool> ProcessStream::write(std::string_view bytes) { return state_->stream.write(bytes); }

asio::awaitable<void> ProcessStream::end_writing() { return state_->stream.end_writing(); }

}  // namespace halcyon::docker_api
