// One connection of the fake engine: bytes in, bytes out, and what a fault does to them. Private to
// docker_api/testing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "docker_api/file_descriptor.hpp"
#include "docker_api/testing/fault.hpp"
#include "docker_api/testing/http_bytes.hpp"

namespace halcyon::docker_api::fake {

/// A request or answer that waits for release().
struct Held {
  std::string name;
  std::optional<Request> request;  ///< before its work
  std::optional<Answer> answer;    ///< after it
  bool is_head_request = false;
  bool upgrades = false;
};

class Connection {
 public:
  Connection(int fd, std::size_t number) : number_(number), socket_(fd) {}

  /// Reads what is there. False if the peer has gone.
  bool receive();
  /// Sends what can be sent. False if the peer has gone.
  bool flush();
  /// Moves on what the stream has produced.
  void pump();
  /// The next request, if nothing is in its way.
  std::optional<Request> take_next();

  /// Begins an answer; `fault` may cut it short.
  void begin(const Answer& answer, const std::vector<Header>& common, bool is_head_request, bool upgrades,
             const Fault* fault);
  void stall() { stalled_ = true; }
  void close() { closed_ = true; }
  /// Closes with all that is still to be sent thrown away.
  void abort() {
    out_.clear();
    closed_ = true;
  }

  int fd() const noexcept { return socket_.get(); }
  std::size_t number() const noexcept { return number_; }
  bool is_finished() const noexcept { return closed_ || (closes_when_sent_ && out_.empty() && !lingers_); }
  bool wants_to_write() const noexcept { return !out_.empty(); }
  bool wants_to_read() const noexcept { return !input_ended_; }

  std::optional<Held> held;

 private:
  void append(std::string_view bytes);
  void end_stream();

  std::size_t number_;
  FileDescriptor socket_;
  std::string in_;
  std::string out_;
  std::shared_ptr<Stream> stream_;
  bool is_raw_ = false;
  bool is_chunked_ = false;
  bool input_ended_ = false;
  bool closed_ = false;
  bool closes_ = false;    ///< with the answer to the request at hand
  bool may_chunk_ = true;  ///< in that answer
  bool closes_when_sent_ = false;
  bool lingers_ = false;  ///< our side is ended; the peer's is still read, so that it gets what we sent
  bool stalled_ = false;
  bool said_continue_ = false;
  std::optional<std::size_t> bytes_left_;  ///< until the fault acts
  bool stalls_then_ = false;
};

}  // namespace halcyon::docker_api::fake
