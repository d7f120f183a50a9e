// An engine, an event loop and a progress display: what every command needs that talks to an engine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <utility>

#include "cli/context.hpp"
#include "cli/fault_points.hpp"
#include "cli/progress.hpp"
#include "cli/run_loop.hpp"
#include "docker_api/error.hpp"
#include "docker_api/find_engine.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::cli {

class OpenSession {
 public:
  /// Errors: usage for an address of an engine that cannot be understood. Nothing is connected yet.
  explicit OpenSession(Context& context);
  ~OpenSession();

  orchestrator::Session in(const orchestrator::Environment& environment);

  /// Runs something that changes nothing; a signal ends it.
  ///
  /// Errors: Error aborted if it was interrupted; else whatever `work` throws.
  template <class T>
  T ask(boost::asio::awaitable<T> work) {
    const Finish finish{*progress_};
    refuse_if_interrupted();
    try {
      return loop_.run(std::move(work), OnSignal::leave);
    } catch (const docker_api::Error& error) {
      refuse_if_interrupted();
      docker_api::ErrorFacts facts = error.facts();
      facts.explanation = with_origin(std::move(facts.explanation));
      throw docker_api::Error(std::move(facts));
    } catch (...) {
      refuse_if_interrupted();
      throw;
    }
  }

  /// Runs something that changes `environment`, and shows its progress. A signal asks it to go back, or on.
  ///
  /// Errors: orchestrator::Error as it comes; Error needs_operator for any other exception.
  orchestrator::Report change(boost::asio::awaitable<orchestrator::Report> work,
                              const orchestrator::Environment& environment);

  /// Errors: Error aborted if a signal came.
  void refuse_if_interrupted() const;
  bool was_interrupted() const noexcept { return loop_.requested(); }
  /// Ends what ask() runs.
  void leave() { loop_.leave(); }

 private:
  class Watch;
  /// Takes down what is shown for the moment only, however the operation ends.
  struct Finish {
    Progress& progress;
    ~Finish() { progress.finish(); }
  };
  /// Says in a message about the engine's address where that address came from.
  std::string with_origin(std::string text) const;
  void tell_about_signal(int number, const std::string& environment);

  Context& context_;
  RunLoop loop_;
  docker_api::EngineChoice choice_;
  docker_api::Engine engine_;
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<orchestrator::EventSink> faults_;
};

}  // namespace halcyon::cli
