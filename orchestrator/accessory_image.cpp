#include "orchestrator/accessory_image.hpp"

#include <fmt/format.h>

#include <utility>

#include "docker_api/images.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/image_pull.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

/// The image that the accessory had, if the configuration still means that one.
const AccessoryImage* find_pinned(const Promotion& promotion, const Service& service) {
  const auto found = promotion.state.accessories.find(service.name.text());
  const bool is_same =
      found != promotion.state.accessories.end() && found->second.reference == service.image.to_string();
  return is_same ? &found->second : nullptr;
}

}  // namespace

docker_api::ImageReference accessory_reference(const Promotion& promotion, const Service& service) {
  docker_api::ImageReference reference = service.image;
  const AccessoryImage* const pinned = find_pinned(promotion, service);
  if (pinned != nullptr && !pinned->digest.empty()) {
    reference.tag.reset();
    reference.digest = pinned->digest;
  }
  return reference;
}

asio::awaitable<std::optional<docker_api::ImageDetails>> find_accessory_image(const Promotion& promotion,
                                                                              const Service& service) {
  const AccessoryImage* const pinned = find_pinned(promotion, service);
  const std::string reference = accessory_reference(promotion, service).to_string();
  auto image = co_await docker_api::find_image(promotion.engine(),
                                               pinned == nullptr ? reference : pinned->image.value);
  if (!image && pinned != nullptr && pinned->digest.empty()) {
    throw Error(
        Outcome::aborted,
        fmt::format("cannot start {}: its image {} ({}) is gone from the engine and no registry knows it; "
                    "load it again (docker load), or configure another",
                    service.name.text(), reference, pinned->image.value));
  }
  if (!image && service.pull == PullPolicy::never) {
    throw Error(Outcome::aborted,
                fmt::format("cannot start {}: the engine has no image {} and pull = \"never\"; load it "
                            "first (docker load)",
                            service.name.text(), reference));
  }
  co_return image;
}

asio::awaitable<docker_api::ImageDetails> ensure_accessory_image(Promotion& promotion,
                                                                 const Service& service) {
  auto image = co_await find_accessory_image(promotion, service);
  if (!image) {
    auto reference = accessory_reference(promotion, service);
    image = co_await pull_or_explain(promotion, service.name.text(), std::move(reference),
                                     service.image.to_string());
  }
  co_return std::move(*image);
}

}  // namespace halcyon::orchestrator
