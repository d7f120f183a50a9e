#include "tests/cli/fake_operations.hpp"

#include "docker_api/engine_address.hpp"

namespace halcyon::cli::test {

FakeOperations& fake() {
  static FakeOperations operations;
  return operations;
}

namespace {

void note_call(const std::string& name, const orchestrator::Session& session) {
  fake().calls.push_back(name + ' ' + session.environment.name.text());
  fake().actor = session.actor;
  fake().engine = docker_api::to_string(session.engine.address());
}

boost::asio::awaitable<void> play(std::string name, orchestrator::Session session) {
  note_call(name, session);
  for (const orchestrator::Event& event : fake().events) {
    session.events.on_event(event);
  }
  if (fake().meanwhile != nullptr) {
    co_await fake().meanwhile(session);
  }
  if (fake().error) {
    std::rethrow_exception(fake().error);
  }
}

}  // namespace
}  // namespace halcyon::cli::test

namespace halcyon::orchestrator {

using boost::asio::awaitable;
using cli::test::fake;
using cli::test::play;

awaitable<Report> install(Session session, PromoteRequest request) {
  fake().promote_request = std::move(request);
  co_await play("install", session);
  co_return fake().report;
}

awaitable<Report> promote(Session session, PromoteRequest request) {
  fake().promote_request = std::move(request);
  co_await play("promote", session);
  co_return fake().report;
}

awaitable<Report> rollback(Session session, RollbackRequest request) {
  fake().rollback_request = std::move(request);
  co_await play("rollback", session);
  co_return fake().report;
}

awaitable<Report> resume(Session session) {
  co_await play("resume", session);
  co_return fake().report;
}

awaitable<Report> boot(Session session, milliseconds patience) {
  static_cast<void>(patience);
  co_await play("boot", session);
  co_return fake().boot_reports.at(session.environment.name.text());
}

bool is_installed(const Environment& environment) {
  return fake().boot_reports.contains(environment.name.text());
}

awaitable<Diagnosis> diagnose(Session session) {
  co_await play("diagnose", session);
  co_return fake().diagnosis;
}

awaitable<Report> repair(Session session) {
  co_await play("repair", session);
  co_return fake().report;
}

awaitable<Plan> plan_install(Session session, PromoteRequest request) {
  fake().promote_request = std::move(request);
  co_await play("plan_install", session);
  co_return fake().plan;
}

awaitable<Plan> plan_promotion(Session session, PromoteRequest request) {
  fake().promote_request = std::move(request);
  co_await play("plan_promotion", session);
  co_return fake().plan;
}

awaitable<Plan> plan_rollback(Session session, RollbackRequest request) {
  fake().rollback_request = std::move(request);
  co_await play("plan_rollback", session);
  co_return fake().plan;
}

awaitable<Status> read_status(Session session) {
  co_await play("read_status", session);
  const std::string& name = session.environment.name.text();
  if (const auto error = fake().status_errors.find(name); error != fake().status_errors.end()) {
    std::rethrow_exception(error->second);
  }
  co_return fake().statuses.at(name);
}

std::vector<ReleaseSummary> list_releases(const Environment& environment) {
  fake().calls.push_back("list_releases " + environment.name.text());
  if (fake().error) {
    std::rethrow_exception(fake().error);
  }
  return fake().releases;
}

awaitable<void> stream_logs(Session session, LogRequest request, LogLineSink sink) {
  fake().log_request = std::move(request);
  for (const auto& [container, stream, line] : fake().log_lines) {
    sink(container, stream, line);
  }
  co_await play("stream_logs", session);
}

}  // namespace halcyon::orchestrator
