// Whatever a caller puts into a request, it stays one request for one resource.
#include "docker_api/error.hpp"
#include "docker_api/request_text.hpp"
#include "docker_api/resource_path.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace docker_api;

HALCYON_FUZZ_TARGET(request_head, input) {
  fuzz::Choices choices(input);
  HttpRequest request;
  request.method = choices.part(' ');
  request.target = choices.part(' ');
  request.host = choices.part('\n');
  while (!choices.rest().empty()) {
    std::string name(choices.part(':'));
    request.headers.push_back({std::move(name), std::string(choices.part('\n'))});
  }
  if (fuzz::succeeds<Error>([&] { check_request_text(request); })) {
    std::string head;
    append_request_head(head, request);
    fuzz::require(head.find("\r\n\r\n") == head.size() - 4, "one head");
    fuzz::require(head.substr(0, head.find("\r\n")) == request.method + " " + request.target + " HTTP/1.1",
                  "one request line");
  }
  std::string path;
  if (fuzz::succeeds<Error>([&] { path = resource_path("/containers/", input, "/json"); })) {
    const std::string_view id = std::string_view(path).substr(12, path.size() - 17);
    fuzz::require(
        !id.empty() && id != "." && id != ".." && id.find_first_of("/?#\\") == std::string_view::npos,
        "an id is one part of a path");
  }
  for (const char c : percent_encode_query(input))
    fuzz::require(c > ' ' && c < 0x7f && std::string_view("&=+?#/").find(c) == std::string_view::npos,
                  "one value of a query");
}
