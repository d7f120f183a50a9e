// Which image an accessory runs: that of its first container, although its tag has moved since.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "docker_api/image_details.hpp"
#include "docker_api/image_reference.hpp"
#include "orchestrator/promotion.hpp"

namespace halcyon::orchestrator {

/// The name to pull the accessory's image by: pinned to the digest that its first container had.
docker_api::ImageReference accessory_reference(const Promotion& promotion, const Service& service);

/// The accessory's image if the engine has it; nothing if it is to be pulled.
///
/// Errors: aborted if it is not there and cannot be pulled (`pull = "never"`, or loaded once and gone).
boost::asio::awaitable<std::optional<docker_api::ImageDetails>> find_accessory_image(
    const Promotion& promotion, const Service& service);

/// The same, pulled if need be.
///
/// Errors: find_accessory_image()'s; pull_or_explain()'s.
boost::asio::awaitable<docker_api::ImageDetails> ensure_accessory_image(Promotion& promotion,
                                                                        const Service& service);

}  // namespace halcyon::orchestrator
