#include "docker_api/image_details.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/image_summary.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

/// "8000/tcp" -> 8000; nothing for udp.
std::optional<std::uint16_t> parse_tcp_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const std::string_view protocol(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error != std::errc{} || !(protocol.empty() || protocol == "/tcp")) return std::nullopt;
  return port;
}

bool has_probe(const json& config) {
  const std::vector<std::string> test = get_strings(get_field(config, "Healthcheck"), "Test");
  return !test.empty() && test.front() != "NONE";
}

}  // namespace

ImageDetails parse_image(const json& body) {
  const json& config = get_field(body, "Config");
  ImageDetails image{.id = make_image_id(get_string(body, "Id")),
                     .repo_tags = get_strings(body, "RepoTags"),
                     .repo_digests = get_strings(body, "RepoDigests"),
                     .labels = get_string_map(config, "Labels"),
                     .environment = get_strings(config, "Env"),
                     .os = get_string(body, "Os"),
                     .architecture = get_string(body, "Architecture"),
                     .size_bytes = get_uint64(body, "Size"),
                     .has_healthcheck = has_probe(config),
                     .variant = get_string(body, "Variant"),
                     .created_at = get_time(body, "Created"),
                     .entrypoint = get_strings(config, "Entrypoint"),
                     .command = get_strings(config, "Cmd"),
                     .user = get_string(config, "User"),
                     .working_dir = get_string(config, "WorkingDir")};
  for (std::string& layer : get_strings(get_field(body, "RootFS"), "Layers"))
    image.layers.emplace_back(std::move(layer));
  for (const std::string& port : get_keys(config, "ExposedPorts")) {
    if (const auto number = parse_tcp_port(port)) image.exposed_tcp_ports.push_back(*number);
  }
  return image;
}

std::optional<Digest> ImageDetails::find_digest(std::string_view repository) const {
  const std::string wanted = parse_image_reference(repository).repository;
  for (const std::string& text : repo_digests) {
    try {
      const ImageReference known = parse_image_reference(text);
      if (known.repository == wanted) return known.digest;
    } catch (const Error&) {
      // "<none>@sha256:...": what engines before API 1.43 write for an image without a name.
    }
  }
  return std::nullopt;
}

}  // namespace halcyon::docker_api
