#include "docker_api/secret.hpp"

#include <openssl/crypto.h>

namespace halcyon::docker_api {
namespace {

void cleanse_and_delete(std::string* text) noexcept {
  cleanse(*text);
  delete text;
}

}  // namespace

Secret::Secret(std::string_view text) {
  if (!text.empty()) text_ = std::shared_ptr<std::string>(new std::string(text), cleanse_and_delete);
}

std::string_view Secret::reveal() const noexcept { return text_ ? std::string_view(*text_) : ""; }

bool Secret::operator==(const Secret& other) const noexcept {
  const std::string_view mine = reveal();
  const std::string_view theirs = other.reveal();
  return mine.size() == theirs.size() && CRYPTO_memcmp(mine.data(), theirs.data(), mine.size()) == 0;
}

void cleanse(std::string& text) noexcept {
  text.resize(text.capacity());  // within the capacity nothing is allocated, so nothing is left behind
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace halcyon::docker_api
