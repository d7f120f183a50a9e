// Multiplexed output as an engine writes it.
#pragma once

#include <cstddef>
#include <string>

namespace halcyon::docker_api {

/// One frame: `stream` is 1 for stdout and 2 for stderr, and may be what no engine says.
inline std::string frame(char stream, const std::string& text) {
  std::string bytes{stream, 0, 0, 0};
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(text.size() >> shift & 0xff);
  return bytes + text;
}

}  // namespace halcyon::docker_api
