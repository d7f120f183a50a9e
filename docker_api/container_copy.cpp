#include "docker_api/container_copy.hpp"

#include <fmt/format.h>

#include <vector>

#include "docker_api/error.hpp"
#include "docker_api/tar_reader.hpp"
#include "docker_api/tar_stream.hpp"
#include "docker_api/tree_source.hpp"
#include "docker_api/tree_writer.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

struct ContainerPath {
  std::string directory;
  std::string name;
};

[[noreturn]] void refuse_path(const std::string& path, std::string_view why) {
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = fmt::format("path \"{}\" in the container", path),
               .explanation = std::string(why)});
}

ContainerPath split_path(const std::string& path) {
  std::string_view text = path;
  while (text.ends_with('/')) text.remove_suffix(1);
  const std::size_t slash = text.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? text : text.substr(slash + 1);
  if (!path.starts_with('/')) refuse_path(path, "must begin with /");
  if (name.empty() || name == "." || name == "..") refuse_path(path, "must end with a name");
  return {std::string(text.substr(0, slash == 0 ? 1 : slash)), std::string(name)};
}

/// Gathers the one file of an archive.
class FileInMemory final : public TarSink {
 public:
  FileInMemory(const std::string& path, std::size_t limit_bytes) : path_(path), limit_bytes_(limit_bytes) {}

  void begin(const TarMember& member) override {
    if (found_) throw Error({.explanation = fmt::format("the archive of \"{}\" holds more than it", path_)});
    if (member.type != TarType::file) {
      refuse_path(path_, member.type == TarType::symbolic_link
                             ? fmt::format("is a link to \"{}\"; ask for that", member.link_target)
                             : "is no file");
    }
    if (member.size_bytes > limit_bytes_) {
      throw Error({.explanation =
                       fmt::format("\"{}\" has {} bytes, and the limit is {}; copy_out() writes it to a file",
                                   path_, member.size_bytes, limit_bytes_)});
    }
    content.reserve(member.size_bytes);
    found_ = true;
  }
  void contents(std::string_view bytes) override { content += bytes; }
  void end() override {}

  std::string content;

 private:
  const std::string& path_;
  std::size_t limit_bytes_;
  bool found_ = false;
};

asio::awaitable<void> read_archive(ArchiveStream& archive, TarSink& sink) {
  TarReader reader;
  for (;;) {
    const std::string_view piece = co_await archive.read_some();
    if (piece.empty()) break;
    reader.feed(piece, sink);
  }
  reader.finish();
}

PutArchiveOptions put_options(const CopyInOptions& options) {
  return {.may_replace_types = options.may_replace_types,
          .to_container_user = options.owner == CopiedOwner::container_user};
}

}  // namespace

asio::awaitable<void> copy_in(Engine& engine, ContainerId id, std::string host_path,
                              std::string container_path, CopyInOptions options) {
  ContainerPath target = split_path(container_path);
  auto archive = make_tree_source(host_path, target.name, options.owner == CopiedOwner::as_here);
  co_await put_archive(engine, std::move(id), std::move(target.directory), std::move(archive),
                       put_options(options));
}

asio::awaitable<void> write_file(Engine& engine, ContainerId id, std::string container_path,
                                 std::string content, std::uint32_t mode) {
  ContainerPath target = split_path(container_path);
  std::vector<TarEntry> entries;
  entries.push_back(
      {.name = std::move(target.name), .content = std::move(content), .source_path = {}, .mode = mode});
  co_await put_archive(engine, std::move(id), std::move(target.directory),
                       make_tar_source(std::move(entries)), put_options({}));
}

asio::awaitable<CopyOutResult> copy_out(Engine& engine, ContainerId id, std::string container_path,
                                        std::string host_path, CopyOutOptions options) {
  TreeWriter writer(std::move(host_path), {.limit_bytes = options.limit_bytes, .durable = options.durable});
  PathArchive opened = co_await open_archive(engine, std::move(id), std::move(container_path));
  co_await read_archive(opened.archive, writer);
  writer.finish();
  co_return CopyOutResult{.stat = std::move(opened.stat), .files = writer.files(), .bytes = writer.bytes()};
}

asio::awaitable<std::string> read_file(Engine& engine, ContainerId id, std::string container_path,
                                       std::size_t limit_bytes) {
  FileInMemory file(container_path, limit_bytes);
  PathArchive opened = co_await open_archive(engine, std::move(id), container_path);
  co_await read_archive(opened.archive, file);
  co_return std::move(file.content);
}

}  // namespace halcyon::docker_api
