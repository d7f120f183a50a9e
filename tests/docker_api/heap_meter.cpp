#include "tests/docker_api/heap_meter.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace halcyon::docker_api {
namespace {

std::atomic<std::size_t> in_use{0};
std::atomic<std::size_t> peak{0};
std::atomic<std::size_t> largest{0};

void raise(std::atomic<std::size_t>& mark, std::size_t value) {
  std::size_t known = mark.load();
  while (known < value && !mark.compare_exchange_weak(known, value)) {
  }
}

void* take_memory(std::size_t bytes) {
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  const std::size_t taken = ::malloc_usable_size(memory);
  raise(largest, taken);
  raise(peak, in_use += taken);
  return memory;
}

void give_back(void* memory) noexcept {
  if (memory == nullptr) return;
  in_use -= ::malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

HeapMeter::HeapMeter() : begin_(in_use) {
  peak = begin_;
  largest = 0;
}

std::size_t HeapMeter::peak_bytes() const { return peak - begin_; }
std::size_t HeapMeter::largest_bytes() const { return largest; }

}  // namespace halcyon::docker_api

void* operator new(std::size_t bytes) { return halcyon::docker_api::take_memory(bytes); }
void operator delete(void* memory) noexcept { halcyon::docker_api::give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { halcyon::docker_api::give_back(memory); }
