#include "orchestrator/socket_count.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "backup/durable_file.hpp"
#include "backup/error.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::string_view k_established = "01";

std::string_view next_word(std::string_view& line) {
  const auto begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin);
  const auto end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

bool is_established_on(std::string_view line, std::uint16_t port) {
  next_word(line);  // "0:"
  const std::string_view local = next_word(line);
  next_word(line);  // remote address
  const std::string_view state = next_word(line);
  const auto colon = local.rfind(':');
  if (state != k_established || colon == std::string_view::npos) return false;
  unsigned int local_port = 0;
  const std::string_view digits = local.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), local_port, 16);
  return error == std::errc{} && end == digits.data() + digits.size() && local_port == port;
}

}  // namespace

std::uint64_t count_established(std::string_view table, std::uint16_t port) {
  std::uint64_t count = 0;
  while (!table.empty()) {
    const auto newline = std::min(table.find('\n'), table.size());
    if (is_established_on(table.substr(0, newline), port)) ++count;
    table.remove_prefix(std::min(newline + 1, table.size()));
  }
  return count;
}

std::optional<std::uint64_t> count_connections(std::int64_t pid, std::uint16_t port) {
  if (pid <= 0) return std::nullopt;
  try {
    const auto tcp = backup::read_file(fmt::format("/proc/{}/net/tcp", pid));
    if (!tcp) return std::nullopt;
    const auto tcp6 = backup::read_file(fmt::format("/proc/{}/net/tcp6", pid));
    return count_established(*tcp, port) + count_established(tcp6.value_or(""), port);
  } catch (const backup::Error&) {
    return std::nullopt;  // the process ended while we were reading
  }
}

}  // namespace halcyon::orchestrator
