#include <fmt/format.h>

#include <charconv>

#include "cli/command_line.hpp"
#include "cli/configuration_file.hpp"
#include "cli/error.hpp"
#include "cli/log_lines.hpp"
#include "cli/open_session.hpp"

namespace halcyon::cli {
namespace {

std::optional<std::int64_t> parse_tail(const std::string& text) {
  if (text == "all") {
    return std::nullopt;
  }
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || rest != text.data() + text.size() || number < 0) {
    refuse_usage(
        fmt::format("--tail {}: this is not a number of lines; write --tail 100 or --tail all", text));
  }
  return number;
}

orchestrator::LogRequest parse_request(const Arguments& arguments) {
  orchestrator::LogRequest request;
  request.services = arguments.values("SERVICE");
  request.follow = arguments.has("--follow");
  if (arguments.has("--tail")) {
    request.tail = parse_tail(arguments.value("--tail"));
  }
  request.since = arguments.value("--since");
  if (!request.since.empty() && !arguments.has("--tail")) {
    request.tail.reset();  // who names a time wants everything since
  }
  request.timestamps = arguments.has("--timestamps");
  request.all_releases = arguments.has("--all");
  return request;
}

void check_services(const std::vector<std::string>& services, const orchestrator::Environment& environment) {
  for (const std::string& service : services) {
    if (environment.find_service(service) == nullptr) {
      refuse_usage(fmt::format("there is no service '{}' in {}; it has {}", service, environment.name.text(),
                               environment.list_services()));
    }
  }
}

boost::asio::awaitable<bool> stream(orchestrator::Session session, orchestrator::LogRequest request,
                                    orchestrator::LogLineSink sink) {
  co_await orchestrator::stream_logs(session, std::move(request), std::move(sink));
  co_return true;
}

/// Ctrl-C is how following ends, and `| head` is how reading ends; anything else is a failure.
bool is_ordinary_end(const OpenSession& session, const orchestrator::LogRequest& request,
                     const Context& context) {
  return session.was_interrupted() && (request.follow || context.output.is_closed());
}

}  // namespace

/// Writes while it runs, so that there is nothing left to print; with --json every line is a document of its
/// own.
Result run_logs(const Arguments& arguments, Context& context) {
  const orchestrator::LogRequest request = parse_request(arguments);
  const orchestrator::Configuration configuration = load_configuration(context);
  const orchestrator::Environment& environment = find_environment(configuration, arguments.value("ENV"));
  check_services(request.services, environment);
  OpenSession session(context);
  LogLines lines(context, environment, request.follow);
  const auto write = [&](const std::string& container, docker_api::LogStream from, std::string_view line) {
    lines.write(container, from, line);
    if (context.output.is_closed()) {
      session.leave();
    }
  };
  try {
    session.ask(stream(session.in(environment), request, write));
    session.refuse_if_interrupted();
  } catch (const std::exception&) {
    if (!is_ordinary_end(session, request, context)) {
      lines.flush();
      throw;
    }
  }
  lines.flush();
  return {};
}

}  // namespace halcyon::cli
