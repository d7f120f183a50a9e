#include "docker_api/archive_stream.hpp"

namespace halcyon::docker_api {

boost::asio::awaitable<std::string_view> ArchiveStream::read_some() {
  const auto arrived = stream_.read_buffered();
  std::string_view piece = arrived.value_or(std::string_view{});
  if (!arrived) piece = co_await stream_.read_some();
  if (piece.empty()) {
    checker_.finish(stream_.endpoint());
  } else {
    checker_.feed(piece);
  }
  co_return piece;
}

}  // namespace halcyon::docker_api
