// The one error type of cli: a command that could not be carried out, and the problems of the configuration
// if those are the reason.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cli/result.hpp"
#include "orchestrator/configuration.hpp"

namespace halcyon::cli {

class Error : public std::runtime_error {
 public:
  Error(Outcome outcome, const std::string& text) : std::runtime_error(text), outcome_(outcome) {}
  Error(Outcome outcome, const std::string& text, std::string file,
        std::vector<orchestrator::Problem> problems)
      : std::runtime_error(text), outcome_(outcome), file_(std::move(file)), problems_(std::move(problems)) {}

  Outcome outcome() const noexcept { return outcome_; }
  const std::string& file() const noexcept { return file_; }
  const std::vector<orchestrator::Problem>& problems() const noexcept { return problems_; }

 private:
  Outcome outcome_;
  std::string file_;
  std::vector<orchestrator::Problem> problems_;
};

/// Bad arguments: exit code 2, nothing was touched.
[[noreturn]] void refuse_usage(const std::string& text);

/// The error whose exception is being handled, whatever its type; to be called inside a catch block.
///
/// `otherwise`: the outcome of an exception that says nothing about one.
Error current_error(Outcome otherwise);

}  // namespace halcyon::cli
