// Messages of a followed log: the same however the pieces are cut, each with its time, nothing lost.
#include <algorithm>

#include "docker_api/error.hpp"
#include "docker_api/log_messages.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using docker_api::Error;
using docker_api::ErrorKind;
using docker_api::Framing;
using docker_api::LogMessage;
using docker_api::LogStream;

namespace {

struct MessagesOutcome {
  std::string text;  // of all messages, with their times in front
  bool is_error = false;
  bool operator==(const MessagesOutcome&) const = default;
};

/// `pieces` are one frame, or raw.
MessagesOutcome found_in_messages(Framing framing, const std::vector<std::string_view>& pieces) {
  MessagesOutcome outcome;
  docker_api::LogMessages messages(framing);
  const auto take = [&](const std::optional<LogMessage>& message) {
    if (message) outcome.text += std::to_string(message->at.time_since_epoch().count()) + ' ' + message->text;
    return message.has_value();
  };
  try {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      messages.feed({.stream = LogStream::stderr_stream, .bytes = pieces[i]}, i + 1 == pieces.size());
      while (take(messages.take())) {
      }
    }
    while (take(messages.take_rest())) {
    }
  } catch (const Error& error) {
    fuzz::require(error.kind() == ErrorKind::protocol, "a message that cannot be read is a protocol error");
    outcome.is_error = true;
  }
  return outcome;
}

}  // namespace

HALCYON_FUZZ_TARGET(log_messages, input) {
  fuzz::Choices choices(input);
  const Framing framing = choices.byte() % 2 == 0 ? Framing::raw : Framing::multiplexed;
  const std::string_view pattern = choices.rest().substr(0, 2);
  choices.up_to(0);
  const std::string_view text = choices.rest();
  if (text.empty()) return;  // a frame without bytes is no piece
  // Split raw, what came before a bad line has been handed out; whole, nothing has: only the rest is
  // compared.
  const MessagesOutcome whole = found_in_messages(framing, {text});
  const MessagesOutcome cut = found_in_messages(framing, fuzz::split(text, pattern));
  fuzz::require(cut.is_error == whole.is_error, "whether it can be read does not depend on the pieces");
  if (!whole.is_error) fuzz::require(cut == whole, "messages do not depend on the pieces");
}
