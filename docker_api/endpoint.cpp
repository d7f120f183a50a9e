#include "docker_api/endpoint.hpp"

#include <fmt/format.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>

namespace halcyon::docker_api {
namespace asio = boost::asio;
using Endpoint = asio::generic::stream_protocol::endpoint;

namespace {

std::string_view remedy(const EngineAddress& address, int code) {
  const bool is_unix = std::holds_alternative<UnixAddress>(address);
  switch (code) {
    case ENOENT:
      return "; there is no such socket: is the engine running?";
    case EACCES:
    case EPERM:
      return "; run as root or join group docker";
    case ECONNREFUSED:
      return is_unix ? "; nobody listens on that socket: is the engine running?"
                     : "; nobody listens on that port";
    default:
      return "";
  }
}

}  // namespace

Endpoint to_endpoint(const UnixAddress& address) {
  try {
    return asio::local::stream_protocol::endpoint(address.path);
  } catch (const boost::system::system_error& error) {  // Asio's own exception must not leave the folder
    throw Error(
        {.kind = ErrorKind::invalid_argument,
         .endpoint = "connect",
         .explanation = fmt::format("{} is no address: {}", to_string(address), error.code().message())});
  }
}

Error make_connect_error(const EngineAddress& address, const boost::system::error_code& error) {
  return Error({.kind = ErrorKind::unreachable,
                .endpoint = "connect",
                .explanation = fmt::format("cannot connect to {}: {}{}", to_string(address), error.message(),
                                           remedy(address, error.value()))});
}

Error make_connect_error(const EngineAddress& address, std::string_view explanation) {
  return Error({.kind = ErrorKind::unreachable,
                .endpoint = "connect",
                .explanation = fmt::format("cannot connect to {}: {}", to_string(address), explanation)});
}

}  // namespace halcyon::docker_api
