// README's "Five minutes", done word for word from step 4 on: its halcyon.toml, its commands, what it says
// they print.
#include <regex>
#include <sstream>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

constexpr const char* k_image = "127.0.0.1:5000/shop/web";  // README's
constexpr const char* k_domain = "shop.localhost";

/// A fenced block of README: ```LANGUAGE ... ```
struct Block {
  std::string language;
  std::vector<std::string> lines;
};

std::vector<Block> read_five_minutes() {
  std::istringstream text(read_file(HALCYON_README));
  std::vector<Block> blocks;
  bool in_section = false;
  bool in_block = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("## ")) in_section = line == "## Five minutes";
    if (!in_section) continue;
    if (line.starts_with("```")) {
      in_block = !in_block;
      if (in_block) blocks.push_back({.language = line.substr(3), .lines = {}});
    } else if (in_block) {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

std::string without_comment(const std::string& line) {
  return std::regex_replace(line, std::regex(R"(\s+#.*$)"), "");
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream text(line);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

/// A command of README and what it prints, "..." for lines of no interest.
struct Example {
  std::string command;
  std::vector<std::string> output;
};

std::vector<Example> examples_of(const Block& block) {
  std::vector<Example> examples;
  for (const std::string& line : block.lines) {
    if (line.starts_with("$ ")) {
      examples.push_back({.command = without_comment(line.substr(2)), .output = {}});
    } else if (!examples.empty()) {
      examples.back().output.push_back(line);
    }
  }
  return examples;
}

class Readme : public testing::Test {
 protected:
  Readme() {
    for (const char* tag : {"1", "2"})
      ensure_image(the_lab(), std::string("app:") + tag, {std::string("RELEASE=") + tag});
  }

  /// README's file, for this lab's registry and nginx.
  void configure(const Block& block) const {
    std::string text;
    for (const std::string& line : block.lines) {
      text += line + "\n";
      if (line == "[app]") text += "state_dir = " + quoted(project_.directory() + "/state") + "\n";
    }
    replace(text, quoted("shop"), quoted(project_.app()));
    replace(text, k_image, the_lab().registry + "/app");
    text += "[nginx]\nlisten = " + quoted("127.0.0.1:" + std::to_string(the_lab().nginx_port)) +
            "\nconfig = " + quoted(the_lab().nginx_conf) +
            "\nconf_dir = " + quoted(the_lab().nginx_conf_dir) +
            "\npid_file = " + quoted(the_lab().nginx_pid_file) + "\n";
    write_file(project_.file(), text);
  }

  Finished halcyon(const std::string& command) const {
    Program program{.words = words_of(command), .variables = {{"DOCKER_HOST", the_lab().docker_host}}};
    program.words.front() = needed_variable("HALCYON_PROGRAM");
    program.directory = project_.directory();
    return run(program);
  }

  std::string run_command(const std::string& command) const {
    if (command.starts_with("curl ")) return get_from_loopback(the_lab().nginx_port, k_domain, "/").body;
    const Finished finished = halcyon(command);
    EXPECT_EQ(finished.exit_code, 0) << command << "\n" << finished.out << finished.err;
    return finished.out;
  }

  /// Without what is another lab's, another moment's or another width's.
  std::string normal(std::string line) const {
    replace(line, the_lab().registry + "/app", k_image);
    replace(line, project_.app(), "shop");
    replace(line, ":" + std::to_string(the_lab().nginx_port), "");
    line = std::regex_replace(line, std::regex(R"(\d{4}-\d\d-\d\dT[\d:.]+Z)"), "TIME");
    line = std::regex_replace(line, std::regex(R"(\d+(\.\d+)? m?s\b)"), "DURATION");
    line = std::regex_replace(line, std::regex(" +"), " ");
    return std::regex_replace(line, std::regex(" $"), "");
  }

  const Project& project() const { return project_; }

 private:
  static void replace(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }

  const Project project_;
};

TEST_F(Readme, five_minutes_are_as_it_says) {
  bool configured = false;
  std::size_t commands = 0;
  for (const Block& block : read_five_minutes()) {
    if (block.language == "toml") {
      configure(block);
      configured = true;
      continue;
    }
    for (const Example& example : examples_of(block)) {
      ASSERT_TRUE(configured) << example.command;
      ++commands;
      std::istringstream printed(run_command(example.command));
      for (const std::string& expected : example.output) {
        if (expected == "...") break;
        std::string line;
        ASSERT_TRUE(std::getline(printed, line)) << example.command << " does not print: " << expected;
        EXPECT_EQ(normal(line), normal(expected)) << example.command;
      }
    }
    if (commands == 0 || !block.lines.front().starts_with("halcyon ")) continue;
    for (const std::string& line : block.lines) {
      const std::string command = without_comment(line);
      if (command.ends_with(" -f")) continue;  // would never end
      ++commands;
      run_command(command);
    }
  }
  EXPECT_GE(commands, 9U) << "README has another form than this test knows";
  EXPECT_TRUE(project().engine().list("/containers/json", project().app()).size() == 2U);
}

}  // namespace
}  // namespace halcyon::lab_tests
