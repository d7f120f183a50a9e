// doctor: compares the journal, the only truth, with the files, the engine and nginx, and explains every
// difference.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/operations.hpp"

namespace halcyon::orchestrator {

enum class Agreement {
  agrees,
  differs,
  unknown,  ///< it could not be asked
};
std::string_view to_string(Agreement agreement) noexcept;

/// One thing that was compared.
struct Finding {
  std::string subject;  ///< "journal", "containers": the same word in text and JSON
  Agreement agreement = Agreement::agrees;
  std::string text;         ///< what was found
  std::string remedy;       ///< what to do; empty if it agrees
  bool repairable = false;  ///< repair() does it
};

struct Diagnosis {
  std::string app;
  std::string environment;
  std::vector<Finding> findings;
  bool is_sound() const noexcept;  ///< all agrees
};

/// Looks at everything and changes nothing; takes no lock. What cannot be asked is a finding, too.
///
/// Errors: Error usage if the environment is not installed.
boost::asio::awaitable<Diagnosis> diagnose(Session session);

/// Repairs what is ours: state that a failed disk has left in doubt is read back and written anew, then
/// everything is done that resume() does. `report` says how that ended.
boost::asio::awaitable<Report> repair(Session session);

}  // namespace halcyon::orchestrator
