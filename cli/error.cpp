#include "cli/error.hpp"

#include "docker_api/error.hpp"

namespace halcyon::cli {
namespace {

Outcome outcome_of(const docker_api::Error& error, Outcome otherwise) {
  switch (error.kind()) {
    case docker_api::ErrorKind::unreachable:
    case docker_api::ErrorKind::timeout:
      return Outcome::unreachable;
    case docker_api::ErrorKind::invalid_argument:
      return Outcome::usage;
    default:
      return otherwise;
  }
}

}  // namespace

void refuse_usage(const std::string& text) { throw Error(Outcome::usage, text); }

Error current_error(Outcome otherwise) {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const orchestrator::Error& error) {
    return Error(error.outcome(), error.what());
  } catch (const docker_api::Error& error) {
    return Error(outcome_of(error, otherwise), error.what());
  } catch (const std::exception& error) {
    return Error(otherwise, error.what());
  }
}

}  // namespace halcyon::cli
