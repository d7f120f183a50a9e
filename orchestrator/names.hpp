// Names that reach nginx, the engine and the file system: checked once, at the edge, into a type of their
// own.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::orchestrator {

/// What the two halves of a web service's pair are called.
enum class Slot { blue, green };
std::string_view to_string(Slot slot) noexcept;
std::optional<Slot> parse_slot(std::string_view text) noexcept;
constexpr Slot other(Slot slot) noexcept { return slot == Slot::blue ? Slot::green : Slot::blue; }

/// The name of an application, an environment or a service.
///
/// Shape: 1 to 40 of a-z, 0-9 and '-', begins with a letter, does not end in '-', no "--". '_' is not
/// allowed, so
///        names joined by '_' are unambiguous, and '-' may become '_' where '-' is not possible.
class Name {
 public:
  /// Nothing if `text` breaks the rule.
  static std::optional<Name> parse(std::string_view text);
  const std::string& text() const noexcept { return text_; }
  /// With '-' as "_": for nginx variables.
  std::string as_identifier() const;
  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

inline constexpr std::string_view k_name_rule =
    "1 to 40 of a-z, 0-9 and '-', beginning with a letter, not ending in '-', no '--'";

/// `shop_production`: network, prefix of everything an environment owns.
std::string environment_object_name(const Name& app, const Name& environment);
/// `shop_production_web_green_r12_1`: one replica of a release's service in a slot (replica counts from 1).
std::string container_name(const Name& app, const Name& environment, const Name& service, Slot slot,
                           std::string_view release, int replica);
/// `shop_production_db`: an accessory.
std::string accessory_name(const Name& app, const Name& environment, const Name& service);
/// `shop_production_data`: a named volume.
std::string volume_name(const Name& app, const Name& environment, std::string_view volume);
/// `shop_production_web_green`: an nginx upstream.
std::string upstream_name(const Name& app, const Name& environment, const Name& service, Slot slot);

/// Labels on everything we create; the only proof that something is ours.
inline constexpr std::string_view k_label_app = "halcyon.app";
inline constexpr std::string_view k_label_environment = "halcyon.environment";
inline constexpr std::string_view k_label_service = "halcyon.service";
inline constexpr std::string_view k_label_slot = "halcyon.slot";
inline constexpr std::string_view k_label_release = "halcyon.release";
inline constexpr std::string_view k_label_replica = "halcyon.replica";
inline constexpr std::string_view k_label_image = "halcyon.image";  ///< of an accessory, as it was configured

}  // namespace halcyon::orchestrator
