#include "docker_api/event_memory.hpp"

namespace halcyon::docker_api {

bool EventMemory::add(const Event& event) {
  if (!seen_.insert(key_of(event)).second) return false;
  if (!newest_ || event.at > *newest_) newest_ = event.at;
  const EventTime oldest = *newest_ - overlap_;
  while (std::get<0>(*seen_.begin()) < oldest) seen_.erase(seen_.begin());
  return true;
}

std::optional<EventTime> EventMemory::resume_at() const {
  if (!newest_) return std::nullopt;
  return *newest_ - overlap_;
}

}  // namespace halcyon::docker_api
