// Tar up and down: put_archive and open_archive, against a loop on the same socket that only writes or reads.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "await_result.hpp"
#include "docker_api/container_archive.hpp"
#include "docker_api_parts.hpp"
#include "pairs.hpp"
#include "processes.hpp"
#include "python_peer.hpp"
#include "raw_connection.hpp"
#include "stream_body.hpp"

namespace halcyon::bench {
namespace {

namespace asio = boost::asio;

constexpr int k_archive_rounds = 16;
constexpr int k_archive_mebibytes = 64;  // 1 GiB in all
constexpr int k_peer_mebibytes = 256;
constexpr double k_archive_goal = 1.15;
constexpr std::size_t k_archive_mebibyte = std::size_t{1} << 20;
// As much as make_tar_source() gives at a time; the raw loop writes the same.
constexpr std::size_t k_piece_bytes = std::size_t{64} * 1024;
constexpr std::size_t k_pieces = k_archive_mebibytes * k_archive_mebibyte / k_piece_bytes;

/// An archive's bytes out of memory; nobody unpacks them.
class MemorySource final : public docker_api::BodySource {
 public:
  explicit MemorySource(std::string_view piece) : piece_(piece) {}
  std::string_view read() override { return left_-- > 0 ? piece_ : std::string_view{}; }

 private:
  std::string_view piece_;
  std::int64_t left_ = k_pieces;
};

asio::awaitable<std::uint64_t> read_archive(docker_api::Engine& engine, std::string id) {
  docker_api::PathArchive opened =
      co_await docker_api::open_archive(engine, docker_api::ContainerId(id), "/data");
  std::uint64_t bytes = 0;
  for (;;) {
    const std::string_view piece = co_await opened.archive.read_some();
    if (piece.empty()) co_return bytes;
    bytes += piece.size();
  }
}

/// `docker cp`, which takes an archive from its standard input or puts one out.
void print_docker_copies(const LabEnvironment& lab, const StreamPeer& peer) {
  const std::string file = lab.work_directory + "/archive.tar";
  const std::string member = make_archive_member();
  {
    std::ofstream archive(file, std::ios::binary);
    for (int written = 0; written < k_peer_mebibytes; ++written) archive << member;
    archive << std::string(1024, '\0');
  }
  const std::string place = fmt::format("tar_{}:/data", k_peer_mebibytes);
  const double up = run_docker_command(lab, peer.docker_host(), fmt::format("cp - {} < {}", place, file));
  print_figure("tar_up.docker_cp", k_peer_mebibytes / up, "MiB/s");
  std::filesystem::remove(file);
  const double down = run_docker_command(lab, peer.docker_host(), fmt::format("cp {} -", place));
  print_figure("tar_down.docker_cp", k_peer_mebibytes / down, "MiB/s");
}

void print_speeds(const std::string& name, const Pairs& pairs) {
  print_ratio(name, pairs, k_archive_goal);
  print_figure(name + ".client", k_archive_mebibytes / median(pairs.ours.seconds), "MiB/s");
  print_figure(name + ".raw_loop", k_archive_mebibytes / median(pairs.raw.seconds), "MiB/s");
}

}  // namespace

void measure_archive(const LabEnvironment& lab, const StreamPeer& peer) {
  const std::string id = fmt::format("tar_{}", k_archive_mebibytes);
  const std::string target = "/v1.41/containers/" + id + "/archive?path=/data";
  asio::io_context io;
  docker_api::Engine engine(io.get_executor(), peer.address());
  RawConnection raw(peer.address());
  const std::string piece(k_piece_bytes, 'd');
  const std::string chunk = make_chunk(piece);
  const Pairs up = measure_pairs(
      k_archive_rounds,
      [&] {
        await_result(io, docker_api::put_archive(engine, docker_api::ContainerId(id), "/data",
                                                 std::make_shared<MemorySource>(piece)));
      },
      [&] { raw.put(target, chunk, k_pieces, "0\r\n\r\n"); });
  print_speeds("tar_up", up);
  const Pairs down = measure_pairs(
      k_archive_rounds,
      [&] {
        if (await_result(io, read_archive(engine, id)) < k_archive_mebibytes * k_archive_mebibyte)
          throw std::runtime_error("the archive is too short");
      },
      [&] { raw.get(target); });
  print_speeds("tar_down", down);
  for (const std::string direction : {"up", "down"}) {
    const auto peer_id = fmt::format("tar_{}", k_peer_mebibytes);
    const double python =
        run_python_peer(lab, peer.docker_host(), {"tar_" + direction, peer_id}).at("seconds");
    print_figure("tar_" + direction + ".python3_docker", k_peer_mebibytes / python, "MiB/s");
  }
  print_docker_copies(lab, peer);
}

}  // namespace halcyon::bench
