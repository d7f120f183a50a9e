#include "tests/docker_api/conformance/answers.hpp"

#include <algorithm>
#include <stdexcept>

#include "docker_api/container_archive.hpp"
#include "docker_api/container_attach.hpp"
#include "docker_api/container_list.hpp"
#include "docker_api/container_stats.hpp"
#include "docker_api/containers.hpp"
#include "docker_api/events.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/image_list.hpp"
#include "docker_api/image_progress.hpp"
#include "docker_api/image_save.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/system.hpp"
#include "docker_api/tar_stream.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using Text = asio::awaitable<std::string>;

Text head_ping(Engine& engine) {
  const HttpResponse response =
      co_await engine.call({.method = "HEAD", .path = "/_ping", .versioned = false});
  co_return std::to_string(response.status) + " " +
      std::string(response.find_header("Api-Version").value_or("")) + " " + response.body;
}

Text get_ping(Engine& engine) {
  const PingResult result = co_await ping(engine);
  co_return (result.api_version ? to_string(*result.api_version) : "none") + " " + result.os_type;
}

Text raw_get(Engine& engine) {
  const HttpResponse response = co_await engine.call({.path = "/x"});
  co_return std::to_string(response.status) + " " + response.body;
}

Text version(Engine& engine) {
  const EngineVersion found = co_await inspect_version(engine);
  co_return found.version + " " + found.api_version + " " + found.min_api_version + " " + found.os + " " +
      found.kernel_version;
}

Text info(Engine& engine) {
  const EngineInfo found = co_await inspect_info(engine);
  co_return found.name + " " + found.root_dir + " " + found.storage_driver + " " + std::to_string(found.cpus);
}

Text create(Engine& engine) {
  const CreatedContainer made = co_await create_container(engine, {.name = "rec1", .image = "shop/web:1"});
  co_return made.id.value;
}

Text inspect(Engine& engine) {
  const ContainerDetails found = co_await inspect_container(engine, ContainerId("shop_web_1"));
  std::string text =
      found.name + " " + found.state + " " + found.image.value + " " + std::string(to_string(found.health));
  for (const auto& [network, address] : found.addresses) text.append(" ").append(network + "=" + address);
  co_return text;
}

Text list(Engine& engine) {
  std::string text;
  for (const ContainerSummary& found : co_await query_containers(engine, {})) {
    text += found.name + ":" + found.state + " ";
  }
  co_return text;
}

Text start(Engine& engine) {
  const Change change = co_await start_container(engine, ContainerId("rec1"));
  co_return change == Change::changed ? "changed" : "already";
}

Text remove(Engine& engine) {
  const ContainerRemoval removal = co_await remove_container(engine, ContainerId("rec1"));
  co_return removal == ContainerRemoval::removed ? "removed" : "was absent";
}

Text wait(Engine& engine) {
  ArmedWait armed = co_await arm_wait(engine, ContainerId("rec3"), WaitCondition::next_exit);
  const std::int64_t code = co_await armed.result();
  co_return "exit " + std::to_string(code);
}

/// Each stream's bytes together: where the pieces are cut is the network's business.
template <class Reader>
Text read_pieces(Reader reader) {
  std::string out;
  std::string err;
  while (const auto piece = co_await reader.next()) {
    (piece->stream == LogStream::stderr_stream ? err : out) += piece->bytes;
  }
  co_return "out[" + out + "] err[" + err + "]";
}

Text attach(Engine& engine) {
  co_return co_await read_pieces(co_await attach_container(engine, ContainerId("rec1"), {.tty = false}));
}
Text attach_tty(Engine& engine) {
  co_return co_await read_pieces(co_await attach_container(engine, ContainerId("rec2"), {.tty = true}));
}
Text exec(Engine& engine) { co_return co_await read_pieces(co_await start_exec(engine, ExecId("e1"))); }
Text logs(Engine& engine) {
  co_return co_await read_pieces(co_await open_logs(engine, ContainerId("shop_web_1"), {.tty = false}));
}
Text logs_tty(Engine& engine) {
  co_return co_await read_pieces(co_await open_logs(engine, ContainerId("shop_web_1"), {.tty = true}));
}

Text new_exec(Engine& engine) {
  const ExecId id = co_await create_exec(engine, ContainerId("shop_web_1"), {.command = {"true"}});
  co_return id.value;
}

Text stats(Engine& engine) {
  const StatsSample sample = co_await read_stats(engine, ContainerId("shop_web_1"));
  co_return sample.name + " " + std::to_string(sample.memory.limit_bytes) + " " +
      std::to_string(sample.networks.size());
}

Text path_stat(Engine& engine) {
  const auto found = co_await find_path(engine, ContainerId("shop_web_1"), "/etc/greeting");
  if (!found) co_return "nothing";
  co_return found->name + " " + std::to_string(found->size_bytes);
}

Text read_archive(ArchiveStream archive) {
  std::size_t bytes = 0;
  std::uint32_t sum = 0;
  for (std::string_view piece = co_await archive.read_some(); !piece.empty();
       piece = co_await archive.read_some()) {
    bytes += piece.size();
    for (const char c : piece) sum = sum * 31 + static_cast<unsigned char>(c);
  }
  co_return std::to_string(bytes) + " bytes, sum " + std::to_string(sum);
}
Text archive(Engine& engine) {
  PathArchive found = co_await open_archive(engine, ContainerId("shop_web_1"), "/etc/greeting");
  co_return found.stat.name + " " + co_await read_archive(std::move(found.archive));
}
Text save(Engine& engine) {
  co_return co_await read_archive(co_await save_images(engine, std::vector<std::string>(1, "t:1")));
}

Text read_progress(ProgressStream stream) {
  std::string text;
  while (const auto message = co_await stream.next()) text += message->status + "|";
  co_return text;
}
Text pull(Engine& engine) {
  co_return co_await read_progress(co_await open_pull(engine, parse_image_reference("127.0.0.1:50000/t:1")));
}
Text load(Engine& engine) {
  co_return co_await read_progress(
      co_await open_load(engine, make_tar_source({{.name = "x", .content = "x"}})));
}

Text events(Engine& engine) {
  EventStream stream = co_await open_events(engine);
  std::string text;
  while (const auto event = co_await stream.next()) text += event->type + "." + event->action + " ";
  co_return text;
}

Text images(Engine& engine) {
  std::string text;
  for (const ImageSummary& found : co_await list_images(engine)) text += found.repo_tags.at(0) + " ";
  co_return text;
}

Text network(Engine& engine) {
  const NetworkDetails found = co_await inspect_network(engine, "shop_net");
  co_return found.name + " " + found.subnets.at(0);
}

/// Where frames end, the end of the stream included.
bool is_frame_boundary(std::string_view frames, std::size_t cut) {
  std::size_t at = 0;
  while (at < cut) {
    if (at + 8 > frames.size()) return false;
    std::size_t length = 0;
    for (std::size_t i = at + 4; i < at + 8; ++i)
      length = length << 8 | static_cast<unsigned char>(frames[i]);
    at += 8 + length;
  }
  return at == cut;
}

}  // namespace

const std::vector<Answer>& answers() {
  static const std::vector<Answer> all{
      {.name = "ping_head", .call = head_ping, .result = "200 1.41 ", .method = "HEAD"},
      {.name = "ping_get", .call = get_ping, .result = "1.41 linux"},
      {.name = "version", .call = version, .result = "20.10.24+dfsg1 1.41 1.12 linux 6.1.0-021-amd64"},
      {.name = "info", .call = info, .result = "vm /var/lib/docker-testing "},
      {.name = "create", .call = create, .result = "90dcb36601c18bfec4d1f58c735c3b435de677ea"},
      {.name = "create_conflict",
       .call = create,
       .result = "error conflict 409 Conflict. The container name"},
      {.name = "inspect", .call = inspect, .result = "shop_web_1 running sha256:a43fdf7aa81c9efbc3579ed530"},
      {.name = "inspect_absent", .call = inspect, .result = "error not_found 404 No such container: absent"},
      {.name = "podman_404", .call = inspect, .result = "error not_found 404 no container with name or ID"},
      {.name = "route_absent", .call = raw_get, .result = "error unsupported 404 page not found"},
      {.name = "list", .call = list, .result = "rec1:created shop_web_1:running "},
      {.name = "list_podman", .call = list, .result = "x:running "},
      {.name = "start", .call = start, .result = "changed"},
      {.name = "start_already", .call = start, .result = "already"},
      {.name = "remove_absent", .call = remove, .result = "was absent"},
      {.name = "wait", .call = wait, .result = "exit 7"},
      {.name = "attach_absent",
       .ends = Ends::until_close,
       .call = attach,
       .result = "error not_found 404 No such container: absent"},
      {.name = "attach_409", .call = attach, .result = "error conflict 409 container is paused"},
      {.name = "attach_101",
       .ends = Ends::frames,
       .call = attach,
       .result = "out[some input\ndone\n] err[err\n]"},
      {.name = "attach_101_length",
       .ends = Ends::frames,
       .call = attach,
       .result = "out[out\nmore\n] err[err\n]",
       .version = "1.44"},
      {.name = "attach_101_error_frame",
       .ends = Ends::frames,
       .call = attach,
       .result = "error in_stream 101 the daemon is unwell"},
      {.name = "attach_200_tty",
       .ends = Ends::until_close,
       .call = attach_tty,
       .result = "out[on a terminal\r\n] err[]"},
      {.name = "exec_create", .call = new_exec, .result = ""},
      {.name = "exec_conflict",
       .call = new_exec,
       .result = "error conflict 409 Container 0222a9bc5d2a6b3f46"},
      {.name = "exec_start", .ends = Ends::frames, .call = exec, .result = "out[out\n] err[err\n]"},
      {.name = "exec_200_proxy",
       .ends = Ends::frames,
       .call = exec,
       .result = "out[out\nmore\n] err[err\n]",
       .version = "1.44"},
      {.name = "logs", .call = logs, .result = "out[out\n] err[err\n]"},
      {.name = "logs_tty_until_close",
       .ends = Ends::until_close,
       .call = logs_tty,
       .result = "out[line one\r\nline two\r\n] err[]",
       .version = "1.44"},
      {.name = "stats_one_shot", .call = stats, .result = "shop_web_1 67108864 1"},
      {.name = "archive_get", .call = archive, .result = "greeting 2048 bytes, sum "},
      {.name = "archive_head", .call = path_stat, .result = "greeting 6", .method = "HEAD"},
      {.name = "head_with_length", .call = head_ping, .result = "200 1.41 ", .method = "HEAD"},
      {.name = "pull", .call = pull, .result = "Pulling from t|Pulling fs layer|Downloading|"},
      {.name = "pull_error_in_stream", .call = pull, .result = "error in_stream 200 unknown blob"},
      {.name = "load_error_in_stream", .call = load, .result = "error in_stream 200 invalid tar header"},
      {.name = "events", .call = events, .result = "network.create volume.create "},
      {.name = "save", .call = save, .result = "18432 bytes, sum "},
      {.name = "images", .call = images, .result = "shop/web:1 "},
      {.name = "network_inspect", .call = network, .result = "shop_net 10.231.7.0/24"},
      {.name = "proxy_500_html", .call = raw_get, .result = "error refused 500 500 Internal Server Error"},
      {.name = "proxy_403_html",
       .ends = Ends::until_close,
       .call = raw_get,
       .result = "error unauthorized 403 403 Forbidden"},
      {.name = "early_hints", .call = raw_get, .result = "200 OK"},
      {.name = "trailer", .call = raw_get, .result = "200 OK"},
  };
  return all;
}

std::string read_answer(const Answer& answer) {
  std::string bytes = testing::read_text(std::string(HALCYON_TEST_ANSWERS) + "/" + answer.name + ".http");
  if (bytes.empty()) throw std::runtime_error(std::string("no recorded answer ") + answer.name);
  return bytes;
}

std::size_t head_bytes(std::string_view bytes) {
  std::size_t start = 0;
  for (;;) {
    const std::size_t end = bytes.find("\r\n\r\n", start) + 4;
    const std::string_view status = bytes.substr(start + std::string_view("HTTP/1.1 ").size(), 3);
    if (status == "101" || status[0] != '1') return end;
    start = end;
  }
}

bool is_complete(const Answer& answer, std::string_view bytes, std::size_t cut) {
  const std::size_t head = head_bytes(bytes);
  if (answer.ends == Ends::framed) return cut == bytes.size();
  if (cut < head) return false;
  return answer.ends == Ends::until_close || is_frame_boundary(bytes.substr(head), cut - head);
}

}  // namespace halcyon::docker_api
