// Programs that a test starts, and what they said. Waiting is always for something, with a deadline.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace halcyon::lab_tests {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Longer than anything here may take; a test that waits so long has failed.
inline constexpr seconds k_longest_run{90};

/// Asks again and again, without a fixed number of times, until it holds; false when the time is over.
bool wait_until(const std::function<bool()>& holds, milliseconds deadline = seconds(10));

/// How a program ended.
struct Finished {
  int exit_code = -1;  ///< -1: it was ended by `signal`, or had to be killed because it took too long
  int signal = 0;
  std::string out;
  std::string err;
  json document;             ///< of standard output, if that is one JSON document
  std::vector<json> events;  ///< the lines of standard error that are JSON objects
};

struct Program {
  std::vector<std::string> words;                ///< the first is its path
  std::map<std::string, std::string> variables;  ///< beside those of this process
  std::string directory;
  bool keeps_stdin = false;  ///< a pipe instead of /dev/null
};

/// A program that runs beside the test; killed with this object.
class Running {
 public:
  explicit Running(const Program& program);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  pid_t pid() const noexcept { return pid_; }
  void send(int signal) const;
  void close_stdin();
  /// Waits until standard error has an event of this kind and step (empty: any); false if it ended before.
  bool wait_for_event(const std::string& kind, const std::string& step = "",
                      milliseconds deadline = seconds(20));
  /// Waits until its output holds `text`; false if it ended before.
  bool wait_for_output(const std::string& text, milliseconds deadline = seconds(20));
  /// Waits for its end; kills it when the deadline is over.
  Finished finish(milliseconds deadline = k_longest_run);

 private:
  void read_until_closed();
  void close_read_ends();

  pid_t pid_ = -1;
  int stdin_ = -1;
  int out_fd_ = -1;
  int err_fd_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string out_;
  std::string err_;
  bool closed_ = false;
  std::thread reader_;
  std::optional<Finished> finished_;
};

Finished run(const Program& program, milliseconds deadline = k_longest_run);

/// Waits until every process that a program of ours left behind (we are its reaper) has ended; what they are,
/// if any was there although its parent was not killed, or if they do not end.
std::vector<std::string> find_left_processes();

/// Processes that outlive us on purpose (an engine, an nginx) must not become our children.
class WithoutReaping {
 public:
  WithoutReaping();
  ~WithoutReaping();
};

}  // namespace halcyon::lab_tests
