// Linked into a halcyon of its own (--wrap, with the C++ library linked statically, so that its clocks are
// meant, too): the wall clock is as wrong as the test says, and the monotonic clock and the timers run
// faster. Without HALCYON_WARP nothing is different from the real program.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "tests/crash/warp.hpp"

// The names are the linker's.
// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier)
extern "C" {
int __real_clock_gettime(clockid_t clock, timespec* now);
int __real_timerfd_settime(int fd, int flags, const itimerspec* wanted, itimerspec* before);
}

namespace {

using halcyon::crash_tests::Warp;

constexpr std::int64_t k_nanoseconds = 1'000'000'000;

const Warp* warp() {
  static const Warp* const mapped = []() -> const Warp* {
    const char* const path = std::getenv(halcyon::crash_tests::k_warp_variable);
    if (path == nullptr) return nullptr;
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    void* const memory = ::mmap(nullptr, sizeof(Warp), PROT_READ, MAP_SHARED, fd, 0);
    ::close(fd);
    return memory == MAP_FAILED ? nullptr : static_cast<const Warp*>(memory);
  }();
  return mapped;
}

std::int64_t nanoseconds_of(const timespec& time) { return time.tv_sec * k_nanoseconds + time.tv_nsec; }

timespec timespec_of(std::int64_t nanoseconds) {
  return {.tv_sec = nanoseconds / k_nanoseconds, .tv_nsec = nanoseconds % k_nanoseconds};
}

/// Faster from the first time that somebody asks.
timespec sped_up(const timespec& now, std::int64_t speed) {
  static const std::int64_t began = nanoseconds_of(now);
  return timespec_of(began + (nanoseconds_of(now) - began) * speed);
}

/// Zero stops a timer, so that nothing may become zero.
timespec shortened(const timespec& time, std::int64_t speed) {
  const std::int64_t whole = nanoseconds_of(time);
  return timespec_of(whole == 0 ? 0 : std::max<std::int64_t>(1, whole / speed));
}

}  // namespace

extern "C" {

int __wrap_clock_gettime(clockid_t clock, timespec* now) {
  const int result = __real_clock_gettime(clock, now);
  if (result != 0 || warp() == nullptr) return result;
  if (clock == CLOCK_REALTIME) now->tv_sec += warp()->wall_seconds;
  if (clock == CLOCK_MONOTONIC) *now = sped_up(*now, warp()->speed);
  return 0;
}

int __wrap_timerfd_settime(int fd, int flags, const itimerspec* wanted, itimerspec* before) {
  if (warp() == nullptr || (flags & TFD_TIMER_ABSTIME) != 0) {
    return __real_timerfd_settime(fd, flags, wanted, before);
  }
  const itimerspec sooner{.it_interval = shortened(wanted->it_interval, warp()->speed),
                          .it_value = shortened(wanted->it_value, warp()->speed)};
  return __real_timerfd_settime(fd, flags, &sooner, before);
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
