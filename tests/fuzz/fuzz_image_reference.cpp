// What is understood is written so that it is understood as the same.
#include "docker_api/error.hpp"
#include "docker_api/image_reference.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using docker_api::parse_image_reference;

HALCYON_FUZZ_TARGET(image_reference, input) {
  docker_api::ImageReference reference;
  if (!fuzz::succeeds<docker_api::Error>([&] { reference = parse_image_reference(input); })) return;
  const std::string text = reference.to_string();
  fuzz::require(parse_image_reference(text) == reference, "the text of a reference is the same reference");
  fuzz::require(!reference.registry().empty(), "there is always a registry");
  fuzz::require(reference.repository.starts_with(reference.registry() + "/"),
                "it is where the repository begins");
  fuzz::require(!reference.tag || docker_api::is_tag(*reference.tag), "a tag is a tag");
  fuzz::require(!reference.digest || docker_api::is_digest(reference.digest->value), "a digest is a digest");
  for (const char c : text) {
    fuzz::require(c > ' ' && c < 0x7f && std::string_view("?#%&\\\"").find(c) == std::string_view::npos,
                  "a reference can stand in a path");
  }
}
