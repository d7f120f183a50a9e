// An archive is taken apart into the same members however it is cut, and none is longer than it says.
#include <algorithm>

#include "docker_api/error.hpp"
#include "docker_api/tar_reader.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using docker_api::Error;
using docker_api::ErrorKind;
using docker_api::TarMember;

namespace {

class Collector final : public docker_api::TarSink {
 public:
  void begin(const TarMember& member) override {
    fuzz::require(!open_, "a member ends before the next one begins");
    open_ = true;
    fuzz::require(member.modified_at.tv_nsec >= 0 && member.modified_at.tv_nsec < 1'000'000'000,
                  "a time's fraction is less than a second");
    left_bytes_ = member.size_bytes;
    text += member.name + '\1' + static_cast<char>(member.type) + member.link_target + '\1';
    text += std::to_string(member.mode) + ' ' + std::to_string(member.user_id) + ' ' +
            std::to_string(member.group_id) + ' ' + std::to_string(member.size_bytes) + ' ' +
            std::to_string(member.modified_at.tv_sec) + std::to_string(member.modified_at.tv_nsec) + '\1';
  }
  void contents(std::string_view bytes) override {
    fuzz::require(open_, "contents belong to a member");
    fuzz::require(bytes.size() <= left_bytes_, "a member has no more bytes than it says");
    left_bytes_ -= bytes.size();
    text += bytes;
  }
  void end() override {
    fuzz::require(open_ && left_bytes_ == 0, "a member has as many bytes as it says");
    open_ = false;
    text += '\2';
  }

  std::string text;

 private:
  bool open_ = false;
  std::uint64_t left_bytes_ = 0;
};

std::string found_in_archive(const std::vector<std::string_view>& pieces) {
  docker_api::TarReader reader;
  Collector collector;
  try {
    for (const std::string_view piece : pieces) reader.feed(piece, collector);
    reader.finish();
    collector.text += "whole";
  } catch (const Error& error) {
    fuzz::require(error.kind() == ErrorKind::protocol, "an archive that cannot be read is a protocol error");
    collector.text += error.what();
  }
  return collector.text;
}

}  // namespace

HALCYON_FUZZ_TARGET(tar_reader, input) {
  fuzz::Choices choices(input);
  const std::string_view pattern = input.substr(0, std::min<std::size_t>(2, input.size()));
  choices.up_to(0);
  const std::string_view text = choices.rest();
  fuzz::require(found_in_archive(fuzz::split(text, pattern)) == found_in_archive({text}),
                "the members do not depend on where it is cut");
}
