// Text for a terminal of 80 columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::demo {

enum class Colour { bold, green, red, dim };

/// True if standard output is a terminal that wants colours (https://no-color.org).
bool wants_colours();
/// The text in a colour, or as it is.
std::string paint(std::string_view text, Colour colour);

/// 8412 -> "8,412".
std::string with_commas(std::uint64_t number);
/// "703 ms", "1.8 s".
std::string duration(std::int64_t milliseconds);

/// Joins words with `separator` into lines that fit; all lines but the first begin with `indent` blanks, and
/// the first is taken to stand behind as many already.
std::string wrap(const std::vector<std::string>& words, std::string_view separator, std::size_t indent);
/// The same for running text; its own line breaks stay.
std::string wrap_text(std::string_view text, std::size_t indent);

}  // namespace halcyon::demo
