// libFuzzer's way into the one target of this program.
#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto& all = halcyon::fuzz::targets();
  if (all.size() != 1) throw std::logic_error("a fuzz program has exactly one target");
  all.front().run(size == 0 ? std::string_view()
                            : std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
