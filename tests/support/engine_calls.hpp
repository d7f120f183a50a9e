// Every call of docker_api that reads an answer, with an answer that it understands: what hostile answers are
// made from.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/engine.hpp"

namespace halcyon::test_support {

enum class AnswerShape {
  json,      ///< one JSON value
  messages,  ///< JSON messages, one after another; the sample is one of them
  frames,    ///< multiplexed output, or bytes
  archive,   ///< tar
  nothing,   ///< only the status counts
};

struct EngineCall {
  const char* name;
  AnswerShape shape;
  /// Holds the fields that the call reads and no others.
  const char* answer;
  /// Makes the call and reads what comes to its end.
  boost::asio::awaitable<void> (*run)(docker_api::Engine&);
  /// Members of the sample, by name, that may have any type: nothing depends on them.
  const char* free_members = "";
};

/// An engine that knows all options: API 1.55.
const std::vector<EngineCall>& engine_calls();

}  // namespace halcyon::test_support
