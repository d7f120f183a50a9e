// bench_spawn REPORT COMMAND [ARGUMENT...]: runs a command and writes "MICROSECONDS PEAK_KILOBYTES
// EXIT_CODE".
//
// A static program that does next to nothing: Linux carries the peak memory of a process over fork and exec,
// so a larger parent would be measured instead of its child.
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: bench_spawn REPORT COMMAND [ARGUMENT...]\n", stderr);
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (const int error = ::posix_spawnp(&child, argv[2], nullptr, nullptr, argv + 2, environ); error != 0) {
    std::fprintf(stderr, "bench_spawn: cannot start %s (error %d)\n", argv[2], error);
    return 127;
  }
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0) {
  }
  const auto taken = std::chrono::steady_clock::now() - began;
  std::FILE* const report = std::fopen(argv[1], "we");
  if (report == nullptr) return 127;
  std::fprintf(report, "%lld %ld %d\n",
               static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(taken).count()),
               usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  std::fclose(report);
  return 0;
}
