#include "docker_api/negotiation.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace halcyon::docker_api {
namespace asio = boost::asio;

asio::awaitable<void> wait_for(std::shared_ptr<Negotiation> negotiation) {
  boost::system::error_code ignored;  // always "aborted": that is how it ends
  co_await negotiation->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw Error(
        {.kind = ErrorKind::cancelled, .endpoint = "GET /_ping", .explanation = "given up by the caller"});
  }
  const std::optional<Error>& failure = negotiation->failure;
  if (failure) throw *failure;
}

Peer negotiate(const HttpResponse& ping) {
  const auto header = ping.find_header("Api-Version");
  const auto version = header ? parse_api_version(*header) : std::nullopt;
  if (!version) {
    throw Error({.kind = ErrorKind::protocol,
                 .endpoint = "GET /_ping",
                 .http_status = ping.status,
                 .explanation =
                     "the answer names no Api-Version: this is not a Docker engine, or something between "
                     "takes the header away"});
  }
  // Podman answers to both APIs and says so; its Server header is free text.
  const bool podman = ping.find_header("Libpod-API-Version").has_value();
  return {negotiate_api_version(*version), podman ? EngineKind::podman : EngineKind::docker};
}

}  // namespace halcyon::docker_api
