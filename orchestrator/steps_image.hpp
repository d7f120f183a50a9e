// Parts of resolve and pull that a dry run needs too.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>

#include "orchestrator/promotion.hpp"

namespace halcyon::orchestrator {

/// Which image a tag means now. Podman cannot ask a registry and pulls; a dry run notes that.
///
/// Errors: Error aborted (no such image, credentials refused) or unreachable, with what to look at.
boost::asio::awaitable<docker_api::Digest> resolve_at_registry(Promotion& promotion,
                                                               docker_api::ImageReference reference);

/// True if the engine has the pinned image; then its id, the values and the hash of the service are filled
/// in.
boost::asio::awaitable<bool> note_image_if_present(Promotion& promotion, std::string service);

/// Makes sure the engine has exactly the pinned image of the service, and notes its id: pulls it by digest.
///
/// Errors: Error aborted if it is gone and no registry knows it, or is not the one it was.
boost::asio::awaitable<void> bring_pinned_image(Promotion& promotion, std::string service);
/// The same for all images of another release, so that it can be gone back to.
boost::asio::awaitable<void> bring_images_of(Promotion& promotion, std::string release);

/// The services of which not every container that should serve runs, from its image and at its address.
boost::asio::awaitable<std::set<std::string>> find_broken_services(Promotion& promotion);

/// Decides where one service of the wanted release goes: an unchanged one stays where it
/// is, unless it is broken there.
void place_service(Promotion& promotion, const std::string& service);

}  // namespace halcyon::orchestrator
