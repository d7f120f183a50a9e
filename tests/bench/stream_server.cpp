// stream_server SOCKET: an engine that only has bytes to send, as fast as the socket takes them. It ends when
// its standard input does.
//
// A container's id says what its log or archive is: `frames100_64` is 64 MiB of frames of 100 bytes. Each
// frame of a log is a chunk of its own, and an archive comes in chunks of 32 KiB, as dockerd sends them.
//   GET /containers/{frames100|frames16384}_MIB/logs    written in blocks of 1 MiB
//   GET /containers/lines100_MIB/logs         each frame of 100 bytes by a write of its own, as dockerd does
//   GET /containers/tar_MIB/archive           PUT: reads all of it and answers 200; HEAD: a directory
//   GET /containers/follow_N/logs             nothing, until
//   GET /say/BYTES                            each follower gets that much, in frames of 100 bytes
//   GET /end                                  the followers' logs end
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "stream_body.hpp"

namespace halcyon::bench {
namespace {

constexpr std::string_view k_ping =
    "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nOstype: linux\r\nContent-Length: 2\r\n\r\n";
constexpr std::string_view k_empty = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view k_chunked_end = "0\r\n\r\n";
// {"name":"a","size":0,"mode":420,"mtime":"2026-01-01T00:00:00Z","linkTarget":""}
constexpr std::string_view k_stream_head =
    "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nX-Docker-Container-Path-Stat: "
    "eyJuYW1lIjoiYSIsInNpemUiOjAsIm1vZGUiOjQyMCwibXRpbWUiOiIyMDI2LTAxLTAxVDAwOjAw"
    "OjAwWiIsImxpbmtUYXJnZXQiOiIifQ=="
    "\r\nTransfer-Encoding: chunked\r\n\r\n";
// The same of a directory, which the docker command asks for first: mode 2147484141.
constexpr std::string_view k_stat_answer =
    "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nX-Docker-Container-Path-Stat: "
    "eyJuYW1lIjoiZGF0YSIsInNpemUiOjAsIm1vZGUiOjIxNDc0ODQxNDEsIm10aW1lIjoiMjAyNi0w"
    "MS0wMVQwMDowMDowMFoiLCJsaW5rVGFyZ2V0IjoiIn0="
    "\r\nContent-Length: 0\r\n\r\n";
constexpr std::size_t k_mebibyte = std::size_t{1} << 20;

std::mutex followers_lock;
std::vector<int> followers;

bool write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::size_t number_after(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  std::size_t number = 0;
  if (at != std::string_view::npos) {
    std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number);
  }
  return number;
}

bool send_lines(int to, std::size_t mebibytes) {
  const std::string line = make_log_chunk(100);
  const std::string error_line = make_log_chunk(100, 7);
  bool going = write_all(to, k_stream_head);
  for (std::size_t number = 0; going && number * line.size() < mebibytes * k_mebibyte; ++number) {
    going = write_all(to, number % 8 == 7 ? error_line : line);
  }
  return going && write_all(to, k_chunked_end);
}

bool send_stream(int to, const StreamBody& body, std::size_t mebibytes) {
  bool going = write_all(to, k_stream_head) && write_all(to, body.first);
  for (std::size_t sent = 0; going && sent < mebibytes * k_mebibyte; sent += body.repeated.size()) {
    going = write_all(to, body.repeated);
  }
  return going && write_all(to, body.last) && write_all(to, k_chunked_end);
}

/// `early`: what came with the head.
bool discard_chunked(int from, std::string_view early) {
  static thread_local std::array<char, 2 * k_socket_piece_bytes> buffer;
  std::string tail(early);
  while (!tail.ends_with(k_chunked_end)) {
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count <= 0) return false;
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(count));
    tail.append(piece.substr(piece.size() - std::min(piece.size(), k_chunked_end.size())));
    tail.erase(0, tail.size() - std::min(tail.size(), k_chunked_end.size()));
  }
  return true;
}

/// The docker command asks for the log of the id that stands in here.
std::string inspect_answer(std::string_view line) {
  constexpr std::string_view k_before = "/containers/";
  const std::size_t at = line.find(k_before) + k_before.size();
  const std::string body =
      fmt::format(R"({{"Id":"{}","Name":"/x","Config":{{"Tty":false}},"State":{{"Running":true}}}})",
                  line.substr(at, line.find("/json") - at));
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                     body.size(), body);
}

bool say_to_followers(std::size_t bytes) {
  std::string text;
  const std::string frame = make_log_chunk(100);
  while (text.size() < bytes) text += frame;
  const std::lock_guard guard(followers_lock);
  for (const int follower : followers) write_all(follower, text);
  return true;
}

void end_followers() {
  const std::lock_guard guard(followers_lock);
  for (const int follower : followers) {
    write_all(follower, k_chunked_end);
    ::close(follower);
  }
  followers.clear();
}

/// False if the connection is not to be read any more.
bool answer(int client, std::string_view head, std::string_view early) {
  const std::string_view line = head.substr(0, head.find('\r'));
  if (line.find("/_ping") != std::string_view::npos) {
    return write_all(client, fmt::format("{}{}", k_ping, line.starts_with("HEAD") ? "" : "OK"));
  }
  if (line.starts_with("HEAD")) return write_all(client, k_stat_answer);
  if (line.find("/json") != std::string_view::npos) return write_all(client, inspect_answer(line));
  if (line.find("/say/") != std::string_view::npos) {
    return say_to_followers(number_after(line, "/say/")) && write_all(client, k_empty);
  }
  if (line.find("/end") != std::string_view::npos) {
    end_followers();
    return write_all(client, k_empty);
  }
  if (line.find("/follow_") != std::string_view::npos) {
    write_all(client, k_stream_head);
    const std::lock_guard guard(followers_lock);
    followers.push_back(client);
    return false;
  }
  if (line.starts_with("PUT")) return discard_chunked(client, early) && write_all(client, k_empty);
  static const StreamBody small = make_log_body(100);
  static const StreamBody large = make_log_body(16384);
  static const StreamBody archive = make_archive_body();
  const std::size_t mebibytes = number_after(line, "_");
  if (line.find("/lines100_") != std::string_view::npos) return send_lines(client, mebibytes);
  if (line.find("/frames100_") != std::string_view::npos) return send_stream(client, small, mebibytes);
  if (line.find("/frames16384_") != std::string_view::npos) return send_stream(client, large, mebibytes);
  return send_stream(client, archive, mebibytes);
}

void serve(int client) {
  std::string seen;
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    const ssize_t count = ::read(client, buffer.data(), buffer.size());
    if (count <= 0) break;
    seen.append(buffer.data(), static_cast<std::size_t>(count));
    const std::size_t end = seen.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    const std::string_view all = seen;
    const bool is_follower = all.find("/follow_") < all.find('\r') && all.find("/logs") < all.find('\r');
    if (!answer(client, all.substr(0, end), all.substr(end + 4))) {
      if (is_follower) return;  // the list of followers owns it
      break;
    }
    seen.clear();
  }
  ::close(client);
}

int listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
  return ::listen(listener, SOMAXCONN) == 0 ? listener : -1;
}

void accept_for_ever(int listener) {
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) std::thread(serve, client).detach();
  }
}

}  // namespace
}  // namespace halcyon::bench

int main(int argc, char** argv) {
  const int listener = argc == 2 ? halcyon::bench::listen_at(argv[1]) : -1;
  if (listener < 0) {
    fmt::print(stderr, "usage: stream_server SOCKET (which must be new)\n");
    return 2;
  }
  std::thread(halcyon::bench::accept_for_ever, listener).detach();
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  ::unlink(argv[1]);
  ::_exit(0);  // the threads hold nothing that needs an end
}
