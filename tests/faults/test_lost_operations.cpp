// ALICE's question: the file operations of a run, cut off behind each of them, with what was not synced lost,
// kept out of order, or torn; what the recovery makes of every state that this leaves.
#include <cstdio>
#include <unordered_set>

#include "fault_runs.hpp"
#include "lost_states.hpp"

namespace halcyon::fault_tests {
namespace {

using lab_tests::ended;

/// Where states are made again: in memory, or a hundred thousand syncs would take their time.
class MemoryDirectory {
 public:
  MemoryDirectory() {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make a directory in /dev/shm");
  }
  ~MemoryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  MemoryDirectory(const MemoryDirectory&) = delete;
  MemoryDirectory& operator=(const MemoryDirectory&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_ = "/dev/shm/halcyon-states-XXXXXX";
};

std::string text_of(const Tree& tree) {
  std::string text;
  for (const auto& [path, node] : tree) {
    text += path + '\0' + std::to_string(static_cast<int>(node.kind)) + ' ' + std::to_string(node.mode) +
            ' ' + std::to_string(node.content.size()) + ' ' + node.content;
  }
  return text;
}

class LostOperations : public testing::Test {
 protected:
  Roots roots() const {
    return {{runs_.project().directory() + "/state", runs_.host().lab().nginx_conf_dir}};
  }

  std::string record() const { return runs_.host().directory() + "/record"; }

  /// Runs the command and looks at every state that a power cut can leave of it; by default behind every
  /// `stride`-th operation.
  void look_at(const char* what, const std::vector<std::string>& words, std::size_t stride);

  FaultRuns runs_;
};

void LostOperations::look_at(const char* what, const std::vector<std::string>& words, std::size_t stride) {
  FileHistory history(roots());
  runs_.run_with(words, {}, record());
  ASSERT_TRUE(ended(runs_.last(), 0, "deployed"));
  history.add(read_operations(record()));
  ASSERT_EQ(history.state(history.size(), {}), read_tree(roots())) << "the record does not tell everything";
  const MemoryDirectory memory;
  const StateRecovery recovery(history, runs_.project().file(), runs_.host().directory(), memory.path());
  std::uint64_t states = 0, opened = 0;
  std::unordered_set<std::string> seen;
  for (std::size_t count = 0; count <= history.size(); count += is_full() ? 1 : stride) {
    seen.clear();  // what is to be found depends on how much was acknowledged
    for (const LostState& lost : list_states(history, count, is_full() ? 64 : 6)) {
      ++states;
      const Tree tree = history.state(count, lost.loss);
      if (!seen.insert(text_of(tree)).second) continue;
      ++opened;
      const auto faults = recovery.find_faults(count, tree);
      ASSERT_TRUE(faults.empty()) << "cut off behind operation " << count << " of " << history.size() << ", "
                                  << lost.name << ": " << testing::PrintToString(faults);
    }
  }
  EXPECT_GE(history.size(), crash_tests::k_fewest_points) << "does the linker still wrap the calls?";
  std::printf("states that a power cut can leave of %s of %zu operations: %llu, of which %llu differ\n", what,
              history.size(), static_cast<unsigned long long>(states),
              static_cast<unsigned long long>(opened));
}

TEST_F(LostOperations, of_a_first_install_leave_a_valid_state) {
  look_at("a first install", {"install", "production", "one"}, 6);
}

TEST_F(LostOperations, of_a_promotion_leave_a_valid_state) {
  runs_.install();
  look_at("a promotion", {"promote", "production", "two"}, 3);
}

/// The program is killed before an operation, what was not synced is lost in one way or another, and the
/// whole recovery goes on from there: engine, nginx and all.
TEST_F(LostOperations, of_a_promotion_are_recovered_from) {
  runs_.install();
  const std::uint64_t stride = is_full() ? 1 : 4;
  std::uint64_t point = 1, recovered = 0;
  for (;; point += stride) {
    ASSERT_LT(point, crash_tests::k_too_many);
    std::filesystem::remove(record());
    FileHistory history(roots());
    if (!runs_.promote_with({Fault::death, 0, point}, record())) break;
    history.add(read_operations(record()));
    const auto states = list_states(history, history.size(), 3);
    const LostState& lost = states[(recovered * 5 + 1) % states.size()];
    SCOPED_TRACE("before operation " + std::to_string(point) + ", " + lost.name + ": " + runs_.place());
    write_tree(history.state(history.size(), lost.loss), roots(), "", "");
    runs_.look_again();
    ++recovered;
    ASSERT_TRUE(crash_tests::answers(runs_.project(), {runs_.serving(), runs_.wanted()}));
    ASSERT_NO_FATAL_FAILURE(runs_.recover(recovered % 2 == 0));
  }
  ASSERT_TRUE(ended(runs_.last(), 0, "deployed"));
  EXPECT_GE(recovered, crash_tests::k_fewest_points);
  std::printf("states that a power cut left of a promotion, recovered from: %llu\n",
              static_cast<unsigned long long>(recovered));
}

}  // namespace
}  // namespace halcyon::fault_tests
