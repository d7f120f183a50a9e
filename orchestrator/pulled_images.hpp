// Which images an environment has brought to the engine, and how they leave it again. An image that was there
// before is somebody else's and is never removed.
//
// `pulled_images` in the state directory has one name a line, "repository@sha256:...". A name is there before
// the pull begins and goes when the image is gone.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "orchestrator/promotion.hpp"

namespace halcyon::orchestrator {

/// Writes down which images of the wanted release the engine does not have; durable when it returns.
///
/// Idempotent: what was written down before stays so, although its image is there by now.
boost::asio::awaitable<void> note_images_to_pull(Promotion& promotion);

/// Removes the images written down that no kept release needs: current, previous and the newest
/// `keep_releases`. One that a container uses stays, and is tried again the next time; what else cannot be
/// removed too, with a note.
///
/// Errors: docker_api::Error cancelled; backup::Error.
boost::asio::awaitable<void> remove_unneeded_images(Promotion& promotion);

}  // namespace halcyon::orchestrator
