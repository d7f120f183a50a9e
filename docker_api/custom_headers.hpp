// The headers a user wants to have sent with every request. Pure; private to docker_api.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/http.hpp"

namespace halcyon::docker_api {

/// Checks the HttpHeaders of config.json. Names are written as Go writes them ("X-Meta"); what a client sets
/// itself (Host, User-Agent, framing) is left out, as the CLI does.
///
/// Errors: invalid_argument naming the header, never its value: no header name, a control character in the
///         value, the same name twice.
std::vector<HttpHeader> check_headers(const std::map<std::string, std::string>& headers,
                                      const std::string& where);

/// Parses DOCKER_CUSTOM_HEADERS.
///
/// Shape:  one CSV record of key=value fields: `one=1,"two=2,3",one=later wins`. White space around a key is
///         dropped, in a value it is kept.
/// Errors: as check_headers; invalid_argument for broken CSV, a field without `=`, an empty key.
/// Source: docker/cli cli/command/cli_options.go, withCustomHeadersFromEnv; Go's encoding/csv.
std::vector<HttpHeader> parse_custom_headers(std::string_view text);

}  // namespace halcyon::docker_api
