// Which of the states that a power cut can leave are looked at, and what must hold when one is opened again.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/configuration.hpp"
#include "orchestrator/environment_state.hpp"
#include "tests/faults/file_history.hpp"

namespace halcyon::fault_tests {

struct LostState {
  std::string name;  ///< "all but 12 lost"
  Loss loss;
};

/// Of what the first `count` operations can leave: all kept, all unsynced lost, each one alone lost, each one
/// alone kept, every write torn, and `samples` subsets by a fixed series of numbers.
std::vector<LostState> list_states(const FileHistory& history, std::size_t count, std::size_t samples);

/// Opens state directories as `resume` does before it asks the engine: lock, journal, fold, caches.
class StateRecovery {
 public:
  /// `history`: of a run that came to its end. `configuration`: the application's file. `from`: the directory
  /// that the roots lie in; `to`: where states are made again.
  StateRecovery(const FileHistory& history, const std::string& configuration, std::string from,
                std::string to);

  /// Makes what the first `count` operations left, without what is lost, opens it, and says all that is wrong
  /// with what came of it.
  std::vector<std::string> find_faults(std::size_t count, const Tree& tree) const;
  /// What a power cut right behind the first `count` operations must leave, folded.
  orchestrator::EnvironmentState acknowledged(std::size_t count) const;

 private:
  struct Opened;
  Opened open() const;
  std::string placed(const std::string& path) const;
  std::string journal_in(const Tree& tree) const;
  void check_records(std::size_t count, const Opened& opened, std::vector<std::string>& faults) const;
  void check_copies(const Opened& opened, const Tree& after, std::vector<std::string>& faults) const;
  void check_releases(const Opened& opened, const Tree& after, std::vector<std::string>& faults) const;
  void check_traffic(const Opened& opened, const Tree& after, std::vector<std::string>& faults) const;
  void check_contents(const Tree& after, std::vector<std::string>& faults) const;

  const FileHistory& history_;
  std::string from_;
  std::string to_;
  orchestrator::Environment environment_;  ///< where states are made again
  std::string state_directory_;            ///< where it was recorded
  Tree before_;
  Tree complete_;
  std::vector<orchestrator::Record> records_;              ///< of the complete run
  std::map<std::string, std::set<std::string>> contents_;  ///< all that a name ever held as a whole
};

}  // namespace halcyon::fault_tests
