// Pull, push, build and load as messages that the caller pulls, one after the other.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "docker_api/images.hpp"

namespace halcyon::docker_api {

class JsonStream;

/// The messages of one transfer. Not to read on lets the engine wait; to destroy it gives the transfer up.
class ProgressStream {
 public:
  /// Reads the messages of an answer whose status was 200; open_pull() and others make one.
  explicit ProgressStream(JsonStream stream);
  ProgressStream(ProgressStream&&) noexcept;
  ProgressStream& operator=(ProgressStream&&) noexcept;
  ~ProgressStream();

  /// The next message; nothing at the clean end, and only that is success.
  /// Errors: in_stream (an error inside the 200 stream, G13), truncated, timeout, cancelled.
  boost::asio::awaitable<std::optional<ImageProgress>> next();
  /// The image that a build named so far.
  const std::optional<ImageId>& built() const noexcept { return built_; }

 private:
  std::unique_ptr<JsonStream> stream_;
  std::optional<ImageId> built_;
};

/// Starts a pull; after the clean end inspect_image() says which image it was. Shape and errors: pull_image.
boost::asio::awaitable<ProgressStream> open_pull(Engine& engine, ImageReference reference,
                                                 PullOptions options = {});

/// Shape and errors: push_image.
boost::asio::awaitable<ProgressStream> open_push(Engine& engine, ImageReference reference,
                                                 PushOptions options = {});

/// Returns when the context has been sent or the engine has begun to answer. Shape and errors: build_image.
boost::asio::awaitable<ProgressStream> open_build(Engine& engine, std::shared_ptr<BodySource> context,
                                                  BuildOptions options);
/// Shape and errors: load_images.
boost::asio::awaitable<ProgressStream> open_load(Engine& engine, std::shared_ptr<BodySource> archive,
                                                 std::vector<Platform> platforms = {});

}  // namespace halcyon::docker_api
