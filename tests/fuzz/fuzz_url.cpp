// URLs: what is understood is written so that it is understood as the same, a redirect leads to something
// that can be asked, and no message shows a password or a query that somebody put there.
#include "docker_api/error.hpp"
#include "docker_api/url.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using docker_api::Error;
using docker_api::Url;

namespace {

void check_written(const Url& url) {
  fuzz::require(docker_api::parse_url(to_string(url)) == url,
                "the text of a URL is the same URL: " + to_string(url));
  fuzz::require(url.target.starts_with('/'), "a target begins with a slash");
  fuzz::require(url.target.find_first_of(" #\r\n") == std::string::npos,
                "a target is one word of a request line");
  fuzz::require(to_shown_string(url).find('?') == std::string::npos, "what is shown has no query");
  fuzz::require(!host_header(url).empty() && !origin_of(url).empty(), "a URL has a host");
}

}  // namespace

HALCYON_FUZZ_TARGET(url, input) {
  if (fuzz::knows_password(input)) return;
  fuzz::Choices choices(input);
  const std::string first(choices.part('\n'));
  const std::string reference(choices.rest());
  Url url{.host = "example.org", .port = 80, .target = "/a/b?c"};
  if (fuzz::succeeds<Error>([&] { url = docker_api::parse_url(first); })) check_written(url);
  Url resolved;
  if (fuzz::succeeds<Error>([&] { resolved = docker_api::resolve_url(url, reference); }))
    check_written(resolved);
  const std::string user = "deploy:" + std::string(fuzz::k_password) + "@";
  for (const std::string& secret :
       {"https://" + user + first, user + first, first + "?token=" + std::string(fuzz::k_password)}) {
    const std::string words = fuzz::words_of<Error>([&] { docker_api::parse_url(secret); });
    fuzz::require(!fuzz::shows_password(words), "the password is not shown: " + words);
  }
}
