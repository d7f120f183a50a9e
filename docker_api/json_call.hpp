// Calls whose answer is one JSON value. A function of the caller's reads it: what that function finds wrong
// becomes an error about the call. Private to docker_api.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"

namespace halcyon::docker_api {

/// Which answer it was that could not be read.
struct AnswerOrigin {
  std::string endpoint;  ///< "GET /containers/x/json"
  int http_status = 0;
  std::string api_version;  ///< "1.41"
};
AnswerOrigin origin_of(const Engine& engine, std::string endpoint, const HttpResponse& response);

/// The error as one about that answer. In doubt after a call that acts: it was answered, but nobody knows
/// what.
Error about_answer(const Error& error, const AnswerOrigin& origin);

/// Calls `read`; an Error from it is made one about that answer.
template <class Read>
std::invoke_result_t<Read&> read_answer(const AnswerOrigin& origin, Read read) {
  try {
    return read();
  } catch (const Error& error) {
    throw about_answer(error, origin);
  }
}

using JsonVisitor = std::function<void(const nlohmann::json&)>;
/// Sends the request and shows the answer to `visit`. Errors: as Engine::call(); protocol if it is not JSON.
boost::asio::awaitable<void> visit_answer(Engine& engine, EngineRequest request, JsonVisitor visit);
/// The same with each element of the array that comes back; null is an empty array.
boost::asio::awaitable<void> visit_elements(Engine& engine, EngineRequest request, JsonVisitor visit);
/// Sends a DELETE; false for 404.
boost::asio::awaitable<bool> call_to_remove(Engine& engine, EngineRequest request);

template <class Read>
using ReadResult = std::invoke_result_t<Read&, const nlohmann::json&>;

/// Sends the request; returns what `read` makes of the answer. Errors: as visit_answer(), and read's own.
template <class Read>
boost::asio::awaitable<ReadResult<Read>> call_for(Engine& engine, EngineRequest request, Read read) {
  std::optional<ReadResult<Read>> result;
  co_await visit_answer(engine, std::move(request),
                        [&](const nlohmann::json& body) { result.emplace(read(body)); });
  co_return std::move(*result);
}

/// The same, but nothing for 404.
template <class Read>
boost::asio::awaitable<std::optional<ReadResult<Read>>> find_for(Engine& engine, EngineRequest request,
                                                                 Read read) {
  try {
    co_return co_await call_for(engine, std::move(request), std::move(read));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  co_return std::nullopt;
}

/// What `read` makes of each element of the array that comes back.
template <class Read>
boost::asio::awaitable<std::vector<ReadResult<Read>>> list_for(Engine& engine, EngineRequest request,
                                                               Read read) {
  std::vector<ReadResult<Read>> list;
  co_await visit_elements(engine, std::move(request),
                          [&](const nlohmann::json& body) { list.push_back(read(body)); });
  co_return list;
}

/// The answer's id. Errors: protocol if there is none.
std::string take_id(const nlohmann::json& body, const char* key);

}  // namespace halcyon::docker_api
