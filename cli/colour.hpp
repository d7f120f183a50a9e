// Whether to use colours, and how.
#pragma once

#include <string>
#include <string_view>

#include "cli/context.hpp"

namespace halcyon::cli {

enum class Colour { red, green, yellow, cyan };

/// Not with --no-color, NO_COLOR, --json or a dumb terminal. Source: https://no-color.org.
bool uses_colour(const Context& context, bool is_terminal);
std::string paint(std::string_view text, Colour colour);

}  // namespace halcyon::cli
