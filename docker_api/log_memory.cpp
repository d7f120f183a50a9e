#include "docker_api/log_memory.hpp"

#include <functional>

namespace halcyon::docker_api {

LogMemory::Key LogMemory::key_of(LogTime at, LogStream stream, std::string_view text) {
  return {at, stream, text.size(), std::hash<std::string_view>()(text)};
}

void LogMemory::add(LogTime at, LogStream stream, std::string_view text) {
  ++seen_[key_of(at, stream, text)];
  if (!newest_ || at > *newest_) newest_ = at;
  const LogTime oldest = *newest_ - overlap_;
  while (std::get<0>(seen_.begin()->first) < oldest || seen_.size() > k_remembered_messages)
    seen_.erase(seen_.begin());
}

std::optional<LogTime> LogMemory::resume_at() const {
  if (!newest_) return std::nullopt;
  return *newest_ - overlap_;
}

bool LogMemory::take_replayed(LogTime at, LogStream stream, std::string_view text) {
  const auto found = expected_.find(key_of(at, stream, text));
  if (found == expected_.end()) return false;
  if (--found->second == 0) expected_.erase(found);
  return true;
}

}  // namespace halcyon::docker_api
