// What became of the requests: every request ends in exactly one of four verdicts.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "load_histogram.h"
#include "load_options.h"

namespace halcyon::lab {

using Clock = std::chrono::steady_clock;

enum class Kind { keepalive_get, keepalive_post, fresh, post, slow, upload, websocket };
inline constexpr std::array<std::string_view, 7> k_kind_names{
    "keepalive_get", "keepalive_post", "fresh", "post", "slow", "upload", "websocket"};

enum class Verdict {
  answered,   // 200, from an expected release, with what was asked for
  lost,       // no answer: the connection was refused, reset, ended or silent
  wrong,      // a complete answer, but not the expected one
  truncated,  // an answer that began and did not end
};
inline constexpr std::array<std::string_view, 4> k_verdict_names{"answered", "lost", "wrong", "truncated"};

struct Outcome {
  Verdict verdict = Verdict::answered;
  std::string reason;   // lost: the class; wrong: the status, or what differed; truncated: how
  std::string release;  // the value of the expected header, when there was an answer
};

class Tally {
 public:
  // Errors: std::runtime_error when one of the files of `options` cannot be written.
  explicit Tally(const LoadOptions& options);

  void count(Kind kind, const Outcome& outcome, Clock::duration latency, std::string_view post_id = {});
  void connection_opened() { ++connections_opened_; }
  void websocket_opened() { ++websocket_opened_; }
  void websocket_closed() { ++websocket_closed_; }

  bool is_ok() const;
  nlohmann::ordered_json report() const;
  // One line for people or programs that watch: counts so far, and how many were new since the last call.
  nlohmann::ordered_json progress();

 private:
  struct PerKind {
    std::array<std::uint64_t, k_verdict_names.size()> verdicts{};
    Histogram latency;
  };
  using Counts = std::map<std::string, std::uint64_t, std::less<>>;

  std::uint64_t total(Verdict verdict) const;
  double seconds() const;

  std::array<PerKind, k_kind_names.size()> kinds_{};
  Histogram latency_;  // without slow and upload, whose time is chosen by us
  Counts lost_by_;
  Counts wrong_by_;
  Counts releases_;
  std::uint64_t connections_opened_ = 0;
  std::uint64_t websocket_opened_ = 0;
  std::uint64_t websocket_closed_ = 0;
  std::uint64_t seed_;
  std::uint64_t requests_at_last_progress_ = 0;
  Clock::time_point started_ = Clock::now();
  std::ofstream posts_;
  std::ofstream failures_;
};

}  // namespace halcyon::lab
