// Feeds a process its input and gathers its output, both at once. Private to docker_api.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "docker_api/process_stream.hpp"

namespace halcyon::docker_api {

struct GatheredOutput {
  std::string stdout_text;
  std::string stderr_text;
  bool is_cut = false;  ///< the peer broke off while input was left: what the output ends with may be missing
};

/// Writes `input` (if there is any to be had) and closes the process's standard input, while reading its
/// output to the end: a process that waits for its reader would never take the rest of its input.
///
/// Errors: those of ProcessStream::next(); protocol for more than `limit_bytes` of output.
boost::asio::awaitable<GatheredOutput> talk(boost::asio::any_io_executor executor, ProcessStream stream,
                                            std::optional<std::string> input, std::size_t limit_bytes);

}  // namespace halcyon::docker_api
