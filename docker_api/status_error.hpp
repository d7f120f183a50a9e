// Turns an answer with status 400 and above into an Error. Private to docker_api.
#pragma once

#include <string>
#include <string_view>

#include "docker_api/error.hpp"
#include "docker_api/http.hpp"

namespace halcyon::docker_api {

/// The engine's own words in an error body: JSON {"message"}, Podman's {"cause","message"}, plain text or
/// HTML (G33).
std::string find_engine_text(std::string_view body);

/// At most 4096 bytes of an engine's words, and "..." if there are more: a message is for people.
std::string shorten_engine_text(std::string text);

/// True if another engine answers by now, which does not speak the version that was negotiated: the next call
/// negotiates anew.
///
/// Source: dockerd: "client version 1.41 is too old. Minimum supported API version is 1.44, ...", "too new".
bool is_about_version(const Error& error);

Error make_status_error(std::string endpoint, std::string api_version, const HttpResponse& response);

}  // namespace halcyon::docker_api
