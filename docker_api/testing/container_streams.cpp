// What a container writes: logs, followed logs, attach.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

std::string show_record(const Listener& listener, const LogRecord& record) {
  const std::string text = listener.timestamps ? to_rfc3339(record.at) + " " + record.text : record.text;
  return listener.tty ? text : frame(record.stream, text);
}

bool wants(const Listener& listener, LogStream stream) {
  return stream == LogStream::stderr_stream ? listener.stderr_wanted : listener.stdout_wanted;
}

std::optional<Time> read_log_moment(const Request& request, std::string_view name) {
  const std::string text = request.parameter(name);
  if (text.empty() || text == "0") return std::nullopt;
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) throw Refusal{400, fmt::format("invalid value for \"{}\"", name)};
  const auto whole = static_cast<std::int64_t>(std::floor(seconds));
  const auto dot = text.find('.');
  std::string fraction = dot == std::string::npos ? "" : text.substr(dot + 1);
  fraction.resize(9, '0');
  return Time(std::chrono::seconds{whole} + std::chrono::nanoseconds{std::atoll(fraction.c_str())});
}

std::size_t read_tail(const Request& request) {
  const std::string text = request.parameter("tail");
  std::size_t lines = std::string::npos;
  std::from_chars(text.data(), text.data() + text.size(), lines);
  return lines;
}

/// The log so far, as this listener wants it.
std::string read_past(const Container& container, const Request& request, const Listener& listener) {
  const auto since = read_log_moment(request, "since");
  const auto until = read_log_moment(request, "until");
  std::vector<const LogRecord*> lines;
  for (const LogRecord& record : container.log) {
    if ((since && record.at < *since) || (until && record.at > *until)) continue;
    lines.push_back(&record);
  }
  // The tail counts the lines of both streams, whichever are wanted.
  const std::size_t skipped = lines.size() - std::min(lines.size(), read_tail(request));
  std::string bytes;
  for (std::size_t i = skipped; i < lines.size(); ++i) {
    if (wants(listener, lines[i]->stream)) bytes += show_record(listener, *lines[i]);
  }
  return bytes;
}

std::string stream_type(const Request& request, const Container& container) {
  if (request.version < ApiVersion{1, 42} || container.tty) return "application/vnd.docker.raw-stream";
  return "application/vnd.docker.multiplexed-stream";
}

}  // namespace

void write_output(Core& core, Container& container, const Output& output) {
  std::string_view rest = output.text;
  while (!rest.empty()) {
    const std::size_t size =
        std::min(rest.size(), rest.find('\n') + 1 == 0 ? rest.size() : rest.find('\n') + 1);
    container.log.push_back(
        {.at = core.now(), .stream = output.stream, .text = std::string(rest.substr(0, size))});
    rest.remove_prefix(size);
    for (const Listener& listener : core.listeners) {
      if (listener.container_id != container.id || !wants(listener, output.stream)) continue;
      listener.stream->pending += show_record(listener, container.log.back());
    }
  }
}

Answer read_logs(Core& core, const Call& call) {
  const Container& container = core.container(call.name);
  Listener listener{.container_id = container.id,
                    .stream = std::make_shared<Stream>(),
                    .stdout_wanted = call.request.flag("stdout"),
                    .stderr_wanted = call.request.flag("stderr"),
                    .timestamps = call.request.flag("timestamps"),
                    .tty = container.tty};
  if (!listener.stdout_wanted && !listener.stderr_wanted) {
    throw Refusal{400, "Bad parameters: you must choose at least one stream"};
  }
  const auto stream = listener.stream;
  stream->pending = read_past(container, call.request, listener);
  const bool goes_on = container.is_running() || container.status == Status::restarting;
  stream->ended = !(call.request.flag("follow") && goes_on);
  if (!stream->ended) core.listeners.push_back(std::move(listener));
  Answer answer{.stream = stream};
  if (call.request.version >= ApiVersion{1, 42}) {
    answer.headers.emplace_back("Content-Type", stream_type(call.request, container));
  }
  return answer;
}

Answer attach_container(Core& core, const Call& call) {
  const bool upgrades = !call.request.header("Upgrade").empty();
  Container* const container = core.find_container(call.name);
  if (container == nullptr) {
    return {.status = 404,
            .headers = {{"Content-Type", "application/vnd.docker.raw-stream"}},
            .body = fmt::format("No such container: {}\r\n", call.name),
            .raw = true};
  }
  Listener listener{.container_id = container->id,
                    .stream = std::make_shared<Stream>(),
                    .stdout_wanted = call.request.flag("stdout"),
                    .stderr_wanted = call.request.flag("stderr"),
                    .tty = container->tty};
  const auto stream = listener.stream;
  if (call.request.flag("logs")) stream->pending = read_past(*container, call.request, listener);
  const std::string id = container->id;
  if (call.request.flag("stdin") && container->open_stdin) {
    stream->on_input = [&core, id](std::string_view bytes) {
      if (Container* present = core.find_container(id)) take_input(*present, bytes);
    };
    stream->on_input_end = [&core, id] {
      if (Container* present = core.find_container(id)) end_input(core, *present);
    };
  }
  if (call.request.flag("stream")) {
    core.listeners.push_back(std::move(listener));
  } else {
    stream->ended = true;
  }
  Answer answer{.status = upgrades ? 101 : 200,
                .headers = {{"Content-Type", stream_type(call.request, *container)}},
                .stream = stream,
                .raw = true};
  return answer;
}

}  // namespace halcyon::docker_api::fake
