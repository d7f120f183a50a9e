// What can be done to an environment: the functions behind the commands. A vendor's program calls the same
// ones.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/engine.hpp"
#include "docker_api/log_frames.hpp"
#include "docker_api/registry_auth.hpp"
#include "orchestrator/configuration.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/events.hpp"

namespace halcyon::orchestrator {

/// Set from a signal handler's coroutine: before COMMIT the operation goes back, after it it goes on to its
/// end.
class Interrupt {
 public:
  virtual ~Interrupt() = default;
  virtual bool requested() const noexcept = 0;
  /// "SIGINT"; for the message.
  virtual std::string reason() const = 0;
  /// Registers what to do at once when it is requested (cancel the step that runs); empty: nothing.
  virtual void on_request(std::function<void()> action) = 0;
};

/// What every operation needs. All references outlive the operation.
/// The credentials for a registry ("registry.example.com:5000"), if there are any.
using FindCredentials = std::function<boost::asio::awaitable<std::optional<docker_api::RegistryCredentials>>(
    std::string registry)>;

struct Session {
  docker_api::Engine& engine;
  const Environment& environment;
  EventSink& events;
  Interrupt& interrupt;
  std::string actor;  ///< who did it: "root", "anna via sudo"; goes into the release record
  FindCredentials find_credentials = {};  ///< none: every registry is asked without
};

struct ServiceReport {
  std::string name;
  std::string slot;    ///< "blue" or "green"; empty for an accessory
  std::string image;   ///< repository:tag as asked for
  std::string digest;  ///< "sha256:..." of the manifest; empty for an image that no registry knows
  std::string image_id;
  bool changed = false;  ///< replaced by this promotion
};
struct StepReport {
  std::string id;
  std::chrono::milliseconds duration{0};
  std::string result;  ///< "done", "failed", "undone", "skipped"
};
struct RequestReport {
  bool counted = false;  ///< false: the access log could not be read
  std::uint64_t total = 0;
  std::uint64_t failed = 0;  ///< nginx answered 502, 503 or 504, or could not finish the answer
};

/// How an operation ended. `text` has what was attempted, what happened, what to do, whenever outcome is not
/// deployed.
struct Report {
  Outcome outcome = Outcome::aborted;
  std::string promotion;  ///< "p12"; empty if none was begun
  std::string release;    ///< the release that serves now; empty if none
  std::string previous_release;
  std::string text;
  std::vector<ServiceReport> services;
  std::vector<StepReport> steps;
  RequestReport requests;
  std::chrono::milliseconds until_commit{0};
  std::chrono::milliseconds total{0};
  std::vector<std::string> notes;  ///< also told as events
  std::vector<std::string> urls;
};

/// `images`: service name -> tag or digest; the key "" stands for every web service not named.
struct PromoteRequest {
  std::map<std::string, std::string> images;
};
struct RollbackRequest {
  std::string to;  ///< release id ("r3"), or a tag or digest that one release has; empty: previous_release
};

/// Creates what the environment needs (directories, network, accessories, nginx) and, if `images` names any,
/// the first release. Idempotent: on an installed environment it repairs what is missing and promotes if
/// asked to.
///
/// Errors: never throws what a Report can say; std::bad_alloc and the like pass through.
boost::asio::awaitable<Report> install(Session session, PromoteRequest request);
/// Errors as install(); outcome usage if the environment is not installed.
boost::asio::awaitable<Report> promote(Session session, PromoteRequest request);
boost::asio::awaitable<Report> rollback(Session session, RollbackRequest request);
/// Finishes or undoes what was interrupted and makes flags, caches and nginx agree with the journal.
boost::asio::awaitable<Report> resume(Session session);

/// How long boot() waits for the engine and nginx, which start beside it.
inline constexpr std::chrono::milliseconds k_boot_patience = std::chrono::minutes{2};
/// After a start of the host: waits until engine and nginx are there, then does what resume() does. When it
/// has succeeded, what serves is what the journal says, at its addresses, from its images.
boost::asio::awaitable<Report> boot(Session session, std::chrono::milliseconds patience = k_boot_patience);
/// True if the environment has a journal that tells of an installation, or one that cannot be read: then
/// something is to be said about it.
bool is_installed(const Environment& environment);

/// What a promotion would do, found out without changing anything.
struct PlannedService {
  std::string name;
  std::string image;
  std::string digest;
  std::string from_slot;  ///< empty at the first release
  std::string to_slot;
  bool changed = false;
  bool pulled = false;                  ///< the engine has it already
  std::vector<std::string> containers;  ///< names that would be created, or started again
  std::vector<std::string> kept;        ///< which of them exist: a rollback's were kept, stopped
  std::vector<std::string> addresses;
};
struct Plan {
  Outcome outcome = Outcome::deployed;  ///< what stands in the way, or deployed / unchanged
  std::string text;                     ///< why, if something stands in the way
  std::string release;                  ///< id it would get; empty for an install without images
  std::string from_release;
  bool reloads_nginx = false;
  std::vector<std::string> creates;  ///< of an install, besides the services' containers: "network ...", ...
  std::vector<PlannedService> services;
  std::vector<std::string> steps;
  std::vector<std::string>
      notes;  ///< what a real run would do first, or what had to be done to find this out
};
boost::asio::awaitable<Plan> plan_install(Session session, PromoteRequest request);
boost::asio::awaitable<Plan> plan_promotion(Session session, PromoteRequest request);
boost::asio::awaitable<Plan> plan_rollback(Session session, RollbackRequest request);

struct ContainerStatus {
  std::string name;
  std::string state;   ///< as the engine says; "absent" if it is not there
  std::string health;  ///< the HEALTHCHECK's word, "none" without one
  std::string address;
  std::int64_t restarts = 0;
};
struct ServiceStatus {
  std::string name;
  std::string kind;
  std::string slot;
  std::string state;   ///< "running" if every container is, else the worst one's state
  std::string health;  ///< healthy, unhealthy, starting, none
  std::string image;
  std::string digest;
  std::string since;  ///< RFC 3339, when the oldest of its containers started; empty if none runs
  std::vector<ContainerStatus> containers;
};
struct Status {
  std::string app;
  std::string environment;
  bool installed = false;
  std::string current_release;
  std::string previous_release;
  std::string interrupted;  ///< the promotion that waits for `resume`, empty if none
  std::string busy;         ///< who changes it right now, empty if nobody
  std::vector<ServiceStatus> services;
  std::vector<std::string> problems;  ///< what is not as the journal says, and what to do; empty: nothing
};
/// Reads journal and engine; changes nothing, takes no lock. One list call, one inspect for each own
/// container.
///
/// Errors: orchestrator::Error unreachable, needs_operator (journal damaged).
boost::asio::awaitable<Status> read_status(Session session);

struct ReleaseSummary {
  std::string id;
  std::string created_at;  ///< RFC 3339
  std::string actor;
  bool current = false;
  bool previous = false;
  std::map<std::string, std::string> images;  ///< service -> repository:tag
  std::map<std::string, std::string> digests;
  std::string problem;  ///< why nothing is known of its images; empty: they are known
};
/// Newest first. Errors: needs_operator (journal damaged), usage (not installed).
std::vector<ReleaseSummary> list_releases(const Environment& environment);

struct LogRequest {
  std::vector<std::string> services;  ///< empty: all
  bool follow = false;
  std::optional<std::int64_t> tail = 100;
  std::string since;  ///< RFC 3339, UNIX seconds, or a duration back from now ("10m", "1h30m")
  bool timestamps = false;
  bool all_releases = false;  ///< web containers that do not serve too: the way back, a promotion's new ones
};
/// One line of one container, complete, without its newline.
using LogLineSink =
    std::function<void(const std::string& container, docker_api::LogStream, std::string_view line)>;
/// Streams the logs of the current release's containers and of accessories, interleaved as they come; of a
/// service of which nothing serves, those of every container there is. `sink` is not called any more when
/// this has returned, also if it was interrupted. With `follow` it goes on until it is interrupted: whatever
/// is started of the wanted services (a promotion's new containers, one that was restarted) is read from then
/// on.
///
/// Errors: usage, before the engine is asked, for an unknown service or a `since` that is no time.
boost::asio::awaitable<void> stream_logs(Session session, LogRequest request, LogLineSink sink);

}  // namespace halcyon::orchestrator
