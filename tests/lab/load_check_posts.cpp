// Compares the ids that the generator sent with the ids that the application logged.
#include "load_check_posts.h"

#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

namespace halcyon::lab {
namespace {

constexpr std::size_t k_examples = 20;

struct Fate {
  bool is_sent = false;
  bool is_answered = false;
  unsigned logged = 0;
};
using Fates = std::unordered_map<std::string, Fate>;

void for_each_line(const std::string& path, const std::function<void(std::string_view)>& visit) {
  std::ifstream file;
  if (path != "-") {
    file.open(path);
    if (!file) throw std::runtime_error{"cannot read " + path};
  }
  std::istream& input = path == "-" ? std::cin : file;
  for (std::string line; std::getline(input, line);) visit(line);
}

void read_sent(const std::string& path, Fates& fates) {
  for_each_line(path, [&fates](std::string_view line) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return;
    Fate& fate = fates[std::string{line.substr(0, space)}];
    fate.is_sent = true;
    fate.is_answered = line.substr(space + 1) == "answered";
  });
}

// The mark is searched for, because the engine may put a time before the line.
void read_logged(const std::string& path, Fates& fates) {
  static constexpr std::string_view k_mark = "post id=";
  for_each_line(path, [&fates](std::string_view line) {
    const auto mark = line.find(k_mark);
    if (mark == std::string_view::npos) return;
    const std::string_view rest = line.substr(mark + k_mark.size());
    const std::string_view id = rest.substr(0, rest.find(' '));
    if (!id.empty()) ++fates[std::string{id}].logged;
  });
}

void note(nlohmann::ordered_json& examples, const std::string& id) {
  if (examples.size() < k_examples) examples.push_back(id);
}

}  // namespace

int check_posts(const CheckPostsOptions& options) {
  Fates fates;
  read_sent(options.sent_file, fates);
  for (const std::string& path : options.logged_files) read_logged(path, fates);

  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t never_logged = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t unanswered_but_logged = 0;
  std::uint64_t logged_by_others = 0;
  nlohmann::ordered_json never_logged_ids = nlohmann::ordered_json::array();
  nlohmann::ordered_json duplicated_ids = nlohmann::ordered_json::array();
  for (const auto& [id, fate] : fates) {
    if (!fate.is_sent) {
      ++logged_by_others;
      continue;
    }
    ++sent;
    if (fate.is_answered) ++answered;
    if (fate.is_answered && fate.logged == 0) {
      ++never_logged;
      note(never_logged_ids, id);
    }
    if (fate.logged > 1) {
      ++duplicated;
      note(duplicated_ids, id);
    }
    if (!fate.is_answered && fate.logged > 0) ++unanswered_but_logged;
  }
  const bool is_ok = never_logged + duplicated == 0;
  const nlohmann::ordered_json report{{"sent", sent},
                                      {"answered", answered},
                                      {"answered_but_never_logged", never_logged},
                                      {"answered_but_never_logged_ids", never_logged_ids},
                                      {"duplicated", duplicated},
                                      {"duplicated_ids", duplicated_ids},
                                      {"unanswered_but_logged", unanswered_but_logged},
                                      {"logged_by_others", logged_by_others},
                                      {"ok", is_ok}};
  std::cout << report.dump(2) << std::endl;
  return is_ok ? 0 : 1;
}

}  // namespace halcyon::lab
