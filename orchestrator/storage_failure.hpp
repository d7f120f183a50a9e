// After a failed fsync nobody can say what is on the disk: changes stop until doctor has read everything
// back.
//
// Source: third_party_docs/linux_files.md, "When fsync fails".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/configuration.hpp"
#include "orchestrator/failure.hpp"
#include "orchestrator/state_directory.hpp"

namespace halcyon::orchestrator {

/// Keeps the failure for the commands to come, as well as such a disk lets us; anything but a storage failure
/// is left alone. Returns what to add to the failure's text: that changes stop, and what to do.
std::string remember_storage_failure(const Environment& environment, const Failure& failure);

/// What failed, if that is remembered.
std::optional<std::string> find_storage_failure(const StateDirectory& directory);

/// Errors: needs_operator while a failure is remembered.
void refuse_after_storage_failure(const Environment& environment, const StateDirectory& directory);

/// The files of the state directory of which the disk holds something else than the page cache, or that
/// cannot be read: a failed fsync leaves such behind.
std::vector<std::string> find_unsaved_files(const StateDirectory& directory);

/// Reads every file of the state directory from the disk, writes it to a new one and reads that from the disk
/// again; then the failure is forgotten. To be called under the lock. Returns the number of files.
///
/// Errors: backup::Error if the disk still fails, or gives back something else than was written;
/// needs_operator if the journal is damaged: nothing was written then.
std::size_t rewrite_state(const StateDirectory& directory);

}  // namespace halcyon::orchestrator
