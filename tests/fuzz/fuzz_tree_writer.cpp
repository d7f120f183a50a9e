// Whatever an archive says, nothing is written but below the one name that was asked for, and that only
// whole.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "docker_api/error.hpp"
#include "docker_api/tar_header.hpp"
#include "docker_api/tar_reader.hpp"
#include "docker_api/tree_writer.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace halcyon;
namespace fs = std::filesystem;

namespace {

/// An archive from lines `TYPE BITS NAME>LINK`: a fuzzer would not find the checksums by itself.
std::string archive_of(std::string_view lines) {
  std::string archive;
  fuzz::Choices choices(lines);
  while (!choices.rest().empty()) {
    fuzz::Choices line(choices.part('\n'));
    docker_api::TarMember member;
    member.type = static_cast<docker_api::TarType>(line.byte());
    member.mode = 0700U | static_cast<std::uint32_t>(line.byte()) << 6U;  // what its owner may not is no news
    member.name = line.part('>');
    member.link_target = line.rest();
    const std::string contents = member.type == docker_api::TarType::file ? member.link_target : "";
    member.size_bytes = contents.size();
    docker_api::append_tar_header(archive, member);
    archive += contents;
    archive.resize(docker_api::padded_to_tar_block(archive.size()), '\0');
  }
  archive.resize(archive.size() + 2 * docker_api::k_tar_block_bytes, '\0');
  return archive;
}

/// True if the archive was taken.
bool unpack(std::string_view archive, const fs::path& target) {
  docker_api::TarReader reader;
  try {
    docker_api::TreeWriter writer(target.string(), {.limit_bytes = 4096});
    reader.feed(archive, writer);
    reader.finish();
    writer.finish();
    return true;
  } catch (const docker_api::Error&) {
    return false;
  }
}

void check_tree(const fs::path& top) {
  std::vector<fs::path> found{top};
  if (fs::is_directory(fs::symlink_status(top))) {
    for (const auto& entry : fs::recursive_directory_iterator(top)) found.push_back(entry.path());
  }
  for (const fs::path& path : found) {
    struct stat status {};
    fuzz::require(::lstat(path.c_str(), &status) == 0, "what is listed is there");
    fuzz::require((status.st_mode & (S_ISUID | S_ISGID)) == 0, "nothing runs as somebody else");
    fuzz::require(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISLNK(status.st_mode),
                  "no device, no fifo");
  }
}

}  // namespace

HALCYON_FUZZ_TARGET(tree_writer, input) {
  static const testing::TemporaryDirectory sandbox;
  const fs::path inner = fs::path(sandbox.path()) / "inner";
  fs::remove_all(inner);
  fs::create_directory(inner);
  const bool taken = unpack(archive_of(input), inner / "out");
  for (const auto& entry : fs::directory_iterator(sandbox.path()))
    fuzz::require(entry.path() == inner, "nothing beside the directory: " + entry.path().string());
  for (const auto& entry : fs::directory_iterator(inner))
    fuzz::require(taken && entry.path().filename() == "out",
                  "nothing but the target: " + entry.path().string());
  fuzz::require(!taken || fs::exists(fs::symlink_status(inner / "out")), "what was taken is there");
  if (taken) check_tree(inner / "out");
}
