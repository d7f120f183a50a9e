// An engine behind ssh: the ssh program as a child, `docker system dial-stdio` at its other end. Private to
// docker_api.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "docker_api/child_process.hpp"
#include "docker_api/engine_address.hpp"
#include "docker_api/file_descriptor.hpp"
#include "docker_api/timed_socket.hpp"

namespace halcyon::docker_api {

/// ssh's command line, without a shell on our side. Pure.
///
/// Source: docker/cli cli/connhelper, connhelper.go and ssh.go.
std::vector<std::string> make_ssh_arguments(const SshAddress& address, const std::string& program);

/// Owns:   the ssh process; it belongs to the connection and ends with it, whatever happens to one request.
/// Errors: as Transport. That ssh could not log in is seen as an end of the stream; explain_end() then has
///         ssh's own last words.
class SshTransport final : public Transport {
 public:
  /// `environment`: the child's; its PATH says where ssh is. Errors: invalid_argument if there is no ssh.
  SshTransport(const boost::asio::any_io_executor& executor, const SshAddress& address,
               const std::vector<std::string>& environment);

  void set_deadline(std::optional<std::chrono::milliseconds> from_now) override {
    socket_->set_deadline(from_now);
  }
  boost::asio::awaitable<IoResult> read_some(boost::asio::mutable_buffer into) override {
    return socket_->read_some(into);
  }
  IoResult write_now(const Pieces& pieces) override { return socket_->write_now(pieces); }
  boost::asio::awaitable<IoResult> write_some(Pieces pieces, bool give_way) override {
    return socket_->write_some(pieces, give_way);
  }
  boost::asio::awaitable<IoResult> end_writing() override { return socket_->end_writing(); }
  /// Leaves the end to read_some(): behind that judge_end() can be waited for.
  IoResult read_now(boost::asio::mutable_buffer into) override;
  bool is_readable() noexcept override { return socket_->is_readable(); }
  void close() noexcept override { socket_->close(); }
  std::string explain_end() override;
  /// ssh ends its output also when the network fails and when it is killed; its exit code tells. Then it is
  /// connection_reset.
  boost::asio::awaitable<IoResult> judge_end() override;
  bool was_turned_away() override;

 private:
  std::shared_ptr<TimedSocket> socket_;
  FileDescriptor words_;  // ssh's standard error: a bounded file in memory
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace halcyon::docker_api
