// The answers that every transport must carry, whatever happens to it underway: ../answers/*.http, byte by
// byte as an engine or a proxy says them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/engine.hpp"

namespace halcyon::docker_api {

/// How one sees that an answer is complete.
enum class Ends {
  framed,       ///< by Content-Length, chunks, or because it has no body
  frames,       ///< with the connection, but not inside a frame of the multiplexed stream
  until_close,  ///< with the connection, anywhere after the head
};

struct Answer {
  const char* name;  ///< of its file
  Ends ends = Ends::framed;
  /// Makes the call that this is an answer to, on an engine whose version is known; one request only.
  boost::asio::awaitable<std::string> (*call)(Engine&) = nullptr;
  /// What the call makes of the answer; "error KIND ..." if that is an Error. Its beginning is enough.
  const char* result = "";
  const char* method = "GET";
  const char* version = "1.41";
};

const std::vector<Answer>& answers();
std::string read_answer(const Answer& answer);

/// Where the last head ends.
std::size_t head_bytes(std::string_view bytes);
/// True if a client may take the first `cut` bytes and the end of the connection for a whole answer.
bool is_complete(const Answer& answer, std::string_view bytes, std::size_t cut);

}  // namespace halcyon::docker_api
