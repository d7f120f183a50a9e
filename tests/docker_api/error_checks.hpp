// Catches the one Error that a test expects.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {

/// Calls `attempt`, which must throw Error. Anything else, or nothing, fails the test.
template <class Attempt>
Error expect_error(Attempt attempt) {
  try {
    attempt();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no Error was thrown");
}

/// Checks the kind and that the text holds `part`.
template <class Attempt>
void expect_error(Attempt attempt, ErrorKind kind, const std::string& part) {
  const Error error = expect_error(std::move(attempt));
  EXPECT_EQ(to_string(error.kind()), to_string(kind)) << error.what();
  EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
}

}  // namespace halcyon::docker_api
