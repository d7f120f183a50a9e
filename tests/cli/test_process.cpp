// The program itself, as a process.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>

namespace halcyon::cli {
namespace {

struct Ended {
  int code = -1;
  std::string output;
};

/// Runs a shell command in which $H is the program; its two outputs come in one.
Ended shell(const std::string& command) {
  ::setenv("H", HALCYON_PROGRAM, 1);
  Ended ended;
  FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "re");
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    ended.output.append(buffer, n);
  }
  const int status = ::pclose(pipe);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

TEST(Process, version_is_printed) {
  const Ended ended = shell("$H version");
  EXPECT_EQ(ended.code, 0);
  EXPECT_TRUE(ended.output.starts_with("halcyon ")) << ended.output;
}

TEST(Process, a_usage_error_is_exit_code_2_and_one_document_on_standard_output) {
  const Ended ended = shell("$H frobnicate --json 2>/dev/null");
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(nlohmann::json::parse(ended.output)["outcome"], "usage");
}

TEST(Process, an_engine_that_is_not_there_is_exit_code_4) {
  const Ended ended = shell(
      "cd $(mktemp -d) && printf "
      "'[app]\\nname=\"shop\"\\nstate_dir=\"'$PWD'/state\"\\n[service.web]\\nimage=\"shop/web\"\\n"
      "port=80\\nroutes=[\"/\"]\\n[service.web.gate]\\npath=\"/"
      "\"\\n[environment.production]\\ndomain=\"a.example\"\\n' "
      "> halcyon.toml && DOCKER_HOST=unix:///nowhere.sock $H install production x");
  EXPECT_EQ(ended.code, 4) << ended.output;
  EXPECT_TRUE(ended.output.starts_with("unreachable  ")) << ended.output;
}

TEST(Process, closed_descriptors_and_a_full_disk_are_survived) {
  EXPECT_EQ(shell("$H version <&- >&- 2>&-").code, 0);
  const Ended full = shell("$H version > /dev/full");
  EXPECT_EQ(full.code, 1);
  EXPECT_EQ(full.output,
            "halcyon: the result could not be written to standard output: No space left on device\n");
}

TEST(Process, a_reader_that_went_away_is_no_failure) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const std::string program = HALCYON_PROGRAM;
  std::string verb = "help";
  char* arguments[] = {const_cast<char*>(program.c_str()), verb.data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace halcyon::cli
