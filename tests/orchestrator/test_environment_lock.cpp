#include "orchestrator/environment_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

using halcyon::testing::TemporaryDirectory;

TEST(EnvironmentLock, the_second_one_is_told_who_holds_it_since_when_and_for_what) {
  const TemporaryDirectory directory;
  const EnvironmentLock first(directory / "lock", "promote web=sha-1", "anna");
  try {
    const EnvironmentLock second(directory / "lock", "rollback", "ben");
    FAIL() << "two held the lock";
  } catch (const Error& error) {
    EXPECT_EQ(error.outcome(), Outcome::busy);
    const std::string text = error.what();
    EXPECT_NE(text.find("pid " + std::to_string(::getpid()) + " (anna) since 20"), std::string::npos) << text;
    EXPECT_NE(text.find(": promote web=sha-1"), std::string::npos) << text;
  }
}

TEST(EnvironmentLock, a_look_at_the_holder_disturbs_nobody) {
  const TemporaryDirectory directory;
  EXPECT_FALSE(find_lock_holder(directory / "lock"));
  {
    const EnvironmentLock held(directory / "lock", "promote", "anna");
    const auto holder = find_lock_holder(directory / "lock");
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->doing, "promote");
  }
  EXPECT_FALSE(find_lock_holder(directory / "lock")) << "the file is still there, but nobody holds it";
}

TEST(EnvironmentLock, is_gone_with_its_process_however_that_ends) {
  const TemporaryDirectory directory;
  const std::string path = directory / "lock";
  const pid_t child = ::fork();
  if (child == 0) {
    const EnvironmentLock held(path, "promote", "child");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_NO_THROW(EnvironmentLock(path, "resume", "parent"));
}

TEST(EnvironmentLock, text_with_line_breaks_cannot_garble_the_file) {
  const TemporaryDirectory directory;
  const EnvironmentLock held(directory / "lock", "promote\nfake", "anna\nroot");
  const auto holder = find_lock_holder(directory / "lock");
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->actor, "anna root");
  EXPECT_EQ(holder->doing, "promote fake");
}

}  // namespace
}  // namespace halcyon::orchestrator
