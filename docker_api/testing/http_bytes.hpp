// HTTP/1.1 as the fake engine's server reads and writes it. Private to docker_api/testing; pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "docker_api/testing/messages.hpp"

namespace halcyon::docker_api::fake {

struct BadRequest {};

/// Takes one whole request off the front of `received`; nothing if it is not all there yet. Errors:
/// BadRequest.
std::optional<Request> take_request(std::string& received);
/// True if a head is there whose sender waits for "100 Continue" before it sends the body.
bool waits_for_continue(std::string_view received);

/// An answer's bytes: all of it, or head and what the stream has so far. `head_bytes` is where the body
/// begins.
struct AnswerBytes {
  std::string bytes;
  std::size_t head_bytes = 0;
  bool is_chunked = false;
};
AnswerBytes write_answer(const Answer& answer, const std::vector<Header>& common, bool is_head_request,
                         bool upgrades, bool may_chunk = true);
std::string write_chunk(std::string_view bytes);
inline constexpr std::string_view k_last_chunk = "0\r\n\r\n";

}  // namespace halcyon::docker_api::fake
