// A database's URL: what is said about it never shows the password, and what is redacted stays so.
#include "db/database_url.hpp"
#include "db/redacted_url.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;

namespace {

void check_url(const std::string& text) {
  const auto parsed = db::parse_database_url(text);
  fuzz::require(parsed.url.has_value() == parsed.problem.empty(), "a URL or a problem");
  fuzz::require(!fuzz::shows_password(parsed.problem),
                "the problem does not show the password: " + parsed.problem);
  if (parsed.url) {
    fuzz::require(parsed.url->port != 0 || parsed.url->kind == db::DatabaseKind::sqlite, "a port is a port");
    for (const std::string* part : {&parsed.url->host, &parsed.url->user, &parsed.url->database})
      fuzz::require(part->find('\0') == std::string::npos, "no NUL");
  }
  const std::string redacted = db::redact_urls(text);
  fuzz::require(db::redact_urls(redacted) == redacted, "to redact twice changes nothing: " + redacted);
}

}  // namespace

HALCYON_FUZZ_TARGET(database_url, input) {
  if (fuzz::knows_password(input)) return;
  check_url(std::string(input));
  fuzz::Choices choices(input);
  const std::string before(choices.part());
  const std::string user(choices.part());
  const std::string after(choices.rest());
  const std::string password(fuzz::k_password);
  if (user.find_first_of(" \t\r\n\"'") != std::string::npos) return;  // there a URL ends
  const std::string url = "postgresql://" + user + ":" + password + "@" + after;
  check_url(url);
  fuzz::require(!fuzz::shows_password(db::redact_urls(before + url)),
                "a password: " + db::redact_urls(before + url));
  const std::string option = "postgres://db.example.com/shop?" + user + "&password=" + password + "&" + after;
  check_url(option);
  fuzz::require(!fuzz::shows_password(db::redact_urls(before + option)),
                "an option: " + db::redact_urls(before + option));
}
