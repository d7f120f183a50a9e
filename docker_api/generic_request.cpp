#include "docker_api/generic_request.hpp"

#include <fmt/format.h>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

/// An engine answers a path with empty parts or dots by a redirect to another one (G32).
bool is_clean(std::string_view path) {
  if (!path.starts_with('/') || path.find_first_of("?#") != std::string_view::npos) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    path.remove_prefix(part.size());
  }
  return true;
}

}  // namespace

boost::asio::awaitable<HttpResponse> request(Engine& engine, std::string method, std::string path,
                                             Query query, std::string body) {
  if (!is_clean(path)) {
    throw Error(
        {.kind = ErrorKind::invalid_argument,
         .endpoint = fmt::format("{} {}", method, path),
         .explanation = "the path must begin with / and have no empty part, no . or .., no ? and no #"});
  }
  co_return co_await engine.call({.method = std::move(method),
                                  .path = std::move(path),
                                  .query = std::move(query),
                                  .json_body = std::move(body)});
}

}  // namespace halcyon::docker_api
