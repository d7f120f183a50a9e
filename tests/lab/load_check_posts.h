// Did every post that was answered arrive, and none of them twice?
#pragma once

#include "load_options.h"

namespace halcyon::lab {

// Prints one JSON document. 0: yes, 1: no. Errors: std::runtime_error when a file cannot be read.
int check_posts(const CheckPostsOptions& options);

}  // namespace halcyon::lab
