// resolve and pull: from what was asked for to a release that is pinned and written down.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "docker_api/error.hpp"
#include "docker_api/images.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/container_spec.hpp"
#include "orchestrator/image_pull.hpp"
#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/own_containers.hpp"
#include "orchestrator/promotion_steps.hpp"
#include "orchestrator/registry_advice.hpp"
#include "orchestrator/steps_image.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using docker_api::ImageReference;

/// What was asked for this service: its own entry, or the one for all, or nothing.
const std::string* find_wanted(const Promotion& promotion, const std::string& service) {
  const auto& images = promotion.images;
  auto found = images.find(service);
  if (found == images.end()) found = images.find("");
  return found == images.end() ? nullptr : &found->second;
}

ImageReference make_reference(const Service& service, const std::string& wanted) {
  ImageReference reference = service.image;
  if (docker_api::is_digest(wanted)) {
    reference.digest = docker_api::Digest(wanted);
  } else if (docker_api::is_tag(wanted)) {
    reference.tag = wanted;
  } else {
    throw Error(Outcome::usage, fmt::format("cannot promote {} to \"{}\": that is neither a tag nor a digest "
                                            "(sha256:...); write halcyon promote ENV {}=TAG",
                                            service.name.text(), wanted, service.name.text()));
  }
  return reference;
}

/// The image as it can be named at the engine: by digest where a registry knows it.
std::string pinned_name(const ReleaseService& entry) {
  return entry.digest.empty() ? entry.image.value : entry.service.image.repository + "@" + entry.digest.value;
}

/// From an engine that cannot ask the registry (Podman): pull the tag and see which digest came.
asio::awaitable<docker_api::Digest> resolve_by_pulling(Promotion& promotion, ImageReference reference) {
  const auto credentials = co_await promotion.find_credentials(reference);
  const auto image = co_await docker_api::pull_image(
      promotion.engine(), reference, {.credentials = credentials, .idle = promotion.environment().pull_idle});
  if (promotion.journal == nullptr)
    promotion.note(
        fmt::format("this engine cannot ask a registry (Podman), so {} was pulled to find out "
                    "which image it is",
                    reference.to_string()));
  const auto digest = image.find_digest(reference.repository);
  if (!digest) {
    throw Error(Outcome::aborted,
                fmt::format("cannot pin {}: the engine pulled it but names no digest for it; promote "
                            "by digest instead",
                            reference.to_string()));
  }
  co_return *digest;
}

/// An engine that does not tell addresses in its list (Podman) is believed.
bool is_at(const OwnContainer& container, const std::string& address) {
  const auto& addresses = container.summary.addresses;
  return addresses.empty() || std::any_of(addresses.begin(), addresses.end(),
                                          [&](const auto& item) { return item.second == address; });
}

}  // namespace

asio::awaitable<docker_api::Digest> resolve_at_registry(Promotion& promotion, ImageReference reference) {
  std::exception_ptr failed;
  const auto credentials = co_await promotion.find_credentials(reference);
  try {
    co_return co_await docker_api::resolve_digest(promotion.engine(), reference, credentials,
                                                  promotion.environment().resolve_deadline);
  } catch (const docker_api::Error& error) {
    if (error.kind() == docker_api::ErrorKind::cancelled) throw;
    if (error.kind() != docker_api::ErrorKind::unsupported) failed = std::current_exception();
  }
  if (!failed) co_return co_await resolve_by_pulling(promotion, reference);
  Failure failure = describe(failed, fmt::format("find out which image {} is", reference.to_string()));
  try {
    std::rethrow_exception(failed);
  } catch (const docker_api::Error& error) {
    const RegistryRefusal refusal = judge_registry(error);
    // 5xx: the engine is well but could not talk to the registry.
    const bool out_of_reach =
        error.http_status().value_or(0) >= 500 || refusal == RegistryRefusal::limits_requests;
    if (refusal == RegistryRefusal::wants_credentials) {
      failure.outcome = Outcome::aborted;
    } else if (out_of_reach) {
      failure.outcome = Outcome::unreachable;
    }
    failure.text += fmt::format(". {}", advise_on_registry(refusal, reference));
  }
  throw Error(failure.outcome, failure.text);
}

namespace {

asio::awaitable<void> resolve_one(Promotion& promotion, const Service& service, const std::string* wanted) {
  ReleaseService entry{.service = service};
  const ReleaseService* now =
      promotion.current ? promotion.current->find_service(service.name.text()) : nullptr;
  if (wanted == nullptr) {
    if (now == nullptr) {
      throw Error(Outcome::usage,
                  fmt::format("cannot make a release: no image is given for {}, and none serves yet; "
                              "write {}=TAG",
                              service.name.text(), service.name.text()));
    }
    entry.reference = now->reference;
    entry.digest = now->digest;
    entry.image = now->image;
  } else {
    ImageReference reference = make_reference(service, *wanted);
    entry.reference = reference.to_string();
    if (service.pull == PullPolicy::never) {
      const auto image = co_await docker_api::find_image(promotion.engine(), entry.reference);
      if (!image) {
        throw Error(Outcome::aborted,
                    fmt::format("cannot promote {}: the engine has no image {} and pull = \"never\"; "
                                "load it first (docker load)",
                                service.name.text(), entry.reference));
      }
      entry.image = image->id;
      entry.digest = image->find_digest(reference.repository).value_or(docker_api::Digest());
    } else if (reference.digest) {
      entry.digest = *reference.digest;
    } else {
      entry.digest = co_await resolve_at_registry(promotion, reference);
    }
  }
  promotion.tell({.kind = EventKind::progress,
                  .step = "resolve",
                  .service = service.name.text(),
                  .text = fmt::format("{} is {}", entry.reference, pinned_name(entry))});
  promotion.release.services.insert_or_assign(service.name.text(), std::move(entry));
}

asio::awaitable<std::optional<docker_api::ImageDetails>> find_pinned_image(docker_api::Engine& engine,
                                                                           const ReleaseService& entry) {
  auto image = co_await docker_api::find_image(engine, pinned_name(entry));
  if (!image && !entry.image.empty()) image = co_await docker_api::find_image(engine, entry.image.value);
  co_return image;
}

/// Nothing is left to do around the containers either: nginx, network, accessories.
asio::awaitable<bool> is_complete(Promotion& promotion) {
  const Verdict declared = co_await nginx_has_declaration(promotion);
  const Verdict prepared = co_await environment_is_prepared(promotion);
  co_return declared == Verdict::holds&& prepared == Verdict::holds;
}

/// Reads the values and computes the hash; a rollback takes both as they were recorded.
void note_values(Promotion& promotion, const std::string& name) {
  ReleaseService& entry = promotion.release.services.at(name);
  const bool is_new = promotion.kind != PromotionKind::rollback;
  EnvironmentValues values = is_new ? read_configured_values(entry.service)
                                    : promotion.directory.read_environment_values(promotion.release.id, name);
  if (is_new) entry.hash = hash_release_service(entry, values);
  promotion.values[name] = std::move(values);
}

}  // namespace

asio::awaitable<void> bring_pinned_image(Promotion& promotion, std::string name) {
  ReleaseService& entry = promotion.release.services.at(name);
  auto image = co_await find_pinned_image(promotion.engine(), entry);
  if (!image) {
    if (entry.digest.empty()) {
      throw Error(Outcome::aborted,
                  fmt::format("cannot start {} again: its image {} is gone from the engine and no "
                              "registry knows it; load it first (docker load)",
                              entry.reference, entry.image.value));
    }
    ImageReference reference = entry.service.image;
    reference.tag.reset();
    reference.digest = entry.digest;
    image = co_await pull_or_explain(promotion, name, std::move(reference), entry.reference);
  }
  if (!entry.image.empty() && image->id != entry.image) {
    throw Error(Outcome::aborted,
                fmt::format("{} is not the image it was: the release recorded {}, the engine has {} "
                            "under that name. Promote by digest",
                            entry.reference, entry.image.value, image->id.value));
  }
  entry.image = image->id;
}

asio::awaitable<void> bring_images_of(Promotion& promotion, std::string release) {
  Promotion other{.session = promotion.session,
                  .directory = promotion.directory,
                  .journal = promotion.journal,
                  .state = promotion.state};
  other.release = promotion.directory.read_release(release);
  for (const auto& [name, entry] : other.release.services) co_await bring_pinned_image(other, name);
}

asio::awaitable<std::set<std::string>> find_broken_services(Promotion& promotion) {
  std::set<std::string> broken;
  if (!promotion.current) co_return broken;
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const auto& [service, placement] : promotion.state.placements) {
    const ReleaseService* const entry = promotion.current->find_service(service);
    if (entry == nullptr) continue;
    const std::string image = entry->image.value;
    const auto group = promotion.state.address_groups.find(service);
    const auto running =
        std::count_if(containers.begin(), containers.end(), [&](const OwnContainer& container) {
          return container.is_web() && container.service == service && container.placement == placement &&
                 container.summary.state == "running" &&
                 (image.empty() || container.summary.image.value == image) &&
                 (group == promotion.state.address_groups.end() ||
                  is_at(container, slot_address(promotion.state.subnet, group->second, placement.slot,
                                                container.replica)));
        });
    if (running < entry->service.replicas) broken.insert(service);
  }
  co_return broken;
}

void place_service(Promotion& promotion, const std::string& service) {
  const ReleaseService& entry = promotion.release.services.at(service);
  const Placement* const now = promotion.find_current(service);
  const ReleaseService* const serving =
      promotion.current ? promotion.current->find_service(service) : nullptr;
  const bool serves = now != nullptr && serving != nullptr && !promotion.broken.contains(service);
  if (serves && serving->hash == entry.hash) {
    promotion.target[service] = *now;
    return;
  }
  Placement wanted{now == nullptr ? Slot::blue : other(now->slot), promotion.release.id};
  const auto kept = promotion.state.previous_placements.find(service);
  // A rollback finds the containers of before in the idle slot, stopped and complete.
  if (promotion.release.id == promotion.state.previous && kept != promotion.state.previous_placements.end() &&
      kept->second.slot == wanted.slot) {
    wanted = kept->second;
  }
  promotion.target[service] = wanted;
}

asio::awaitable<bool> note_image_if_present(Promotion& promotion, std::string service) {
  ReleaseService& entry = promotion.release.services.at(service);
  const auto image = co_await find_pinned_image(promotion.engine(), entry);
  if (image) entry.image = image->id;
  note_values(promotion, service);
  co_return image.has_value();
}

/// A release from before a service was added has nobody to answer for it.
void note_unserved_routes(Promotion& promotion) {
  for (const Service& service : promotion.environment().services) {
    if (service.kind != ServiceKind::web || promotion.release.find_service(service.name.text()) != nullptr)
      continue;
    promotion.note(
        fmt::format("release {} has no service {}: until the next promotion its routes are "
                    "answered with 502",
                    promotion.release.id, service.name.text()));
  }
}

asio::awaitable<void> resolve_images(Promotion& promotion) {
  if (promotion.kind == PromotionKind::rollback) note_unserved_routes(promotion);
  if (promotion.kind == PromotionKind::rollback || promotion.release.id.empty()) co_return;
  promotion.release.services.clear();
  for (const Service& service : promotion.environment().services) {
    if (service.kind != ServiceKind::web) continue;
    co_await resolve_one(promotion, service, find_wanted(promotion, service.name.text()));
  }
}

asio::awaitable<void> pull_images(Promotion& promotion) {
  if (promotion.release.id.empty()) {
    const Verdict prepared = co_await environment_is_prepared(promotion);
    promotion.nothing_to_do = prepared == Verdict::holds;
    co_return;
  }
  for (auto& [name, entry] : promotion.release.services) co_await bring_pinned_image(promotion, name);
  promotion.broken = co_await find_broken_services(promotion);
  for (const auto& [name, entry] : promotion.release.services) {
    note_values(promotion, name);
    place_service(promotion, name);
  }
  bool replaces_any = false;
  for (const auto& [name, placement] : promotion.target)
    replaces_any = replaces_any || promotion.replaces(name);
  if (!replaces_any && !promotion.state.current.empty() && co_await is_complete(promotion)) {
    promotion.nothing_to_do = true;
    co_return;
  }
  if (promotion.kind == PromotionKind::rollback) co_return;
  promotion.directory.write_release(promotion.release);
  for (const auto& [name, values] : promotion.values) {
    promotion.directory.write_environment_values(promotion.release.id, name, values);
  }
}

asio::awaitable<Verdict> images_are_present(Promotion& promotion) {
  for (const auto& [name, entry] : promotion.release.services) {
    if (entry.image.empty() || !promotion.target.contains(name)) co_return Verdict::does_not_hold;
    const auto image = co_await docker_api::find_image(promotion.engine(), entry.image.value);
    if (!image) co_return Verdict::does_not_hold;
  }
  co_return Verdict::holds;
}

asio::awaitable<void> forget_release(Promotion& promotion) {
  const std::string& release = promotion.state.open->release;
  for (const CommittedRelease& committed : promotion.state.releases) {
    if (committed.id == release) co_return;  // a rollback's release is not this promotion's to remove
  }
  if (!release.empty()) promotion.directory.remove_release(release);
}

}  // namespace halcyon::orchestrator
