// The client: round trips, lists, long streams, memory.
#include "bench.hpp"
#include "docker_api_parts.hpp"

namespace halcyon::bench {

void measure_docker_api(const LabEnvironment& lab) {
  measure_ping(lab);
  measure_container_list(lab);
  const StreamPeer peer(lab);
  measure_log_frames(lab, peer);
  measure_archive(lab, peer);
  measure_followers(lab, peer);
}

}  // namespace halcyon::bench
