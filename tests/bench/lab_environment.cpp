#include "lab_environment.hpp"

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace halcyon::bench {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

int count(const char* name) {
  const std::string text = variable(name);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) {
    throw std::runtime_error(std::string(name) + "=" + text + " is not a number of 1 or more");
  }
  return number;
}

}  // namespace

std::vector<std::string> LabEnvironment::halcyon(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{program(), "--config", work_directory + "/halcyon.toml"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

LabEnvironment read_lab_environment() {
  LabEnvironment lab;
  lab.engine_text = variable("DOCKER_HOST");
  lab.engine = docker_api::parse_engine_address(lab.engine_text);
  lab.registry = variable("LAB_REGISTRY");
  lab.nginx_address = "127.0.0.1:" + variable("LAB_NGINX_PORT");
  lab.build_directory = variable("HALCYON_BENCH_BUILD");
  lab.work_directory = variable("HALCYON_BENCH_DIR");
  lab.promotions = count("HALCYON_BENCH_PROMOTIONS");
  lab.reload_promotions = count("HALCYON_BENCH_RELOADS");
  lab.pairs = count("HALCYON_BENCH_PAIRS");
  return lab;
}

}  // namespace halcyon::bench
