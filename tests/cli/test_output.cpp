#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "cli/output.hpp"

namespace halcyon::cli {
namespace {

class PipeOutput : public ::testing::Test {
 protected:
  PipeOutput() {
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe(ends_), 0);
  }
  ~PipeOutput() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  /// Reads what is there; waits for the first byte only.
  std::string read() {
    std::string result(1 << 20, '\0');
    const ssize_t length = ::read(ends_[0], result.data(), result.size());
    result.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    return result;
  }

  int ends_[2] = {-1, -1};
};

TEST_F(PipeOutput, offering_more_than_the_pipe_takes_does_not_wait_and_loses_nothing) {
  DescriptorOutput output(ends_[1]);
  const std::string text(300'000, 'x');
  output.offer(text);
  EXPECT_TRUE(output.is_behind());
  std::size_t seen = read().size();
  EXPECT_GT(seen, 0U);
  while (output.is_behind()) {
    output.offer({});
    seen += read().size();
  }
  EXPECT_EQ(seen, text.size());
  EXPECT_EQ(output.failure(), "");
}

TEST_F(PipeOutput, writing_waits_for_the_reader_and_comes_after_what_was_offered) {
  DescriptorOutput output(ends_[1]);
  std::string seen;
  output.offer(std::string(100'000, 'a'));
  std::thread reader([&] {
    while (seen.size() < 300'000) {
      seen += read();
    }
  });
  output.write(std::string(200'000, 'b'));
  reader.join();
  EXPECT_EQ(seen, std::string(100'000, 'a') + std::string(200'000, 'b'));
}

TEST_F(PipeOutput, a_non_blocking_descriptor_is_waited_for) {
  ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
  DescriptorOutput output(ends_[1]);
  std::size_t seen = 0;
  std::thread reader([&] {
    while (seen < 200'000) {
      seen += read().size();
    }
  });
  output.write(std::string(200'000, 'b'));
  reader.join();
  EXPECT_EQ(seen, 200'000U);
}

TEST_F(PipeOutput, a_reader_that_went_away_is_no_failure_but_the_end) {
  DescriptorOutput output(ends_[1]);
  ::close(std::exchange(ends_[0], -1));
  output.write("x");
  EXPECT_TRUE(output.is_closed());
  EXPECT_EQ(output.failure(), "");
  output.offer("y");
  EXPECT_FALSE(output.is_behind());
}

TEST(FullDevice, is_a_failure) {
  const int descriptor = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  DescriptorOutput output(descriptor);
  output.write("x");
  EXPECT_EQ(output.failure(), "No space left on device");
  ::close(descriptor);
}

}  // namespace
}  // namespace halcyon::cli
