// The table of steps. promotion_steps.cpp is the whole promotion on one screen; the bodies are in
// steps_*.cpp.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>

#include "orchestrator/own_containers.hpp"
#include "orchestrator/promotion.hpp"
#include "orchestrator/promotion_decision.hpp"

namespace halcyon::orchestrator {

/// One row. apply and undo are idempotent and may meet their own earlier work; verify asks the world, never
/// memory.
struct Step {
  StepId id;
  boost::asio::awaitable<void> (*apply)(Promotion&);
  boost::asio::awaitable<Verdict> (*verify)(
      Promotion&);                                   ///< null: apply throws unless it has seen its effect
  boost::asio::awaitable<void> (*undo)(Promotion&);  ///< null: it leaves nothing behind
  milliseconds (*deadline)(const Promotion&);
  int attempts;  ///< how often apply may be tried if it failed in a way that may pass
};

extern const std::array<Step, k_step_count> k_promotion_steps;

// steps_image.cpp
boost::asio::awaitable<void> resolve_images(Promotion& promotion);
boost::asio::awaitable<void> pull_images(Promotion& promotion);
boost::asio::awaitable<Verdict> images_are_present(Promotion& promotion);
boost::asio::awaitable<void> forget_release(Promotion& promotion);
// steps_environment.cpp
boost::asio::awaitable<void> check_before(Promotion& promotion);
boost::asio::awaitable<void> prepare_environment(Promotion& promotion);
boost::asio::awaitable<Verdict> environment_is_prepared(Promotion& promotion);
boost::asio::awaitable<void> remove_new_environment(Promotion& promotion);
// steps_container.cpp
boost::asio::awaitable<void> create_containers(Promotion& promotion);
boost::asio::awaitable<Verdict> containers_exist(Promotion& promotion);
boost::asio::awaitable<void> remove_new_containers(Promotion& promotion);
boost::asio::awaitable<void> start_containers(Promotion& promotion);
boost::asio::awaitable<Verdict> containers_run(Promotion& promotion);
boost::asio::awaitable<void> stop_new_containers(Promotion& promotion);
boost::asio::awaitable<void> pass_gates(Promotion& promotion);
// steps_traffic.cpp
boost::asio::awaitable<void> declare_to_nginx(Promotion& promotion);
boost::asio::awaitable<Verdict> nginx_has_declaration(Promotion& promotion);
boost::asio::awaitable<void> restore_declaration(Promotion& promotion);
boost::asio::awaitable<void> switch_to_target(Promotion& promotion);
boost::asio::awaitable<Verdict> switch_is_on_target(Promotion& promotion);
boost::asio::awaitable<void> switch_back(Promotion& promotion);
boost::asio::awaitable<void> confirm_through_nginx(Promotion& promotion);
// steps_after.cpp
boost::asio::awaitable<void> keep_serving_containers_running(Promotion& promotion);
/// Port and limits of a container: as its own release had them, else as configured now.
Service find_settings(const Promotion& promotion, const OwnContainer& container);
/// What drain and retire may take: by the old containers' own releases, which may allow more than the new
/// one.
milliseconds longest_drain(const Promotion& promotion);
milliseconds longest_stop(const Promotion& promotion);
boost::asio::awaitable<void> drain_old_containers(Promotion& promotion);
boost::asio::awaitable<void> stop_old_containers(Promotion& promotion);
boost::asio::awaitable<Verdict> old_containers_stopped(Promotion& promotion);
boost::asio::awaitable<void> prune_old_releases(Promotion& promotion);

}  // namespace halcyon::orchestrator
