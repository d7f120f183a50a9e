// Reads the access log that nginx writes in our format, to tell what a promotion cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::orchestrator {

struct RequestCount {
  std::uint64_t total = 0;
  std::uint64_t failed = 0;
};

/// Counts the lines of `text`; an unfinished last line is left out. Pure.
///
/// Shape:  tab separated: time, status, request time, upstream address, upstream status, completion ("OK" or
/// empty),
///         bytes, method, host, URI.
/// A request has failed if nginx itself answered 502, 503 or 504, or did not finish the answer although the
/// client stayed (status other than 499). What the application answers is its own business.
RequestCount count_requests(std::string_view text);

/// The present size in bytes; 0 if there is no log yet.
std::uint64_t access_log_size(const std::string& path);

/// Counts what was written since `offset`. Nothing if the log cannot be read or has become shorter (rotated).
std::optional<RequestCount> count_requests_since(const std::string& path, std::uint64_t offset);

}  // namespace halcyon::orchestrator
