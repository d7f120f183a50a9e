// Whether nginx's configuration includes our files, asked before it is told to load it: a reload without them
// would take the application out of service.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/configuration.hpp"
#include "orchestrator/nginx_files.hpp"
#include "orchestrator/promotion.hpp"

namespace halcyon::orchestrator {

/// The files that nginx reads its configuration from, in the words of `nginx -T`. Pure.
std::vector<std::string> parse_configuration_files(std::string_view dump);

/// Which of our files nginx's configuration does not include. Links are followed on both sides.
///
/// `loaded`: of parse_configuration_files().
std::vector<std::string> find_missing_inclusions(const StateDirectory& directory,
                                                 const std::vector<NginxFile>& files,
                                                 const std::vector<std::string>& loaded);

/// What to do about files that are not included: the lines that are missing and where each belongs.
std::string describe_missing(const Environment& environment, const StateDirectory& directory,
                             const std::vector<std::string>& missing);

/// In include mode: what is said beside nginx's refusal of a name that only our files declare, all lines that
/// it needs; empty for any other refusal.
///
/// `said`: nginx's words, `unknown "halcyon_gate__production" variable`.
std::string describe_refused_inclusion(const Environment& environment, const StateDirectory& directory,
                                       std::string_view said);

/// What to look at when all of them are included, but another server block answers.
std::string describe_inclusion(const Environment& environment, const StateDirectory& directory);

/// True if nginx's configuration may be broken, or another's, only until the coming promotion writes our
/// files: the team's server block may include files that are not there yet, or both ways of including us are
/// in place at once. The promotion then tests it when they are written.
bool awaits_our_files(Promotion& promotion);

/// In managed mode: what is said beside a configuration that nginx does not accept while the files of the
/// include way are still there; empty otherwise.
std::string describe_left_inclusion(const Environment& environment, const StateDirectory& directory);

}  // namespace halcyon::orchestrator
