// GET, HEAD and PUT /containers/{id}/archive.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/base64.hpp"
#include "docker_api/testing/handlers.hpp"
#include "docker_api/testing/tar_files.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

constexpr std::uint32_t k_go_directory = 1U << 31U;

bool is_directory(const Container& container, const std::string& path) {
  if (path == "/") return true;
  return std::any_of(container.files.begin(), container.files.end(),
                     [start = path + "/"](const auto& pair) { return pair.first.starts_with(start); });
}

std::string read_path(const Call& call) {
  const std::string path = call.request.parameter("path");
  if (path.empty()) throw Refusal{400, "bad parameter: pathcannot be empty"};
  return absolute_path(path);
}

[[noreturn]] void refuse_absent(const Call& call) {
  throw Refusal{404, fmt::format("Could not find the file {} in container {}", call.request.parameter("path"),
                                 call.name)};
}

std::string base_name(const std::string& path) {
  return path == "/" ? "/" : path.substr(path.rfind('/') + 1);
}

}  // namespace

Answer get_archive(Core& core, const Call& call) {
  const std::string path = read_path(call);
  const Container& container = core.container(call.name);
  const auto file = container.files.find(path);
  const bool directory = file == container.files.end() && is_directory(container, path);
  if (file == container.files.end() && !directory) refuse_absent(call);
  const std::string name = base_name(path);
  const json stat{{"name", name},
                  {"size", directory ? 4096 : file->second.content.size()},
                  {"mode", directory ? k_go_directory | 0755U : file->second.mode},
                  {"mtime", "2020-01-01T00:00:00Z"},
                  {"linkTarget", ""}};
  Answer answer{.headers = {{"X-Docker-Container-Path-Stat", encode_base64(stat.dump())}}};
  if (call.request.method == "HEAD") return answer;
  answer.headers.emplace_back("Content-Type", "application/x-tar");
  std::map<std::string, File> members;
  if (directory) {
    const std::string start = path == "/" ? "/" : path + "/";
    for (const auto& [member, content] : container.files) {
      if (member.starts_with(start))
        members[(path == "/" ? "" : name + "/") + member.substr(start.size())] = content;
    }
  } else {
    members[name] = file->second;
  }
  answer.body = write_tar(members);
  return answer;
}

Answer put_archive(Core& core, const Call& call) {
  const std::string path = read_path(call);
  Container& container = core.container(call.name);
  if (container.files.contains(path)) {
    const bool is_newer = call.request.version >= ApiVersion{1, 42};
    throw Refusal{is_newer ? 400 : 500, "extraction point is not a directory"};
  }
  if (!is_directory(container, path)) refuse_absent(call);
  auto files = read_tar(call.request.body);
  if (!files) throw Refusal{500, "archive/tar: invalid tar header"};
  core.effect("container.put_archive", container.name);
  for (auto& [name, file] : *files) container.files[path == "/" ? name : path + name] = std::move(file);
  core.emit_container(container, "extract-to-dir");
  return answer_empty(200);
}

}  // namespace halcyon::docker_api::fake
