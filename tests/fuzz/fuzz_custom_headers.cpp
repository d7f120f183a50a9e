// Whatever DOCKER_CUSTOM_HEADERS holds, a request stays one request: what gets past the checks cannot end a
// line.
#include <map>

#include "docker_api/custom_headers.hpp"
#include "docker_api/error.hpp"
#include "docker_api/request_text.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;

namespace {

void check_headers(const std::vector<docker_api::HttpHeader>& headers) {
  docker_api::HttpRequest request{.headers = headers};
  docker_api::check_request_text(request);
  std::string head;
  docker_api::append_request_head(head, request);
  std::size_t lines = 0;
  for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) ++lines;
  fuzz::require(lines == 3 + headers.size(), "one line for each header");
  fuzz::require(head.find('\0') == std::string::npos, "no NUL");
  for (const docker_api::HttpHeader& header : headers) {
    fuzz::require(header.name.find_first_of(":\r\n \t") == std::string::npos && !header.name.empty(),
                  "a name is a token");
    for (const std::string_view ours : {"Host", "Content-Length", "Transfer-Encoding", "Connection"})
      fuzz::require(header.name != ours, "framing is not the user's");
  }
}

}  // namespace

HALCYON_FUZZ_TARGET(custom_headers, input) {
  std::vector<docker_api::HttpHeader> headers;
  if (fuzz::succeeds<docker_api::Error>([&] { headers = docker_api::parse_custom_headers(input); }))
    check_headers(headers);
  fuzz::Choices choices(input);
  std::map<std::string, std::string> given;
  while (!choices.rest().empty()) {
    const std::string name(choices.part('='));
    given[name] = choices.part(',');
  }
  headers.clear();
  if (fuzz::succeeds<docker_api::Error>([&] { headers = docker_api::check_headers(given, "config.json"); }))
    check_headers(headers);
}
