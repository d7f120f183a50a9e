// Text that nobody else comes up with: tokens and labels.
#pragma once

#include <cstddef>
#include <string>

namespace halcyon::orchestrator {

/// `bytes` (32 at most) random bytes from the kernel, as lower-case hex. Errors: Error needs_operator.
std::string random_hex(std::size_t bytes);

}  // namespace halcyon::orchestrator
