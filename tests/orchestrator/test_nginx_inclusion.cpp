// Which of our files nginx reads, and what is said about those that it does not.
#include "orchestrator/nginx_inclusion.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

TEST(ConfigurationFiles, are_those_whose_dump_begins) {
  EXPECT_EQ(parse_configuration_files(
                "# configuration file /etc/nginx/nginx.conf:\nhttp {\n  # configuration file x:\n}\n"
                "\n# configuration file /etc/nginx/conf.d/a b.conf:\nserver {}\n"),
            (std::vector<std::string>{"/etc/nginx/nginx.conf", "/etc/nginx/conf.d/a b.conf"}));
  EXPECT_TRUE(parse_configuration_files("").empty());
  EXPECT_TRUE(parse_configuration_files("# configuration file unfinished").empty());
}

TEST(MissingInclusions, are_told_by_what_a_path_leads_to) {
  const testing::TemporaryDirectory directory;
  const StateDirectory state(directory.path() + "/state");
  std::filesystem::create_directories(state.gate());
  std::ofstream(state.gate() + "/http.conf").put('\n');
  std::filesystem::create_directory_symlink(state.root(), directory.path() + "/link");
  const std::vector<NginxFile> files{{"http.conf", "\n"}, {"server.conf", "\n"}};
  EXPECT_EQ(find_missing_inclusions(state, files, {directory.path() + "/link/gate/http.conf"}),
            (std::vector<std::string>{"server.conf"}));
  EXPECT_EQ(find_missing_inclusions(state, files, {"/etc/nginx/http.conf"}),
            (std::vector<std::string>{"http.conf", "server.conf"}));
}

}  // namespace
}  // namespace halcyon::orchestrator
