// Reads the Docker CLI's own JSON the way the CLI does, and overwrites what it held. Private to docker_api.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "docker_api/secret.hpp"

namespace halcyon::docker_api {

/// Overwrites every string below `value` at the end of the scope.
struct CleanseJsonAtEnd {
  nlohmann::json& value;
  explicit CleanseJsonAtEnd(nlohmann::json& cleansed) noexcept : value(cleansed) {}
  CleanseJsonAtEnd(const CleanseJsonAtEnd&) = delete;
  CleanseJsonAtEnd& operator=(const CleanseJsonAtEnd&) = delete;
  ~CleanseJsonAtEnd();
};

/// Where a JSON text came from and what to do if it is wrong; both for the message.
struct JsonOrigin {
  std::string where;   ///< a path, the name of a variable
  std::string remedy;  ///< "correct the file"
};

/// One JSON object. Empty text is an empty object, null is missing, and a member's name counts whatever its
/// case, as in Go's encoding/json.
///
/// Errors: invalid_argument with the origin, the line or the field, and the remedy; never with any content.
/// Owns:   the parsed text, overwritten at the end.
/// Source: Go's encoding/json, Unmarshal.
class GoJson {
 public:
  GoJson(std::string_view text, JsonOrigin origin);
  GoJson(const GoJson&) = delete;
  GoJson& operator=(const GoJson&) = delete;
  ~GoJson();

  const nlohmann::json& root() const noexcept { return *root_; }

  // Missing, null: the empty value.
  const nlohmann::json& get_object(const nlohmann::json& object, std::string_view key) const;
  std::string get_text(const nlohmann::json& object, std::string_view key) const;
  Secret get_secret(const nlohmann::json& object, std::string_view key) const;
  bool get_flag(const nlohmann::json& object, std::string_view key) const;
  std::map<std::string, std::string> get_texts(const nlohmann::json& object, std::string_view key) const;

  [[noreturn]] void refuse(std::string_view why) const;

 private:
  /// The text inside the parsed value: no copy to cleanse.
  std::string_view view_text(const nlohmann::json& object, std::string_view key) const;

  std::unique_ptr<nlohmann::json> root_;
  JsonOrigin origin_;
};

}  // namespace halcyon::docker_api
