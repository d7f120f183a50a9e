// Operations that touch nothing: they note what they were asked, tell the events they are given and answer.
#pragma once

#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/doctor.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::cli::test {

struct LogLine {
  std::string container;
  docker_api::LogStream stream;
  std::string line;
};

/// What the operations are to do, and what they were asked. Each test begins with a fresh one.
struct FakeOperations {
  orchestrator::Report report;
  orchestrator::Plan plan;
  std::map<std::string, orchestrator::Status> statuses;      ///< by environment
  std::map<std::string, std::exception_ptr> status_errors;   ///< by environment
  std::map<std::string, orchestrator::Report> boot_reports;  ///< by environment: those that are installed
  orchestrator::Diagnosis diagnosis;
  std::vector<orchestrator::ReleaseSummary> releases;
  std::vector<LogLine> log_lines;
  std::vector<orchestrator::Event> events;  ///< told before the answer
  std::exception_ptr error;                 ///< thrown instead of the answer
  /// Awaited before the answer; a function, because a coroutine lambda may not capture.
  boost::asio::awaitable<void> (*meanwhile)(orchestrator::Session) = nullptr;

  std::vector<std::string> calls;  ///< "promote production"
  std::string actor;
  std::string engine;
  orchestrator::PromoteRequest promote_request;
  orchestrator::RollbackRequest rollback_request;
  orchestrator::LogRequest log_request;
};

FakeOperations& fake();

}  // namespace halcyon::cli::test
