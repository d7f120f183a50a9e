#include "docker_api/error.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "docker_api/status_error.hpp"

namespace halcyon::docker_api {
namespace {

/// What only reads has no effect to look for.
bool only_reads(const ErrorFacts& facts) {
  return facts.endpoint.starts_with("GET ") || facts.endpoint.starts_with("HEAD ");
}

std::string_view advice_for(const ErrorFacts& facts) {
  if (facts.in_doubt && !only_reads(facts))
    return "; the request was sent, so look whether it took effect before you repeat it";
  if (facts.kind == ErrorKind::unauthorized) return "; check the credentials for that registry";
  return "";
}

std::string happened(const ErrorFacts& facts) {
  if (!facts.explanation.empty()) return facts.explanation;
  if (facts.http_status) return fmt::format("the engine answered {}", *facts.http_status);
  if (facts.kind == ErrorKind::in_stream) return "the engine reported an error";
  return std::string(to_string(facts.kind));
}

std::string compose(const ErrorFacts& facts) {
  std::string text = facts.endpoint.empty() ? "docker engine" : facts.endpoint;
  text += ": ";
  text += happened(facts);
  if (!facts.engine_text.empty()) {
    text += ": ";
    text += facts.engine_text;
  }
  text += advice_for(facts);
  return text;
}

/// A message of a stream may be megabytes, and so may what it calls an error.
const ErrorFacts& shorten(ErrorFacts& facts) {
  facts.engine_text = shorten_engine_text(std::move(facts.engine_text));
  return facts;
}

}  // namespace

std::string_view to_string(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::unreachable:
      return "unreachable";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::truncated:
      return "truncated";
    case ErrorKind::protocol:
      return "protocol";
    case ErrorKind::bad_request:
      return "bad_request";
    case ErrorKind::unauthorized:
      return "unauthorized";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::in_stream:
      return "in_stream";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::invalid_argument:
      return "invalid_argument";
  }
  return "unknown";
}

Error::Error(ErrorFacts facts) : std::runtime_error(compose(shorten(facts))), facts_(std::move(facts)) {}

bool Error::is_transient() const noexcept {
  switch (facts_.kind) {
    case ErrorKind::unreachable:
    case ErrorKind::timeout:
    case ErrorKind::truncated:
      return true;
    case ErrorKind::refused: {
      // The engine wraps a registry's network failure in 500, so 500 may pass by itself; 501 never does.
      const int status = facts_.http_status.value_or(0);
      return status == 429 || (status >= 500 && status != 501);
    }
    default:
      return false;
  }
}

}  // namespace halcyon::docker_api
