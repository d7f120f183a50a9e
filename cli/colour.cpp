#include "cli/colour.hpp"

#include <fmt/format.h>

namespace halcyon::cli {

bool uses_colour(const Context& context, bool is_terminal) {
  const Surroundings& surroundings = context.surroundings;
  return is_terminal && !context.options.no_color && !context.options.json &&
         surroundings.variable("NO_COLOR").empty() && surroundings.variable("TERM") != "dumb";
}

std::string paint(std::string_view text, Colour colour) {
  int code = 31;
  switch (colour) {
    case Colour::red:
      code = 31;
      break;
    case Colour::green:
      code = 32;
      break;
    case Colour::yellow:
      code = 33;
      break;
    case Colour::cyan:
      code = 36;
      break;
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace halcyon::cli
