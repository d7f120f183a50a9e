// Texts, times and frames as the engine writes them.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>

#include "docker_api/testing/core.hpp"

namespace halcyon::docker_api::fake {

using nlohmann::json;

std::string to_rfc3339(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  std::string text = fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(seconds.time_since_epoch().count()));
  const auto fraction = (time - seconds).count();
  return text + fmt::format(".{:09}Z", fraction);
}

std::int64_t to_seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string describe_age(std::chrono::nanoseconds age) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < 60) return fmt::format("{} seconds", seconds);
  if (seconds < 120) return "About a minute";
  if (seconds < 3600) return fmt::format("{} minutes", seconds / 60);
  if (seconds < 7200) return "About an hour";
  return fmt::format("{} hours", seconds / 3600);
}

std::string frame(LogStream stream, std::string_view text) {
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(stream);
  for (std::size_t i = 0; i < 4; ++i)
    bytes[4 + i] = static_cast<char>((text.size() >> (8 * (3 - i))) & 0xffU);
  return bytes.append(text);
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string short_id(std::string_view id) {
  if (id.starts_with("sha256:")) id.remove_prefix(7);
  return std::string(id.substr(0, 12));
}

std::string status_word(const Container& container) {
  switch (container.status) {
    case Status::created:
      return "created";
    case Status::running:
      return "running";
    case Status::paused:
      return "paused";
    case Status::restarting:
      return "restarting";
    case Status::exited:
      return "exited";
  }
  return "";
}

std::string_view to_word(Health health) {
  switch (health) {
    case Health::starting:
      return "starting";
    case Health::healthy:
      return "healthy";
    case Health::unhealthy:
      return "unhealthy";
  }
  return "";
}

std::string familiar_name(const std::string& repository) {
  std::string_view name = repository;
  for (const std::string_view start : {"docker.io/library/", "docker.io/"}) {
    if (name.starts_with(start)) return std::string(name.substr(start.size()));
  }
  return repository;
}

Answer answer_json(const json& body, int status) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = body.dump() + "\n"};
}

Answer answer_empty(int status) { return {.status = status}; }

Answer answer_error(int status, std::string_view message) {
  return answer_json({{"message", message}}, status);
}

json read_body(const Request& request) {
  if (request.body.empty()) return json::object();
  const std::string type = request.header("Content-Type");
  if (!type.starts_with("application/json")) {
    throw Refusal{400, fmt::format("Content-Type specified ({}) must be 'application/json'", type)};
  }
  json body = json::parse(request.body, nullptr, false);
  if (body.is_discarded()) throw Refusal{400, "invalid JSON in the request's body"};
  if (body.is_null()) return json::object();
  if (!body.is_object()) throw Refusal{400, "the request's body is no JSON object"};
  return body;
}

}  // namespace halcyon::docker_api::fake
