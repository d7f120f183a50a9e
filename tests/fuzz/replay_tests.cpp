// Plays every file of every corpus back to its target, in the ordinary dev build: what a fuzzer once found
// stays found.
#include <gtest/gtest.h>
#include <sanitizer/common_interface_defs.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_target.hpp"

namespace halcyon::fuzz {
namespace {

std::string current_file;  // for the sanitizers' last words

std::vector<std::filesystem::path> corpus_of(const std::string& target) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(HALCYON_FUZZ_CORPUS "/" + target))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class Replay : public ::testing::Test {
 public:
  explicit Replay(const Target& target) : target_(target) {}

 protected:
  void TestBody() override {
    const auto files = corpus_of(target_.name);
    EXPECT_FALSE(files.empty()) << "a target without a corpus tests nothing";
    for (const auto& path : files) {
      current_file = path;
      std::ifstream file(path, std::ios::binary);
      const std::string input{std::istreambuf_iterator<char>(file), {}};
      EXPECT_NO_THROW(target_.run(input)) << path;
    }
    EXPECT_NO_THROW(target_.run("")) << "the empty input";
  }

 private:
  Target target_;
};

/// A corpus whose target was renamed or removed would rot unseen.
TEST(FuzzCorpus, every_directory_belongs_to_a_target) {
  for (const auto& entry : std::filesystem::directory_iterator(HALCYON_FUZZ_CORPUS)) {
    const std::string name = entry.path().filename();
    const auto is_it = [&](const Target& target) { return target.name == name; };
    EXPECT_TRUE(std::any_of(targets().begin(), targets().end(), is_it)) << name;
  }
}

}  // namespace
}  // namespace halcyon::fuzz

int main(int argc, char** argv) {
  using namespace halcyon::fuzz;
  ::testing::InitGoogleTest(&argc, argv);
  __sanitizer_set_death_callback([] { std::fprintf(stderr, "input: %s\n", current_file.c_str()); });
  for (const Target& target : targets()) {
    ::testing::RegisterTest("FuzzReplay", target.name, nullptr, nullptr, __FILE__, __LINE__,
                            [target]() -> Replay* { return new Replay(target); });
  }
  return RUN_ALL_TESTS();
}
