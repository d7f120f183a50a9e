// Text of others, made harmless for a terminal and cut to its width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace halcyon::cli {

enum class Lines {
  one,      ///< newlines become spaces
  several,  ///< newlines stay
};

/// Removes escape sequences and turns every other control character into ^X, so that nothing a container, a
/// registry or a file says can move the cursor, rename the window or hide what came before.
///
/// Shape: valid UTF-8 stays, except C1 controls and the characters that reverse the direction of text (U+202A
/// to
///        U+202E, U+2066 to U+2069), which become '?', as do bytes that are not UTF-8. Tabs become spaces.
std::string for_terminal(std::string_view text, Lines lines);

/// How many columns `text` takes; it has been through for_terminal().
std::size_t display_width(std::string_view text);
/// `text`, or as much of it as fits `columns` with "..." at its end.
std::string fit(std::string_view text, std::size_t columns);

}  // namespace halcyon::cli
