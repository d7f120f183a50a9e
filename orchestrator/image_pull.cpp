#include "orchestrator/image_pull.hpp"

#include <fmt/format.h>

#include <utility>

#include "docker_api/error.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/failure.hpp"
#include "orchestrator/registry_advice.hpp"

namespace halcyon::orchestrator {
namespace {

void tell(const Promotion& promotion, const std::string& service, const docker_api::ImageProgress& progress) {
  promotion.tell({.kind = EventKind::progress,
                  .step = "pull",
                  .service = service,
                  .text = progress.id.empty() ? progress.status : progress.id + " " + progress.status,
                  .current = progress.current_bytes,
                  .total = progress.total_bytes});
}

/// The same error, so that the pull is tried again, with what it was about. A pull that may have been begun
/// needs no look: beginning it again does no harm.
docker_api::Error name_the_image(const docker_api::Error& error, const std::string& asked_for,
                                 const std::string& service, const docker_api::ImageReference& reference) {
  docker_api::ErrorFacts facts = error.facts();
  facts.in_doubt = false;
  facts.explanation +=
      fmt::format("{}while pulling {} for {}", facts.explanation.empty() ? "" : ", ", asked_for, service);
  // An engine that has gone says nothing about the registry.
  if (error.http_status() || error.kind() == docker_api::ErrorKind::timeout)
    facts.explanation += ". " + advise_on_registry(judge_registry(error), reference);
  return docker_api::Error(std::move(facts));
}

}  // namespace

boost::asio::awaitable<docker_api::ImageDetails> pull_or_explain(Promotion& promotion, std::string service,
                                                                 docker_api::ImageReference reference,
                                                                 std::string asked_for) {
  const Promotion* const told = &promotion;
  docker_api::ProgressSink sink = [told, service](const docker_api::ImageProgress& progress) {
    tell(*told, service, progress);
  };
  const docker_api::ImageReference wanted = reference;
  std::exception_ptr failed;
  RegistryRefusal refusal = RegistryRefusal::other;
  const auto credentials = co_await promotion.find_credentials(reference);
  try {
    co_return co_await docker_api::pull_image(
        promotion.engine(), std::move(reference),
        {.credentials = credentials, .idle = promotion.environment().pull_idle}, std::move(sink));
  } catch (const docker_api::Error& error) {
    if (error.kind() == docker_api::ErrorKind::cancelled) throw;
    if (error.is_transient()) throw name_the_image(error, asked_for, service, wanted);
    refusal = judge_registry(error);
    failed = std::current_exception();
  }
  const Failure failure = describe(failed, fmt::format("pull {} for {}", asked_for, service));
  throw Error(failure.outcome, fmt::format("{}. {}", failure.text, advise_on_registry(refusal, wanted)));
}

}  // namespace halcyon::orchestrator
