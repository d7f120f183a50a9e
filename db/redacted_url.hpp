// Passwords taken out of what is printed. Pure.
#pragma once

#include <string>
#include <string_view>

namespace halcyon::db {

/// The text with every password in a URL replaced by "***"; everything else stays.
///
/// Shape:  scheme://user:password@..., and the values of options whose name has "pass", "secret" or "token"
/// in
///         it. A URL ends at a blank, a quote, or the end of the text.
/// In doubt: of a URL that is written wrongly (a '/', '?' or '@' inside the password) too much is replaced
///         rather than too little.
std::string redact_urls(std::string_view text);

}  // namespace halcyon::db
