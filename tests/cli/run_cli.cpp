#include "tests/cli/run_cli.hpp"

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/program.hpp"

namespace halcyon::cli::test {

CliTest::CliTest() : old_directory_(std::filesystem::current_path()) {
  fake() = FakeOperations();
  std::string pattern = std::filesystem::temp_directory_path() / "halcyon-cli-XXXXXX";
  directory_ = ::mkdtemp(pattern.data());
  std::filesystem::current_path(directory_);
  write_file("halcyon.toml", k_valid_toml);
  surroundings.actor = "anna";
  surroundings.docker.has_socket = [](const std::string&) {
    return false;
  };  // no rootless engine of this machine
  // 2026-07-30T12:00:00Z
  surroundings.now = std::chrono::sys_seconds{std::chrono::seconds{1'785'412'800}};
}

CliTest::~CliTest() {
  std::filesystem::current_path(old_directory_);
  std::filesystem::remove_all(directory_);
}

int CliTest::run(const std::vector<std::string>& words) {
  return run_program(words, surroundings, output, error);
}

nlohmann::json CliTest::document() const {
  nlohmann::json result = nlohmann::json::parse(output.text, nullptr, false);
  EXPECT_FALSE(result.is_discarded()) << "not one JSON document: " << output.text;
  return result;
}

void CliTest::write_file(const std::string& name, std::string_view text) const {
  std::ofstream(directory_ + '/' + name) << text;
}

}  // namespace halcyon::cli::test
