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

/// The services of which not every container runs that should serve.
boost::asio::awaitable<std::set<std::string>> find_broken_services(Promotion& promotion);

/// Decides where one service of the wanted release goes: an unchanged one stays where it
/// is, unless it is broken there.
void place_service(Promotion& promotion, const std::string& service);

}  // namespace halcyon::orchestrator
