// JSON that holds a password, written where no core dump looks. Private to docker_api.
#pragma once

#include <string_view>

#include "docker_api/secret.hpp"

namespace halcyon::docker_api {

/// Writes one object, member by member, in the order of the calls. A JSON library would leave pieces of the
/// text in buffers of its own.
///
/// Errors: invalid_argument for text that is not UTF-8, without the text.
class SecretJson {
 public:
  SecretJson();
  /// Adds a string; nothing if it is empty.
  void add(std::string_view name, std::string_view value);
  /// Adds an object that is complete.
  void add_object(std::string_view name, const SecretText& object);
  /// Adds what is no secret: any JSON text.
  void add_json(std::string_view name, std::string_view json_text);
  /// The text, complete.
  SecretText take();

 private:
  void begin_member(std::string_view name);
  void append_string(std::string_view text);

  SecretText text_;
};

}  // namespace halcyon::docker_api
