// What a redirect makes of a request. Private to docker_api; pure.
#pragma once

#include "docker_api/http_client.hpp"

namespace halcyon::docker_api {

/// True for an answer that says where else to ask.
bool is_redirect(const HttpResponse& head);

/// Changes `request` into the one that follows. Errors: protocol if that must not or cannot be sent.
///
/// Source: RFC 9110, 15.4.
void redirect(UrlRequest& request, const HttpResponse& head);

}  // namespace halcyon::docker_api
