// The parts of doctor: each looks at one side and adds what it found. Private to the doctor.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/doctor.hpp"
#include "orchestrator/environment_state.hpp"
#include "orchestrator/own_containers.hpp"
#include "orchestrator/release.hpp"
#include "orchestrator/state_directory.hpp"

namespace halcyon::orchestrator {

/// What has been found so far.
class Findings {
 public:
  void agrees(std::string subject, std::string text) {
    list_.push_back({std::move(subject), Agreement::agrees, std::move(text), {}, false});
  }
  /// For a person to put right.
  void differs(std::string subject, std::string text, std::string remedy) {
    list_.push_back({std::move(subject), Agreement::differs, std::move(text), std::move(remedy), false});
  }
  /// For repair() to put right: `remedy` says how.
  void repairable(std::string subject, std::string text, std::string remedy) {
    list_.push_back({std::move(subject), Agreement::differs, std::move(text), std::move(remedy), true});
  }
  void unknown(std::string subject, std::string text, std::string remedy) {
    list_.push_back({std::move(subject), Agreement::unknown, std::move(text), std::move(remedy), false});
  }
  std::vector<Finding> take() { return std::move(list_); }

 private:
  std::vector<Finding> list_;
};

/// What the journal and the release records say; all else is compared with it.
struct Truth {
  EnvironmentState state;
  std::optional<Release> current;
  std::optional<Release> previous;
};

/// Storage, directories, journal. Nothing if the journal cannot be believed: then there is nothing to
/// compare with.
std::optional<Truth> examine_journal(const Environment& environment, const StateDirectory& directory,
                                     Findings& findings);
/// Caches, release records, flags, leftovers.
void examine_files(const Environment& environment, const StateDirectory& directory, const Truth& truth,
                   Findings& findings);
/// The engine itself, network, containers, images.
boost::asio::awaitable<void> examine_engine(Session session, const Truth& truth, Findings& findings);
/// The declaration on disk and as loaded, and where requests get.
boost::asio::awaitable<void> examine_nginx(Session session, const Truth& truth, Findings& findings);

}  // namespace halcyon::orchestrator
