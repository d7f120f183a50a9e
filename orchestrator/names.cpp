#include "orchestrator/names.hpp"

#include <algorithm>

namespace halcyon::orchestrator {
namespace {

constexpr std::size_t k_max_name_length = 40;

bool is_name_letter(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_name_character(char c) noexcept { return is_name_letter(c) || (c >= '0' && c <= '9') || c == '-'; }

}  // namespace

std::string_view to_string(Slot slot) noexcept { return slot == Slot::blue ? "blue" : "green"; }

std::optional<Slot> parse_slot(std::string_view text) noexcept {
  if (text == "blue") return Slot::blue;
  if (text == "green") return Slot::green;
  return std::nullopt;
}

std::optional<Name> Name::parse(std::string_view text) {
  if (text.empty() || text.size() > k_max_name_length) return std::nullopt;
  if (!is_name_letter(text.front()) || text.back() == '-') return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), is_name_character)) return std::nullopt;
  if (text.find("--") != std::string_view::npos) return std::nullopt;
  return Name(std::string(text));
}

std::string Name::as_identifier() const {
  std::string identifier = text_;
  std::replace(identifier.begin(), identifier.end(), '-', '_');
  return identifier;
}

std::string environment_object_name(const Name& app, const Name& environment) {
  return app.text() + "_" + environment.text();
}

std::string container_name(const Name& app, const Name& environment, const Name& service, Slot slot,
                           std::string_view release, int replica) {
  return upstream_name(app, environment, service, slot) + "_" + std::string(release) + "_" +
         std::to_string(replica);
}

std::string accessory_name(const Name& app, const Name& environment, const Name& service) {
  return environment_object_name(app, environment) + "_" + service.text();
}

std::string volume_name(const Name& app, const Name& environment, std::string_view volume) {
  return environment_object_name(app, environment) + "_" + std::string(volume);
}

std::string upstream_name(const Name& app, const Name& environment, const Name& service, Slot slot) {
  return accessory_name(app, environment, service) + "_" + std::string(to_string(slot));
}

}  // namespace halcyon::orchestrator
