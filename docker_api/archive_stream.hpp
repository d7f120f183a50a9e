// A tar archive that an engine sends, piece by piece, with proof that it was whole.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "docker_api/engine.hpp"
#include "docker_api/tar_check.hpp"

namespace halcyon::docker_api {

/// The bytes of an archive as they come.
///
/// Errors: what was read is an archive only once the clean end has come. in_stream if the engine put an error
///         behind or into it under status 200 (G16), truncated, cancelled, timeout, protocol.
class ArchiveStream {
 public:
  /// Reads the body of an answer whose status was 200.
  explicit ArchiveStream(ResponseStream stream) : stream_(std::move(stream)) {}

  /// The next bytes, valid until the next call; empty at the clean end.
  boost::asio::awaitable<std::string_view> read_some();
  /// Status and headers of the answer; its body is empty.
  const HttpResponse& head() const noexcept { return stream_.head(); }

 private:
  ResponseStream stream_;
  TarChecker checker_;
};

}  // namespace halcyon::docker_api
