// The advice follows what engine and kernel say.
#include "orchestrator/refused_start.hpp"

#include <gtest/gtest.h>

namespace halcyon::orchestrator {
namespace {

struct Case {
  std::string_view engine_says;
  std::string_view advice;
};

TEST(RefusedStart, the_advice_is_about_what_the_engine_says) {
  // Words of dockerd 20.10.24 with runc 1.1, and of Podman 4.3.1.
  const Case cases[] = {
      {"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container "
       "process: exec: \"serve\": executable file not found in $PATH: unknown",
       "Is the command of service.web in its image?"},
      {"runc create failed: unable to start container process: exec: \"/app\": permission denied: unknown",
       "May service.web.user execute the program"},
      {"exec /app: exec format error", "built for this machine's processor"},
      {"error while creating mount source path '/proc/x': mkdir /proc/x: no such file or directory",
       "service.web.volumes"},
      {"Address already in use", "Another container has its address"},
      {"unable to find user shop: no matching entries in passwd file", "service.web.user"},
      {"invalid CapAdd: unknown capability: \"CAP_FLY\"", "service.web.cap_add"},
      {"mkdir /var/lib/docker/overlay2/x: no space left on device", "disk is full"},
      {"something that nobody has seen", "journalctl -u docker"},
  };
  for (const Case& one : cases) {
    const std::string advice = advise_on_refused_start(one.engine_says, "web");
    EXPECT_NE(advice.find(one.advice), std::string::npos) << one.engine_says << " -> " << advice;
  }
}

}  // namespace
}  // namespace halcyon::orchestrator
