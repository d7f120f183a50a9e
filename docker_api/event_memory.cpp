#include "docker_api/event_memory.hpp"

#include <algorithm>
#include <chrono>

namespace halcyon::docker_api {

bool EventMemory::add(const Event& event) {
  if (!seen_.insert(key_of(event)).second) return false;
  if (!begin_ || event.at < *begin_) begin_ = event.at;
  if (!newest_ || event.at > *newest_) newest_ = event.at;
  const EventTime oldest = *resume_at();
  while (std::get<0>(*seen_.begin()) < oldest || seen_.size() > k_remembered_events)
    seen_.erase(seen_.begin());
  return true;
}

std::optional<EventTime> EventMemory::resume_at() const {
  if (!newest_) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(std::max<EventTime>(*newest_ - overlap_, *begin_));
}

}  // namespace halcyon::docker_api
