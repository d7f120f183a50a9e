// What a followed log costs in memory, 500 of them in one process.
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <thread>

#include "await_result.hpp"
#include "docker_api/containers.hpp"
#include "docker_api/error.hpp"
#include "docker_api_parts.hpp"
#include "figures.hpp"
#include "python_peer.hpp"

namespace halcyon::bench {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr int k_followers = 500;
constexpr double k_goal_kibibytes = 64;
constexpr auto k_patience = 60s;
// What they hear first: some twenty lines. Then more at once than a socket holds.
constexpr std::uint64_t k_few_bytes = 2'000;
constexpr std::uint64_t k_burst_bytes = 1'000'000;

double resident_kibibytes(const std::string& process) {
  std::ifstream statm("/proc/" + process + "/statm");
  double all_pages = 0;
  double pages = 0;
  statm >> all_pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

struct Heard {
  std::uint64_t bytes = 0;
  int running = 0;
  std::exception_ptr error;
};

asio::awaitable<void> follow(docker_api::Engine& engine, int number, Heard& heard) {
  docker_api::ContainerId id("follow_" + std::to_string(number));
  docker_api::LogReader reader =
      co_await docker_api::open_logs(engine, std::move(id), {.follow = true, .tty = false});
  ++heard.running;
  while (const auto piece = co_await reader.next()) heard.bytes += piece->bytes.size();
  --heard.running;
}

asio::awaitable<void> ask(docker_api::Engine& engine, std::string path) {
  co_await engine.call({.path = std::move(path), .deadlines = {.head = k_patience}});
}

class Followers {
 public:
  explicit Followers(const StreamPeer& peer) : engine_(io_.get_executor(), peer.address()) {}

  void start() {
    for (int number = 0; number < k_followers; ++number) spawn(follow(engine_, number, heard_));
    run_until([this] { return heard_.running == k_followers; });
  }
  /// Lets each hear about `bytes`; the server sends whole lines of 100 bytes in chunks of 114.
  void hear(std::uint64_t bytes) {
    expected_ += (bytes + 113) / 114 * 100 * k_followers;
    spawn(ask(engine_, "/say/" + std::to_string(bytes)));
    run_until([this] { return heard_.bytes == expected_; });
  }
  void end() {
    spawn(ask(engine_, "/end"));
    run_until([this] { return heard_.running == 0; });
  }

 private:
  void spawn(asio::awaitable<void> work) {
    asio::co_spawn(io_, std::move(work), [this](const std::exception_ptr& error) {
      if (error) heard_.error = error;
    });
  }
  template <class Condition>
  void run_until(Condition is_met) {
    const auto deadline = std::chrono::steady_clock::now() + k_patience;
    while (!is_met()) {
      if (io_.run_one_until(deadline) == 0)
        throw std::runtime_error("the followers do not hear what was said");
      if (heard_.error) std::rethrow_exception(heard_.error);
    }
  }

  asio::io_context io_;
  Heard heard_;
  std::uint64_t expected_ = 0;
  docker_api::Engine engine_;
};

/// Ends a program that does not look at its standard input.
struct Ending {
  pid_t pid;
  ~Ending() { ::kill(pid, SIGTERM); }
};

/// `docker logs -f`, once it has printed something.
double docker_cli_kibibytes(const LabEnvironment& lab, const StreamPeer& peer) {
  const std::string output = lab.work_directory + "/docker_logs.out";
  BackgroundProcess cli({"docker", "--host", peer.docker_host(), "logs", "--follow", "follow_cli"}, output);
  const Ending ending{cli.pid()};
  asio::io_context io;
  docker_api::Engine engine(io.get_executor(), peer.address());
  const auto deadline = std::chrono::steady_clock::now() + k_patience;
  // What is said before it follows is lost to it.
  while (read_text_file(output).empty()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("docker logs prints nothing");
    await_result(io, ask(engine, "/say/200"));
    std::this_thread::sleep_for(10ms);
  }
  return resident_kibibytes(std::to_string(cli.pid()));
}

}  // namespace

void measure_followers(const LabEnvironment& lab, const StreamPeer& peer) {
  const double before = resident_kibibytes("self");
  const auto each = [before] { return (resident_kibibytes("self") - before) / k_followers; };
  Followers followers(peer);
  followers.start();
  followers.hear(k_few_bytes);
  print_figure("follower_memory", each(), "KiB", Goal::at_most, k_goal_kibibytes);
  followers.hear(k_burst_bytes);
  print_figure("follower_memory.after_burst", each(), "KiB");
  followers.end();
  const auto python = run_python_peer(lab, peer.docker_host(), {"followers", std::to_string(k_followers)});
  print_figure("follower_memory.python3_docker", python.at("kib_each"), "KiB");
  print_figure("follower_memory.docker_logs", docker_cli_kibibytes(lab, peer), "KiB");
}

}  // namespace halcyon::bench
