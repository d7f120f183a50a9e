// What we pack is an archive, always; and no part of it is one.
#include "docker_api/error.hpp"
#include "docker_api/tar_check.hpp"
#include "docker_api/tar_stream.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;

namespace {

std::string judgement(std::string_view bytes) {
  docker_api::TarChecker checker;
  checker.feed(bytes);
  return fuzz::words_of<docker_api::Error>([&] { checker.finish("GET /x"); });
}

}  // namespace

HALCYON_FUZZ_TARGET(tar_stream, input) {
  fuzz::Choices choices(input);
  const std::size_t cut = choices.up_to(65'535);
  std::vector<docker_api::TarEntry> entries;
  while (!choices.rest().empty() && entries.size() < 8) {
    docker_api::TarEntry entry{.name = std::string(choices.part()), .mode = choices.byte()};
    entry.content = choices.part();
    entries.push_back(std::move(entry));
  }
  std::string bytes;
  const bool is_made = fuzz::succeeds<docker_api::Error>([&] {
    const auto source = docker_api::make_tar_source(entries);
    for (std::string_view piece = source->read(); !piece.empty(); piece = source->read()) bytes += piece;
  });
  if (!is_made) return;
  fuzz::require(bytes.size() % 512 == 0, "whole blocks");
  fuzz::require(judgement(bytes).empty(), "our own archive is whole: " + judgement(bytes));
  std::size_t data = bytes.size();
  while (data > 0 && bytes[data - 1] == '\0') --data;
  // Of the zeros at the end, two blocks are the mark; what is short of them is cut short.
  const std::size_t least = (data + 511) / 512 * 512 + 1024;
  const std::string_view part = std::string_view(bytes).substr(0, cut % least);
  fuzz::require(!judgement(part).empty(), "a part of an archive is not whole");
}
