#include "cli/log_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/colour.hpp"
#include "cli/result.hpp"
#include "cli/terminal_text.hpp"

namespace halcyon::cli {
namespace {

constexpr std::size_t k_buffer_bytes = 65'536;

std::string_view stream_word(docker_api::LogStream stream) {
  switch (stream) {
    case docker_api::LogStream::stderr_stream:
      return "stderr";
    case docker_api::LogStream::engine_error:
      return "engine";
    default:
      return "stdout";
  }
}

}  // namespace

LogLines::LogLines(const Context& context, const orchestrator::Environment& environment, bool immediately)
    : context_(context),
      prefix_(orchestrator::environment_object_name(environment.app, environment.name) + '_'),
      immediately_(immediately) {}

void LogLines::write(const std::string& container, docker_api::LogStream stream, std::string_view line) {
  const std::string short_name =
      container.starts_with(prefix_) ? container.substr(prefix_.size()) : container;
  buffer_ +=
      context_.options.json ? json_line(short_name, container, stream, line) : text_line(short_name, line);
  if (immediately_ || buffer_.size() >= k_buffer_bytes) {
    flush();
  }
}

void LogLines::flush() {
  context_.output.write(buffer_);
  buffer_.clear();
}

std::string LogLines::json_line(const std::string& short_name, const std::string& container,
                                docker_api::LogStream stream, std::string_view line) const {
  // A service's name has no '_'.
  return to_line({{"container", container},
                  {"service", short_name.substr(0, short_name.find('_'))},
                  {"stream", stream_word(stream)},
                  {"line", line}});
}

std::string LogLines::text_line(const std::string& short_name, std::string_view line) {
  name_width_ = std::max(name_width_, short_name.size());
  const bool is_terminal = context_.surroundings.output_is_terminal;
  std::string prefix = fmt::format("{:<{}} |", short_name, name_width_);
  if (uses_colour(context_, is_terminal)) {
    prefix = paint(prefix, Colour::cyan);
  }
  return fmt::format("{} {}\n", prefix, is_terminal ? for_terminal(line, Lines::one) : std::string(line));
}

}  // namespace halcyon::cli
