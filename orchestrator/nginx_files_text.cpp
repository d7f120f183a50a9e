#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

#include "orchestrator/nginx_files_parts.hpp"

namespace halcyon::orchestrator {
namespace {

/// nginx puts every variable's name into a hash with buckets of 64 bytes (variables_hash_bucket_size, which
/// only one file may set); a longer name makes it refuse the whole configuration.
constexpr std::size_t k_longest_variable = 46;

}  // namespace

std::string short_digest(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (std::size_t i = 0; i < 8; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

void NginxText::line(std::string_view text) {
  text_.append(depth_ * 4, ' ');
  text_ += text;
  text_ += '\n';
}

void NginxText::open(std::string_view head) {
  line(fmt::format("{} {{", head));
  ++depth_;
}

void NginxText::close() {
  --depth_;
  line("}");
}

std::string NginxVariables::log_format() const {
  return fmt::format("halcyon_{}__{}", declaration_.app.as_identifier(),
                     declaration_.environment.as_identifier());
}

std::string NginxVariables::variable(std::string_view what, const Name* service) const {
  std::string owner =
      fmt::format("{}__{}", declaration_.app.as_identifier(), declaration_.environment.as_identifier());
  if (service != nullptr) owner += "__" + service->as_identifier();
  std::string name = fmt::format("halcyon_{}__{}", what, owner);
  // One '_' before the digest, where a readable name has two: the two kinds cannot meet.
  if (name.size() > k_longest_variable) name = fmt::format("halcyon_{}_{}", what, short_digest(owner));
  return "$" + name;
}

std::string nginx_time(milliseconds duration) { return fmt::format("{}ms", duration.count()); }

}  // namespace halcyon::orchestrator
