#include "stream_body.hpp"

#include <fmt/format.h>

#include "docker_api/tar_stream.hpp"

namespace halcyon::bench {
namespace {

constexpr std::size_t k_repeated_bytes = std::size_t{1} << 20;
constexpr std::size_t k_archive_chunk_bytes = std::size_t{32} * 1024;
constexpr std::size_t k_archive_end_bytes = 1024;

}  // namespace

std::string make_chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

std::string make_log_chunk(std::size_t payload_bytes, std::size_t number) {
  std::string frame{static_cast<char>(number % 8 == 7 ? 2 : 1), 0, 0, 0};
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    frame.push_back(static_cast<char>(payload_bytes >> shift & 255));
  frame.append(payload_bytes - 1, 'l').push_back('\n');
  return make_chunk(frame);
}

StreamBody make_log_body(std::size_t payload_bytes) {
  StreamBody body;
  for (std::size_t number = 0; body.repeated.size() < k_repeated_bytes; ++number) {
    body.repeated += make_log_chunk(payload_bytes, number);
  }
  return body;
}

std::string make_archive_member() {
  const auto source =
      docker_api::make_tar_source({{.name = "data", .content = std::string(k_repeated_bytes, 'd')}});
  std::string archive;
  for (auto piece = source->read(); !piece.empty(); piece = source->read()) archive += piece;
  archive.resize(archive.size() - k_archive_end_bytes);
  return archive;
}

StreamBody make_archive_body() {
  StreamBody body;
  const std::string member = make_archive_member();
  for (std::size_t at = 0; at < member.size(); at += k_archive_chunk_bytes) {
    body.repeated += make_chunk(std::string_view(member).substr(at, k_archive_chunk_bytes));
  }
  body.last = make_chunk(std::string(k_archive_end_bytes, '\0'));
  return body;
}

}  // namespace halcyon::bench
