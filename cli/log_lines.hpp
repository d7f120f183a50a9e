// Lines of container logs on standard output.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/context.hpp"
#include "docker_api/log_frames.hpp"
#include "orchestrator/configuration.hpp"

namespace halcyon::cli {

/// `web_green_r4_1 | GET / 200`: bytes as they come into a pipe, made harmless for a terminal.
/// With --json: {"container", "service", "stream", "line"}, one object a line.
class LogLines {
 public:
  /// `immediately`: no line waits in a buffer for the next one.
  LogLines(const Context& context, const orchestrator::Environment& environment, bool immediately);

  void write(const std::string& container, docker_api::LogStream stream, std::string_view line);
  void flush();

 private:
  std::string json_line(const std::string& short_name, const std::string& container,
                        docker_api::LogStream stream, std::string_view line) const;
  std::string text_line(const std::string& short_name, std::string_view line);

  const Context& context_;
  std::string prefix_;  ///< "shop_production_", which every container's name begins with
  bool immediately_;
  std::size_t name_width_ = 0;
  std::string buffer_;
};

}  // namespace halcyon::cli
