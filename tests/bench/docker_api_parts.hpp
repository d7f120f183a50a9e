// What the part docker_api measures, one function a file. Each prints its figures.
#pragma once

#include "lab_environment.hpp"
#include "stream_peer.hpp"

namespace halcyon::bench {

/// `_ping`, on a kept connection and on a new one each.
void measure_ping(const LabEnvironment& lab);
/// The list of 1,000 containers, and `halcyon status` beside them.
void measure_container_list(const LabEnvironment& lab);
void measure_log_frames(const LabEnvironment& lab, const StreamPeer& peer);
void measure_archive(const LabEnvironment& lab, const StreamPeer& peer);
/// Memory of 500 logs that are followed.
void measure_followers(const LabEnvironment& lab, const StreamPeer& peer);

}  // namespace halcyon::bench
