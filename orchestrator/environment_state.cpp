#include "orchestrator/environment_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {
namespace {

using nlohmann::json;

PromotionKind parse_kind(const std::string& text) {
  for (const PromotionKind kind : {PromotionKind::install, PromotionKind::promote, PromotionKind::rollback}) {
    if (to_string(kind) == text) return kind;
  }
  throw std::invalid_argument("unknown kind of promotion: " + text);
}

/// "r12" -> 12; 0 for anything else.
std::uint64_t number_of(const std::string& id) { return id.size() > 1 ? std::stoull(id.substr(1)) : 0; }

void fold_begin(EnvironmentState& state, const Record& record, const json& body) {
  OpenPromotion open;
  open.id = body.at("promotion").get<std::string>();
  open.label = body.value("label", open.id);  // a journal of before has none
  open.kind = parse_kind(body.at("kind").get<std::string>());
  open.release = body.at("release").get<std::string>();
  open.actor = body.value("actor", "");
  open.access_log_offset = body.value("access_log_offset", std::uint64_t{0});
  open.started = record.time;
  state.next_promotion = std::max(state.next_promotion, number_of(open.id) + 1);
  // An aborted release's number is not given out again: its containers' names must stay its own.
  state.next_release = std::max(state.next_release, number_of(open.release) + 1);
  state.open = std::move(open);
}

void fold_mark(EnvironmentState& state, const json& body, Mark mark) {
  const std::string word = body.at("step").get<std::string>();
  const auto step = parse_step_id(word);
  if (!step) throw std::invalid_argument("unknown step: " + word);
  if (!state.open) throw std::invalid_argument("a step outside of a promotion: " + word);
  state.open->marks[static_cast<std::size_t>(*step)] = mark;
}

/// Only those of the promotion are in it; the others stay as they were.
void fold_accessories(EnvironmentState& state, const json& body) {
  const auto found = body.find("accessories");
  if (found == body.end()) return;
  for (const auto& [service, entry] : found->items()) {
    state.accessories[service] = {entry.at("reference").get<std::string>(),
                                  docker_api::Digest(entry.at("digest").get<std::string>()),
                                  docker_api::ImageId(entry.at("image").get<std::string>())};
  }
}

void fold_commit(EnvironmentState& state, const Record& record, const json& body) {
  if (!state.open) throw std::invalid_argument("a commit outside of a promotion");
  state.open->committed = true;
  fold_accessories(state, body);
  const std::string release = body.at("release").get<std::string>();
  if (release.empty()) return;  // an install that only prepared the environment
  Placements placements;
  for (const auto& [service, where] : body.at("placements").items()) {
    const auto slot = parse_slot(where.at("slot").get<std::string>());
    if (!slot) throw std::invalid_argument("unknown slot of " + service);
    placements[service] = Placement{*slot, where.at("origin").get<std::string>()};
  }
  // A release that runs in the very containers of the one before is no way back from it: what was the way
  // back still is.
  if (release != state.current && placements != state.placements) {
    state.previous = state.current;
    state.previous_placements = std::move(state.placements);
  }
  state.current = release;
  state.placements = std::move(placements);
  const bool known = std::any_of(state.releases.begin(), state.releases.end(),
                                 [&](const CommittedRelease& other) { return other.id == release; });
  if (!known) state.releases.push_back({release, record.time, state.open->actor});
}

/// One promotion for releases.log, readable and on one line.
std::string format_line(const OpenPromotion& promotion, const Record& record, const json& body) {
  const std::string text = body.value("text", "");
  const std::string images = body.value("images", "");
  return fmt::format("{} {} {} {} {} by {} {} ms{}{}{}{}", record.time, promotion.id,
                     to_string(promotion.kind), promotion.release.empty() ? "-" : promotion.release,
                     body.value("outcome", "unknown"), promotion.actor,
                     body.value("milliseconds", std::int64_t{0}), images.empty() ? "" : " ", images,
                     text.empty() ? "" : " # ", text.substr(0, text.find('\n')));
}

}  // namespace

std::string_view to_string(PromotionKind kind) noexcept {
  switch (kind) {
    case PromotionKind::install:
      return "install";
    case PromotionKind::promote:
      return "promote";
    case PromotionKind::rollback:
      return "rollback";
  }
  return "unknown";
}

void fold(EnvironmentState& state, const Record& record) {
  try {
    const json body = json::parse(record.body);
    switch (record.type) {
      case RecordType::environment:
        state.installed = true;
        state.subnet = body.at("subnet").get<std::string>();
        break;
      case RecordType::allocate:
        state.address_groups[body.at("service").get<std::string>()] = body.at("group").get<int>();
        break;
      case RecordType::begin:
        fold_begin(state, record, body);
        break;
      case RecordType::began:
        fold_mark(state, body, Mark::began);
        break;
      case RecordType::done:
        fold_mark(state, body, Mark::done);
        break;
      case RecordType::undoing:
        fold_mark(state, body, Mark::undoing);
        break;
      case RecordType::undone:
        fold_mark(state, body, Mark::undone);
        break;
      case RecordType::commit:
        fold_commit(state, record, body);
        break;
      case RecordType::end:
        if (state.open) state.lines.push_back(format_line(*state.open, record, body));
        state.open.reset();
        break;
    }
  } catch (const std::exception& wrong) {
    throw Error(
        Outcome::needs_operator,
        fmt::format(
            "cannot understand record {} of the journal: {}. Nothing was changed. Was it written by a "
            "newer halcyon? Use that version",
            record.sequence, wrong.what()));
  }
}

EnvironmentState fold_all(const std::vector<Record>& records) {
  EnvironmentState state;
  for (const Record& record : records) fold(state, record);
  return state;
}

std::string environment_body(const std::string& subnet) { return json{{"subnet", subnet}}.dump(); }

std::string allocate_body(const std::string& service, int group) {
  return json{{"service", service}, {"group", group}}.dump();
}

std::string begin_body(const OpenPromotion& promotion) {
  return json{{"promotion", promotion.id},         {"label", promotion.label},
              {"kind", to_string(promotion.kind)}, {"release", promotion.release},
              {"actor", promotion.actor},          {"access_log_offset", promotion.access_log_offset}}
      .dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string step_body(StepId step) { return json{{"step", to_string(step)}}.dump(); }

std::string commit_body(const std::string& release, const Placements& placements,
                        const AccessoryImages& accessories) {
  json where = json::object();
  for (const auto& [service, placement] : placements) {
    where[service] = {{"slot", to_string(placement.slot)}, {"origin", placement.origin}};
  }
  json body{{"release", release}, {"placements", where}};
  for (const auto& [service, entry] : accessories) {
    body["accessories"][service] = {
        {"reference", entry.reference}, {"digest", entry.digest.value}, {"image", entry.image.value}};
  }
  return body.dump();
}

std::string end_body(std::string_view outcome, const std::string& text, std::chrono::milliseconds took,
                     const std::string& images) {
  return json{{"outcome", outcome}, {"text", text}, {"milliseconds", took.count()}, {"images", images}}.dump(
      -1, ' ', true, json::error_handler_t::replace);
}

}  // namespace halcyon::orchestrator
