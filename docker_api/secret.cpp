#include "docker_api/secret.hpp"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <limits>
#include <new>

namespace halcyon::docker_api {
namespace {

std::size_t whole_pages(std::size_t bytes) {
  static const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (bytes > std::numeric_limits<std::size_t>::max() - page_bytes) throw std::bad_alloc();
  return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}

}  // namespace

template <>
char* SecretAllocator<char>::allocate(std::size_t count) {
  const std::size_t bytes = whole_pages(count);
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  if (::madvise(memory, bytes, MADV_DONTDUMP) != 0) {
    ::munmap(memory, bytes);
    throw std::bad_alloc();
  }
  ::mlock(memory, bytes);  // refused beyond RLIMIT_MEMLOCK: then it may be swapped out
  return static_cast<char*>(memory);
}

template <>
void SecretAllocator<char>::deallocate(char* memory, std::size_t count) noexcept {
  OPENSSL_cleanse(memory, count);
  ::munmap(memory, whole_pages(count));
}

Secret::Secret(std::string_view text) {
  if (!text.empty()) text_ = std::make_shared<const SecretText>(text.begin(), text.end());
}

Secret::Secret(SecretText text) {
  if (!text.empty()) text_ = std::make_shared<const SecretText>(std::move(text));
}

std::string_view Secret::reveal() const noexcept {
  return text_ ? std::string_view(text_->data(), text_->size()) : "";
}

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
