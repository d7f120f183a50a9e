#include "orchestrator/image_pull.hpp"

#include <fmt/format.h>

#include <utility>

#include "docker_api/error.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/failure.hpp"

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

}  // namespace

boost::asio::awaitable<docker_api::ImageDetails> pull_or_explain(Promotion& promotion, std::string service,
                                                                 docker_api::ImageReference reference,
                                                                 std::string asked_for) {
  const Promotion* const told = &promotion;
  docker_api::ProgressSink sink = [told, service](const docker_api::ImageProgress& progress) {
    tell(*told, service, progress);
  };
  const std::string name = reference.to_string();
  std::exception_ptr failed;
  const auto credentials = co_await promotion.find_credentials(reference);
  try {
    co_return co_await docker_api::pull_image(
        promotion.engine(), std::move(reference),
        {.credentials = credentials, .idle = promotion.environment().pull_idle}, std::move(sink));
  } catch (const docker_api::Error& error) {
    if (error.kind() == docker_api::ErrorKind::cancelled || error.is_transient()) throw;
    failed = std::current_exception();
  }
  const Failure failure = describe(failed, fmt::format("pull {} for {}", asked_for, service));
  throw Error(failure.outcome,
              fmt::format("{}. Can this host reach the registry, is there room for the image, and is it "
                          "in the registry as {}?",
                          failure.text, name));
}

}  // namespace halcyon::orchestrator
