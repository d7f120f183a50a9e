#include "orchestrator/nginx_control.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>

#include "backup/durable_file.hpp"
#include "backup/error.hpp"
#include "docker_api/error.hpp"
#include "docker_api/http.hpp"
#include "orchestrator/bounded.hpp"
#include "orchestrator/configuration_check.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/nginx_inclusion.hpp"
#include "orchestrator/run_program.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr milliseconds k_test_deadline{20'000};
constexpr std::size_t k_dump_limit_bytes = std::size_t{64} * 1024 * 1024;
constexpr milliseconds k_poll{10};
constexpr std::size_t k_probe_body_limit_bytes = std::size_t{256} * 1024;
constexpr int k_reload_confirmations = 3;
constexpr milliseconds k_foreign_answers{2'000};

std::optional<std::string> read_process_file(int pid, std::string_view name) {
  try {
    return backup::read_file(fmt::format("/proc/{}/{}", pid, name));
  } catch (const backup::Error& error) {
    const int number = error.error_number();
    if (number != ESRCH && number != EACCES && number != EPERM)
      throw;              // no descriptors left: it may well run
    return std::nullopt;  // it ended between open and read, or is hidden from us
  }
}

/// The parent's id, from /proc/PID/stat; 0 if the process is gone. Source: proc(5).
int parent_of(int pid) {
  const auto stat = read_process_file(pid, "stat");
  if (!stat) return 0;
  const auto after_name = stat->rfind(')');  // the name may hold blanks and parentheses
  if (after_name == std::string::npos || after_name + 4 >= stat->size()) return 0;
  return std::atoi(stat->c_str() + after_name + 4);
}

bool is_accepting_worker(int pid) {
  const auto title = read_process_file(pid, "cmdline");
  return title && title->starts_with("nginx: worker process") &&
         title->find("shutting down") == std::string::npos;
}

std::vector<int> list_accepting_workers(int master) {
  std::vector<int> workers;
  DIR* const proc = ::opendir("/proc");
  if (proc == nullptr) return workers;
  while (const dirent* entry = ::readdir(proc)) {
    const int pid = std::atoi(entry->d_name);
    if (pid > 0 && parent_of(pid) == master && is_accepting_worker(pid)) workers.push_back(pid);
  }
  ::closedir(proc);
  return workers;
}

docker_api::TcpAddress split_address(const std::string& address) {
  const auto colon = address.rfind(':');
  docker_api::TcpAddress result{address.substr(0, colon), 80};
  if (colon != std::string::npos) {
    std::from_chars(address.data() + colon + 1, address.data() + address.size(), result.port);
  }
  return result;
}

/// Errors: Error aborted with nginx's own words, unless it was content.
void check_test(const Nginx& settings, const ProgramResult& result) {
  if (result.started && result.exit_code == 0) return;
  std::string said = result.output;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  if (!result.started) {
    throw Error(Outcome::aborted, fmt::format("cannot test nginx's configuration: {}; install nginx or set "
                                              "nginx.program",
                                              said));
  }
  throw Error(
      Outcome::aborted,
      fmt::format(
          "nginx does not accept its configuration {} ({}): {}. Traffic is served by the configuration "
          "that it has loaded; mend the file it names and try again",
          settings.config, result.timed_out ? "no answer in time" : "nginx -t", said));
}

/// Reads the answer's body so that neither nginx nor the application sees an aborted request; big ones are
/// left.
asio::awaitable<void> read_a_bounded_body(docker_api::HttpConnection& connection,
                                          docker_api::HttpDeadlines deadlines) {
  std::size_t read = 0;
  while (read < k_probe_body_limit_bytes) {
    const auto piece = co_await connection.read_some(deadlines);
    if (piece.empty()) co_return;
    read += piece.size();
  }
}

struct RawAnswer {
  int status = 0;
  std::optional<std::string> header;
  std::string error;
};

asio::awaitable<RawAnswer> send_probe(asio::any_io_executor executor, ProbeTarget target, std::string value) {
  RawAnswer answer;
  try {
    const docker_api::HttpDeadlines deadlines{
        .connect = target.timeout, .head = target.timeout, .idle = target.timeout};
    docker_api::EngineAddress address = split_address(target.address);
    auto connection =
        co_await docker_api::HttpConnection::open(executor, std::move(address), deadlines.connect);
    docker_api::HttpRequest request;
    request.target = target.path;
    request.host = target.host;
    request.headers = {{"User-Agent", "halcyon-probe"}, {std::string(k_probe_request_header), value}};
    request.keep_alive = false;
    const auto head = co_await connection->begin(std::move(request), deadlines);
    answer.status = head.status;
    if (const auto header = head.find_header(k_probe_response_header)) answer.header = std::string(*header);
    co_await read_a_bounded_body(*connection, deadlines);
  } catch (const docker_api::Error& error) {
    if (error.kind() == docker_api::ErrorKind::cancelled) throw;
    if (answer.status == 0) answer.error = error.what();
  }
  co_return answer;
}

}  // namespace

asio::awaitable<ProbeAnswer> probe_nginx(asio::any_io_executor executor, ProbeTarget target) {
  std::string token = target.token;
  const RawAnswer raw = co_await send_probe(executor, std::move(target), std::move(token));
  ProbeAnswer answer{.status = raw.status, .error = raw.error};
  if (raw.header) answer.header = parse_probe_header(*raw.header);
  co_return answer;
}

asio::awaitable<StateAnswer> ask_nginx_state(asio::any_io_executor executor, ProbeTarget target) {
  target.path = "/";
  std::string value = state_probe_value(target.token);
  const RawAnswer raw = co_await send_probe(executor, std::move(target), std::move(value));
  StateAnswer answer{.status = raw.status, .error = raw.error};
  if (raw.header) answer.header = parse_state_header(*raw.header);
  co_return answer;
}

asio::awaitable<void> test_nginx(asio::any_io_executor executor, Nginx settings) {
  std::vector<std::string> argv{settings.program, "-t", "-q", "-c", settings.config};
  const ProgramResult result = co_await run_program(executor, std::move(argv), k_test_deadline);
  check_test(settings, result);
}

asio::awaitable<std::vector<std::string>> list_nginx_files(asio::any_io_executor executor, Nginx settings) {
  std::vector<std::string> argv{settings.program, "-T", "-q", "-c", settings.config};
  const ProgramResult result =
      co_await run_program(executor, std::move(argv), k_test_deadline, k_dump_limit_bytes);
  check_test(settings, result);
  co_return parse_configuration_files(result.output);
}

std::vector<std::string> find_name_conflicts(std::string_view said, std::string_view domain) {
  constexpr std::string_view k_conflict = "conflicting server name \"";
  std::vector<std::string> conflicts;
  const auto names = split_words(domain);
  while (!said.empty()) {
    const std::string_view line = said.substr(0, said.find('\n'));
    said.remove_prefix(std::min(line.size() + 1, said.size()));
    const auto at = line.find(k_conflict);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = line.substr(at + k_conflict.size());
    const std::string_view name = rest.substr(0, rest.find('"'));
    if (std::find(names.begin(), names.end(), name) != names.end()) conflicts.emplace_back(line);
  }
  return conflicts;
}

asio::awaitable<std::vector<std::string>> list_name_conflicts(asio::any_io_executor executor, Nginx settings,
                                                              std::string domain) {
  std::vector<std::string> argv{settings.program, "-t", "-c", settings.config};
  const ProgramResult result = co_await run_program(executor, std::move(argv), k_test_deadline);
  check_test(settings, result);
  co_return find_name_conflicts(result.output, domain);
}

std::optional<int> find_nginx_master(const Nginx& settings) {
  const auto text = backup::read_file(settings.pid_file, 64);
  const int pid = text ? std::atoi(text->c_str()) : 0;
  if (pid <= 0) return std::nullopt;
  const auto title = read_process_file(pid, "cmdline");
  return title && title->starts_with("nginx: master process") ? std::optional(pid) : std::nullopt;
}

asio::awaitable<void> reload_nginx(asio::any_io_executor executor, Nginx settings,
                                   std::optional<ProbeTarget> target, std::string generation,
                                   milliseconds deadline) {
  const auto master = find_nginx_master(settings);
  if (!master) {
    throw Error(Outcome::aborted,
                fmt::format("cannot make nginx load its configuration: no nginx master runs under the "
                            "id in {}; start nginx, or set nginx.pid_file",
                            settings.pid_file));
  }
  const std::vector<int> old_workers = list_accepting_workers(*master);
  if (::kill(*master, SIGHUP) != 0) {
    throw Error(Outcome::aborted, fmt::format("cannot signal nginx (pid {}); run as root", *master));
  }
  const auto give_up = Clock::now() + deadline;
  int in_a_row = 0;
  bool old_gone = false;
  auto foreign_until = Clock::now() + k_foreign_answers;
  std::string seen = "no answer";
  while (Clock::now() < give_up) {
    old_gone = std::none_of(old_workers.begin(), old_workers.end(), is_accepting_worker);
    if (target) {
      const StateAnswer answer = co_await ask_nginx_state(executor, *target);
      const bool fresh = answer.header && answer.header->generation == generation;
      in_a_row = fresh ? in_a_row + 1 : 0;
      if (!fresh)
        seen = answer.header ? "generation " + answer.header->generation : "an answer that is not ours";
      if (answer.status == 0) seen = answer.error;
    } else {
      in_a_row = k_reload_confirmations;
    }
    if (old_gone && in_a_row >= k_reload_confirmations) co_return;
    // New workers that answer, but not with our server block, will not think better of it.
    if (!old_gone || in_a_row > 0) foreign_until = Clock::now() + k_foreign_answers;
    if (Clock::now() >= foreign_until) break;
    co_await pause(k_poll);
  }
  throw Error(Outcome::aborted,
              fmt::format("nginx does not answer with the configuration it was told to load (waited up to {} "
                          "ms): {}; {}. A reload that fails is told "
                          "only in nginx's error log: look there",
                          deadline.count(),
                          old_gone ? "its workers were renewed" : "its old workers still accept", seen));
}

}  // namespace halcyon::orchestrator
