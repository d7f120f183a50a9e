// What a core dump of a process that holds a password would hold. The kernel leaves out the mappings with the
// flag dd (proc(5), smaps): all others are looked through here, in a process that waits for an engine's
// answer.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstring>
#include <fstream>
#include <future>
#include <set>
#include <sstream>

#include "docker_api/child_process.hpp"
#include "docker_api/file_descriptor.hpp"
#include "docker_api/secret.hpp"
#include "tests/docker_api/secret_holder.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tls_front.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::ScriptedPeer;
using test_support::ScriptedServer;
using test_support::SeenRequest;

struct Mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool readable = false;
  bool dumped = true;
};

std::vector<Mapping> mappings_of(pid_t pid) {
  std::vector<Mapping> mappings;
  std::ifstream smaps("/proc/" + std::to_string(pid) + "/smaps");
  for (std::string line; std::getline(smaps, line);) {
    Mapping mapping;
    char dash = 0;
    std::string permissions;
    std::istringstream words(line);
    if (line.starts_with("VmFlags:")) {
      mappings.back().dumped = line.find(" dd") == std::string::npos && line.find(" io") == std::string::npos;
    } else if (words >> std::hex >> mapping.begin >> dash >> mapping.end >> permissions && dash == '-') {
      mapping.readable = permissions.front() == 'r' && line.find("[vvar") == std::string::npos &&
                         line.find("[vsyscall") == std::string::npos;
      mappings.push_back(mapping);
    }
  }
  return mappings;
}

/// AddressSanitizer's shadow, terabytes of nothing, is left out of dumps, too.
constexpr std::uint64_t k_longest_secret_bytes = std::uint64_t{1} << 20;

/// Which of `texts`, none longer than 4 KiB, stand in the mappings that are dumped, or in those that are not.
std::set<std::string> find_in_memory(pid_t pid, bool dumped, const std::set<std::string>& texts) {
  constexpr std::uint64_t k_overlap_bytes = 4096;
  std::set<std::string> found;
  const FileDescriptor memory(
      ::open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
  std::string piece(std::size_t{1} << 20, '\0');
  for (const Mapping& mapping : mappings_of(pid)) {
    if (!mapping.readable || mapping.dumped != dumped) continue;
    if (!dumped && mapping.end - mapping.begin > k_longest_secret_bytes) continue;
    for (std::uint64_t at = mapping.begin; at < mapping.end; at += piece.size() - k_overlap_bytes) {
      const std::size_t wanted = std::min<std::uint64_t>(piece.size(), mapping.end - at);
      const ssize_t got = ::pread(memory.get(), piece.data(), wanted, static_cast<off_t>(at));
      if (got <= 0) break;  // of a file that is shorter than its mapping
      const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
      for (const std::string& text : texts) {
        if (::memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr) found.insert(text);
      }
    }
  }
  return found;
}

class SecretMemoryTest : public ::testing::Test {
 protected:
  /// Looks into a process whose request has arrived and is not answered.
  void expect_no_secret(const std::string& how, const std::string& address,
                        std::vector<std::string> more = {}) {
    std::vector<std::string> argv{SECRET_HOLDER, how, address};
    argv.insert(argv.end(), more.begin(), more.end());
    boost::asio::io_context io;
    ChildProcess child(io.get_executor(), {.argv = argv, .environment = {}, .streams = {}});
    const SeenRequest request = arrived_.get_future().get();
    const std::string password = text_of(HeldText::password);
    const std::string header = request.header("X-Registry-Auth");
    const std::string sent = header.empty() ? request.body : header;
    ASSERT_GT(sent.size(), k_held_letters);
    const std::string marker = text_of(HeldText::marker);
    std::set<std::string> wanted{marker};
    for (const std::string& whole : {password, sent.substr(k_plain_beginning)}) {
      for (std::size_t at = 0; at + k_part_bytes <= whole.size(); at += k_part_bytes)
        wanted.insert(whole.substr(at, k_part_bytes));
    }
    // The marker lies in ordinary memory: whoever does not find it has not looked.
    EXPECT_EQ(find_in_memory(child.pid(), true, wanted), std::set<std::string>{marker});
    EXPECT_EQ(find_in_memory(child.pid(), false, {password}), std::set<std::string>{password});
  }

  static constexpr std::size_t k_part_bytes = 16;
  static constexpr std::size_t k_plain_beginning = 24;  // {"password":" says nothing, encoded or not

  std::promise<SeenRequest> arrived_;
  ScriptedServer server_{[this](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test_support::pong());
    if (peer.read_request()) arrived_.set_value(peer.request());
    peer.wait_for_client_to_close();
  }};
};

TEST_F(SecretMemoryTest, a_pull_that_waits_for_its_answer_has_its_password_in_no_core_dump) {
  expect_no_secret("pull", to_string(server_.address()));
}

TEST_F(SecretMemoryTest, nor_does_a_login) { expect_no_secret("auth", to_string(server_.address())); }

TEST_F(SecretMemoryTest, nor_does_a_pull_over_tls) {
  const testing::TemporaryDirectory directory;
  const test_support::Certificates certificates(directory.path());
  const test_support::TlsFront front(certificates, server_.address());
  expect_no_secret("pull", "tcp://localhost:" + std::to_string(front.port()), {certificates.ca});
}

TEST(SecretTest, its_pages_are_left_out_of_dumps_and_given_back) {
  const auto holds = [](bool dumped) {
    return !find_in_memory(::getpid(), dumped, {text_of(HeldText::password)}).empty();
  };
  SecretText text;
  for (std::size_t i = 0; i < k_held_letters; ++i) text.push_back(letter_of(HeldText::password, i));
  Secret secret(std::move(text));
  EXPECT_TRUE(holds(false));
  secret = Secret();
  EXPECT_FALSE(holds(false));
}

}  // namespace
}  // namespace halcyon::docker_api
