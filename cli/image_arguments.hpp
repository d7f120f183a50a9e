// "web=sha-3f9c2ab worker=sha256:..." as a request.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/operations.hpp"

namespace halcyon::cli {

/// Errors: Error usage for anything but [SERVICE=]TAG or [SERVICE=]DIGEST, and for a service named twice.
orchestrator::PromoteRequest parse_images(const std::vector<std::string>& words);

}  // namespace halcyon::cli
