// bench PART: measures one part in the lab that tests/bench/run has started.
#include "bench.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <exception>
#include <string_view>

namespace halcyon::bench {
namespace {

struct Part {
  std::string_view name;
  void (*measure)(const LabEnvironment& lab);
};
constexpr std::array<Part, 3> k_parts{
    {{"docker_api", measure_docker_api}, {"promotion", measure_promotion}, {"traffic", measure_traffic}}};

int run(std::string_view name) {
  for (const Part& part : k_parts) {
    if (part.name != name) continue;
    part.measure(read_lab_environment());
    return 0;
  }
  fmt::print(stderr, "bench: there is no part \"{}\"\n", name);
  return 2;
}

}  // namespace
}  // namespace halcyon::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: bench PART (tests/bench/run starts it)\n");
    return 2;
  }
  try {
    return halcyon::bench::run(argv[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench: {} could not be measured: {}\n", argv[1], error.what());
    return 1;
  }
}
