// Every pure reader of an engine's JSON: it gives a value or a docker_api::Error, whatever the JSON is.
#include <nlohmann/json.hpp>

#include "docker_api/container_details.hpp"
#include "docker_api/container_stats.hpp"
#include "docker_api/disk_usage_answer.hpp"
#include "docker_api/error.hpp"
#include "docker_api/image_details.hpp"
#include "docker_api/image_streams.hpp"
#include "docker_api/image_summary.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/json_stream.hpp"
#include "docker_api/platform.hpp"
#include "docker_api/platform_json.hpp"
#include "docker_api/stats_sample.hpp"
#include "docker_api/swarm_object.hpp"
#include "docker_api/swarm_object_json.hpp"
#include "docker_api/volume_details.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace docker_api;
using nlohmann::json;

namespace {

void check_stats(const json& body) {
  const StatsSample sample = parse_stats(body);
  fuzz::require(sample.memory.working_set_bytes() <= sample.memory.usage_bytes,
                "a working set is a part of the memory");
  if (const auto percent = sample.cpu_percent())
    fuzz::require(*percent >= 0, "a share of the processors is no debt");
}

/// Whether the list is read at once or one element after another, it is the same list.
void check_list(std::string_view text) {
  std::vector<json> elements;
  const bool is_read = fuzz::succeeds<Error>(
      [&] { for_each_element(text, "GET /x", [&](const json& element) { elements.push_back(element); }); });
  const bool is_json = fuzz::succeeds<Error>([&] { parse_json(text, "GET /x"); });
  if (is_read && is_json) {
    const json whole = parse_json(text, "GET /x");
    fuzz::require(whole.is_null() ? elements.empty() : whole == json(elements), "the same elements");
  }
  fuzz::require(!is_read || json::accept(text), "what is no JSON is no list");
}

}  // namespace

HALCYON_FUZZ_TARGET(json_answers, input) {
  fuzz::Choices choices(input);
  const std::uint8_t reader = choices.byte();
  const std::string_view text = choices.rest();
  json body;
  check_list(text);
  if (!fuzz::succeeds<Error>([&] { body = parse_json(text, "GET /x"); })) return;
  constexpr std::array<void (*)(const json&), 12> k_readers{
      [](const json& j) { parse_container(j); },       [](const json& j) { parse_container_summary(j); },
      [](const json& j) { parse_image(j); },           [](const json& j) { parse_image_summary(j); },
      [](const json& j) { parse_image_manifests(j); }, [](const json& j) { parse_disk_usage(j); },
      [](const json& j) { parse_volume(j); },          [](const json& j) { parse_platform(j); },
      [](const json& j) { parse_swarm_object(j); },    [](const json& j) { parse_progress(j); },
      [](const json& j) { find_message_error(j); },    check_stats};
  fuzz::succeeds<Error>([&] { k_readers[reader % k_readers.size()](body); });
}
