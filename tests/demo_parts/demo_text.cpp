#include "demo_text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace halcyon::demo {
namespace {

constexpr std::size_t k_columns = 80;

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::bold:
      return "1";
    case Colour::green:
      return "32";
    case Colour::red:
      return "31";
    case Colour::dim:
      return "2";
  }
  return "0";
}

}  // namespace

bool wants_colours() {
  const char* const refused = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  if (refused != nullptr && *refused != '\0') return false;
  return ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

std::string paint(std::string_view text, Colour colour) {
  static const bool wanted = wants_colours();
  return wanted ? fmt::format("\x1b[{}m{}\x1b[0m", code_of(colour), text) : std::string(text);
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t place = text.size(); place > 3;) {
    place -= 3;
    text.insert(place, ",");
  }
  return text;
}

std::string duration(std::int64_t milliseconds) {
  return milliseconds < 1000 ? fmt::format("{} ms", milliseconds)
                             : fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1000);
}

std::string wrap(const std::vector<std::string>& words, std::string_view separator, std::size_t indent) {
  std::string text;
  std::size_t column = indent;
  for (std::size_t index = 0; index < words.size(); ++index) {
    const bool is_last = index + 1 == words.size();
    const std::string word = words[index] + std::string(is_last ? "" : separator);
    if (column > indent && column + 1 + word.size() > k_columns) {
      text += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      text += ' ';
      ++column;
    }
    text += word;
    column += word.size();
  }
  return text;
}

std::string wrap_text(std::string_view text, std::size_t indent) {
  std::string wrapped;
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" \n"), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    const bool line_ends = end < text.size() && text[end] == '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line_ends && !text.empty()) continue;
    wrapped += (wrapped.empty() ? "" : "\n" + std::string(indent, ' ')) + wrap(words, "", indent);
    words.clear();
  }
  return wrapped;
}

}  // namespace halcyon::demo
