// The header that describes a path, and the base64 that it comes in.
#include "docker_api/base64.hpp"
#include "docker_api/container_archive.hpp"
#include "docker_api/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace docker_api;

HALCYON_FUZZ_TARGET(path_stat, input) {
  fuzz::succeeds<Error>([&] { parse_path_stat(input); });
  const std::string encoded = encode_base64(input);
  fuzz::succeeds<Error>([&] { parse_path_stat(encoded); });
  fuzz::require(decode_base64(encoded) == input, "base64 gives the bytes back");
  fuzz::require(decode_base64_secret(encoded).value_or(Secret()).reveal() == input,
                "and so it does for a secret");
  const auto bytes = decode_base64(input);
  if (!bytes) return;
  fuzz::require(bytes->size() <= input.size() / 4 * 3, "no more bytes than the letters hold");
  fuzz::require(encode_base64(*bytes).size() == input.size(), "the text has the right length");
}
