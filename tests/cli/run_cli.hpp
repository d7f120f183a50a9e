// Runs the program inside the test, with everything it touches given to it.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.hpp"
#include "cli/surroundings.hpp"
#include "tests/cli/fake_operations.hpp"

namespace halcyon::cli::test {

class StringOutput final : public Output {
 public:
  void write(std::string_view more) override { text += more; }
  void offer(std::string_view more) override { text += more; }
  bool is_behind() const noexcept override { return behind; }
  std::string failure() const override { return failed; }
  bool is_closed() const noexcept override { return closed; }

  std::string text;
  std::string failed;
  bool behind = false;
  bool closed = false;
};

/// Every test runs in an empty directory of its own that holds one valid halcyon.toml.
class CliTest : public ::testing::Test {
 protected:
  CliTest();
  ~CliTest() override;

  /// Runs `halcyon words...` and returns its exit code.
  int run(const std::vector<std::string>& words);
  /// What is on standard output; a test failure if it is not exactly one JSON document.
  nlohmann::json document() const;
  void write_file(const std::string& name, std::string_view text) const;

  Surroundings surroundings;
  StringOutput output;
  StringOutput error;

 private:
  std::string directory_;
  std::string old_directory_;
};

inline constexpr std::string_view k_valid_toml = R"([app]
name = "shop"

[service.web]
image = "127.0.0.1:5000/shop/web"
port = 8000
routes = ["/"]
[service.web.gate]
path = "/readyz"

[service.api]
image = "127.0.0.1:5000/shop/api"
port = 9000
routes = ["/api/"]
[service.api.gate]
path = "/readyz"

[service.db]
kind = "accessory"
image = "postgres:16"

[environment.production]
domain = "shop.example.com"
[environment.staging]
domain = "staging.shop.example.com"
)";

}  // namespace halcyon::cli::test
