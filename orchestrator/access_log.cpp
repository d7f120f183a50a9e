#include "orchestrator/access_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "backup/durable_file.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::size_t k_fields_needed = 6;
constexpr std::size_t k_read_bytes = std::size_t{256} * 1024;

void count_line(std::string_view line, RequestCount& count) {
  std::array<std::string_view, k_fields_needed> fields;
  for (std::string_view& field : fields) {
    const auto tab = line.find('\t');
    field = line.substr(0, tab);
    line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
  }
  const std::string_view status = fields[1];
  if (status.size() != 3) return;  // not a line of ours
  ++count.total;
  const std::string_view upstream_status = fields[4];
  const bool by_nginx = upstream_status != status && (status == "502" || status == "503" || status == "504");
  // nginx writes its own 502 as the upstream's status too when the connection failed, so look for "no status
  // at all".
  const bool no_upstream = (status == "502" || status == "504") && upstream_status.ends_with(status);
  const bool cut = fields[5] != "OK" && status != "499";
  if (by_nginx || no_upstream || cut) ++count.failed;
}

}  // namespace

RequestCount count_requests(std::string_view text) {
  RequestCount count;
  for (auto newline = text.find('\n'); newline != std::string_view::npos; newline = text.find('\n')) {
    count_line(text.substr(0, newline), count);
    text.remove_prefix(newline + 1);
  }
  return count;
}

std::uint64_t access_log_size(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::optional<RequestCount> count_requests_since(const std::string& path, std::uint64_t offset) {
  const backup::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return std::nullopt;
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) < offset)
    return std::nullopt;
  RequestCount total;
  std::string carried;  // the beginning of a line whose end is in the next piece
  std::vector<char> buffer(k_read_bytes);
  for (;;) {
    const ssize_t got = ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (got < 0) return std::nullopt;
    if (got == 0) return total;
    offset += static_cast<std::uint64_t>(got);
    carried.append(buffer.data(), static_cast<std::size_t>(got));
    const auto last = carried.rfind('\n');
    if (last == std::string::npos) continue;
    const RequestCount piece = count_requests(std::string_view(carried).substr(0, last + 1));
    total.total += piece.total;
    total.failed += piece.failed;
    carried.erase(0, last + 1);
  }
}

}  // namespace halcyon::orchestrator
