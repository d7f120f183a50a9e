#include "orchestrator/failure.hpp"

#include <fmt/format.h>

#include "backup/error.hpp"
#include "docker_api/error.hpp"

namespace halcyon::orchestrator {
namespace {

Failure describe_engine_error(const docker_api::Error& error, std::string_view attempt) {
  Failure failure;
  failure.text = fmt::format("cannot {}: {}", attempt, error.what());
  failure.transient = error.is_transient() || error.in_doubt();
  const bool out_of_reach = error.kind() == docker_api::ErrorKind::unreachable ||
                            error.kind() == docker_api::ErrorKind::timeout ||
                            error.kind() == docker_api::ErrorKind::unsupported;
  failure.outcome = out_of_reach ? Outcome::unreachable : Outcome::aborted;
  return failure;
}

}  // namespace

Failure describe(const std::exception_ptr& error, std::string_view attempt) {
  try {
    std::rethrow_exception(error);
  } catch (const docker_api::Error& engine_error) {
    return describe_engine_error(engine_error, attempt);
  } catch (const backup::Error& storage_error) {
    const bool storage = storage_error.kind() == backup::ErrorKind::not_synced;
    return {.outcome = storage ? Outcome::needs_operator : Outcome::aborted,
            .text = fmt::format("cannot {}: {}", attempt, storage_error.what()),
            .transient = false,
            .storage = storage};
  } catch (const Error& own) {
    return {.outcome = own.outcome(), .text = own.what()};
  } catch (const std::exception& other) {
    return {.outcome = Outcome::aborted, .text = fmt::format("cannot {}: {}", attempt, other.what())};
  }
}

}  // namespace halcyon::orchestrator
