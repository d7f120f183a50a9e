// A pull that is told about while it goes on, and explained if it fails.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "docker_api/images.hpp"
#include "orchestrator/promotion.hpp"

namespace halcyon::orchestrator {

/// Pulls for `service`; `asked_for` is what people know the image as.
///
/// Errors: Error aborted or unreachable with what to look at; docker_api::Error for what may pass, cancelled.
boost::asio::awaitable<docker_api::ImageDetails> pull_or_explain(Promotion& promotion, std::string service,
                                                                 docker_api::ImageReference reference,
                                                                 std::string asked_for);

}  // namespace halcyon::orchestrator
