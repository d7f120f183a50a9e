// The first ping of a client, shared by all who need its answer (G34). Private to docker_api.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "docker_api/api_version.hpp"
#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/http.hpp"

namespace halcyon::docker_api {

struct Negotiation {
  explicit Negotiation(const boost::asio::any_io_executor& executor) : done(executor) {
    done.expires_at(std::chrono::steady_clock::time_point::max());
  }
  boost::asio::steady_timer done;  // never expires: cancelled when the ping has ended
  std::optional<Error> failure;
};

/// Ends the negotiation for those who wait, however the pinging coroutine ends: also when it is destroyed
/// with its io_context, after the Engine.
class NegotiationGuard {
 public:
  /// `slot` keeps alive what it points into.
  explicit NegotiationGuard(std::shared_ptr<std::shared_ptr<Negotiation>> slot)
      : slot_(std::move(slot)), own_(*slot_) {}
  ~NegotiationGuard() {
    slot_->reset();
    own_->done.cancel();
  }
  NegotiationGuard(const NegotiationGuard&) = delete;
  NegotiationGuard& operator=(const NegotiationGuard&) = delete;

  void fail(const Error& error) {
    // One caller's cancellation is no news for the others: they ask again.
    if (error.kind() != ErrorKind::cancelled) own_->failure = error;
  }

 private:
  std::shared_ptr<std::shared_ptr<Negotiation>> slot_;
  std::shared_ptr<Negotiation> own_;
};

/// Waits until another caller's ping has ended. Errors: that ping's failure; cancelled.
boost::asio::awaitable<void> wait_for(std::shared_ptr<Negotiation> negotiation);

/// What an answer to /_ping settles.
struct Peer {
  ApiVersion version;  ///< the one both sides speak
  EngineKind kind = EngineKind::docker;
};

/// What to speak with whoever gave this answer to /_ping. Errors: protocol without a version, unsupported.
Peer negotiate(const HttpResponse& ping);

}  // namespace halcyon::docker_api
