#include "docker_api/testing/core.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace halcyon::docker_api::fake {
namespace {

/// The object with that id, name or unique start of an id, in this order, as the engine looks.
template <class Range, class IdOf, class NameOf>
auto find_by(Range& range, std::string_view wanted, IdOf id_of_element, NameOf name_of_element) {
  auto by = [&](auto&& is_it) { return std::find_if(range.begin(), range.end(), is_it); };
  auto found = by([&](auto& element) { return id_of_element(element) == wanted; });
  if (found == range.end()) found = by([&](auto& element) { return name_of_element(element) == wanted; });
  if (found == range.end()) {
    found = by([&](auto& element) { return id_of_element(element).starts_with(wanted); });
  }
  return found;
}

}  // namespace

Core::Core(Settings chosen) : settings(std::move(chosen)) { add_predefined_networks(); }

Time Core::now() {
  const Time clock = settings.clock ? settings.clock() : Time(std::chrono::system_clock::now());
  last_time_ = std::max(clock, last_time_ + std::chrono::nanoseconds{1});
  return last_time_;
}

Time Core::now_after(Time earliest) {
  last_time_ = std::max(now(), earliest);
  return last_time_;
}

std::string Core::new_id() { return sha256_hex(fmt::format("fake object {}", next_id_++)); }

Container* Core::find_container(std::string_view wanted) {
  if (wanted.starts_with('/')) wanted.remove_prefix(1);
  if (wanted.empty()) return nullptr;
  const auto found = find_by(
      containers, wanted, [](auto& c) -> const std::string& { return c->id; },
      [](auto& c) -> const std::string& { return c->name; });
  return found == containers.end() ? nullptr : found->get();
}

Container& Core::container(std::string_view wanted) {
  if (Container* found = find_container(wanted)) return *found;
  throw Refusal{404, fmt::format("No such container: {}", wanted)};
}

Network* Core::find_network(std::string_view wanted) {
  if (wanted.empty()) return nullptr;
  const auto found = find_by(
      networks, wanted, [](Network& n) -> const std::string& { return n.id; },
      [](Network& n) -> const std::string& { return n.name; });
  return found == networks.end() ? nullptr : &*found;
}

Network& Core::network(std::string_view wanted) {
  if (Network* found = find_network(wanted)) return *found;
  throw Refusal{404, fmt::format("network {} not found", wanted)};
}

void Core::effect(std::string kind, std::string subject) {
  effects.push_back({.index = effects.size(),
                     .kind = std::move(kind),
                     .subject = std::move(subject),
                     .request = request != nullptr ? request->number : 0});
  if (hook && hook(effects.back(), Moment::before) == Verdict::die) {
    effects.pop_back();  // it never came about
    throw EngineDied{};
  }
}

void Core::emit(std::string type, std::string action, std::string actor,
                std::map<std::string, std::string> attributes) {
  events.push_back({.type = std::move(type),
                    .action = std::move(action),
                    .actor = std::move(actor),
                    .attributes = std::move(attributes),
                    .at = now()});
  if (events.size() > k_remembered_events) events.pop_front();
  deliver_event(*this, events.back());
}

void Core::emit_container(const Container& container, std::string action,
                          std::map<std::string, std::string> more) {
  more.insert(container.labels.begin(), container.labels.end());
  more["image"] = container.image_name;
  more["name"] = container.name;
  emit("container", std::move(action), container.id, std::move(more));
}

void Core::add_predefined_networks() {
  networks.push_back({.id = new_id(),
                      .name = "bridge",
                      .subnet = "172.17.0.0/16",
                      .gateway = "172.17.0.1",
                      .predefined = true,
                      .created = now()});
  networks.push_back(
      {.id = new_id(), .name = "host", .driver = "host", .predefined = true, .created = now()});
  networks.push_back(
      {.id = new_id(), .name = "none", .driver = "null", .predefined = true, .created = now()});
}

}  // namespace halcyon::docker_api::fake
