// Multiplexed logs: taken apart by our reader, against a loop on the same socket that only reads.
#include <fmt/format.h>

#include <stdexcept>

#include "await_result.hpp"
#include "docker_api/containers.hpp"
#include "docker_api_parts.hpp"
#include "pairs.hpp"
#include "processes.hpp"
#include "python_peer.hpp"
#include "raw_connection.hpp"

namespace halcyon::bench {
namespace {

namespace asio = boost::asio;

constexpr int k_frame_rounds = 16;
constexpr int k_frame_mebibytes = 64;  // 1 GiB in all
constexpr double k_frame_goal = 1.15;

struct Counted {
  std::uint64_t stdout_bytes = 0;
  std::uint64_t stderr_bytes = 0;
  void take(docker_api::LogStream stream, std::string_view bytes) {
    (stream == docker_api::LogStream::stderr_stream ? stderr_bytes : stdout_bytes) += bytes.size();
  }
};

asio::awaitable<void> read_by_sink(docker_api::Engine& engine, docker_api::ContainerId id, Counted& counted) {
  co_await docker_api::read_logs(
      engine, std::move(id), {.tty = false},
      [&counted](docker_api::LogStream stream, std::string_view bytes) { counted.take(stream, bytes); });
}

asio::awaitable<void> read_by_pieces(docker_api::Engine& engine, docker_api::ContainerId id,
                                     Counted& counted) {
  docker_api::LogReader reader = co_await docker_api::open_logs(engine, std::move(id), {.tty = false});
  while (const auto piece = co_await reader.next()) counted.take(piece->stream, piece->bytes);
}

/// Every eighth frame is stderr's: a demultiplexer that does nothing would be seen.
void check(const Counted& counted) {
  const double share = static_cast<double>(counted.stderr_bytes) /
                       static_cast<double>(counted.stdout_bytes + counted.stderr_bytes);
  if (share < 0.12 || share > 0.13) throw std::runtime_error("the frames were not taken apart");
}

/// `kind`: what the stream server is asked for; a round of so many MiB.
struct Log {
  std::string name;
  std::string kind;
  int rounds;
  int round_mebibytes;
};

void print_log(const Log& log, const StreamPeer& peer) {
  const std::string id = fmt::format("{}_{}", log.kind, log.round_mebibytes);
  asio::io_context io;
  docker_api::Engine engine(io.get_executor(), peer.address());
  RawConnection raw(peer.address());
  const auto read_raw = [&] { raw.get("/v1.41/containers/" + id + "/logs"); };
  const auto read_ours = [&](auto read) {
    return [&engine, &io, id, read] {
      Counted counted;
      await_result(io, read(engine, docker_api::ContainerId(id), counted));
      check(counted);
    };
  };
  const Pairs by_sink = measure_pairs(log.rounds, read_ours(read_by_sink), read_raw);
  print_ratio(log.name, by_sink, k_frame_goal);
  print_figure(log.name + ".client", log.round_mebibytes / median(by_sink.ours.seconds), "MiB/s");
  print_figure(log.name + ".raw_loop", log.round_mebibytes / median(by_sink.raw.seconds), "MiB/s");
  const Pairs by_pieces = measure_pairs(log.rounds / 4, read_ours(read_by_pieces), read_raw);
  print_figure(log.name + ".next", median_of_ratios(by_pieces.ours.seconds, by_pieces.raw.seconds), "x");
}

void print_peers(const LabEnvironment& lab, const StreamPeer& peer, const std::string& name,
                 const std::string& kind, int mebibytes) {
  const std::string id = fmt::format("{}_{}", kind, mebibytes);
  const double seconds = run_python_peer(lab, peer.docker_host(), {"logs", id}).at("seconds");
  print_figure(name + ".python3_docker", mebibytes / seconds, "MiB/s");
  const double command_seconds = run_docker_command(lab, peer.docker_host(), "logs " + id);
  print_figure(name + ".docker_logs", mebibytes / command_seconds, "MiB/s");
}

}  // namespace

void measure_log_frames(const LabEnvironment& lab, const StreamPeer& peer) {
  print_log({"log_frames_100", "frames100", k_frame_rounds, k_frame_mebibytes}, peer);
  print_peers(lab, peer, "log_frames_100", "frames100", 8);
  print_log({"log_frames_16384", "frames16384", k_frame_rounds, k_frame_mebibytes}, peer);
  print_peers(lab, peer, "log_frames_16384", "frames16384", 256);
  print_log({"log_lines_100", "lines100", k_frame_rounds, 4}, peer);
  print_peers(lab, peer, "log_lines_100", "lines100", 8);
}

}  // namespace halcyon::bench
