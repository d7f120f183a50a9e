#include "docker_api/testing/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace halcyon::docker_api::fake {

bool Connection::receive() {
  std::array<char, std::size_t{64} * 1024> buffer{};
  while (true) {
    const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) {
      input_ended_ = true;
      // Only a process's stream can lose its input and go on; everything else has lost its client.
      if (lingers_ || !is_raw_ || !stream_) return false;
      if (stream_->on_input_end) stream_->on_input_end();
      return true;
    }
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    if (lingers_ || stalled_) continue;
    if (is_raw_) {
      if (stream_ && stream_->on_input) stream_->on_input(bytes);
    } else {
      in_ += bytes;
    }
  }
}

bool Connection::flush() {
  while (!out_.empty()) {
    const ssize_t count = ::send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    out_.erase(0, static_cast<std::size_t>(count));
  }
  // A close with bytes unread would be a reset, which overtakes what was sent.
  if (closes_when_sent_ && is_raw_ && !input_ended_ && !lingers_) {
    ::shutdown(socket_.get(), SHUT_WR);
    lingers_ = true;
  }
  return true;
}

void Connection::pump() {
  if (!stream_ || held || stalled_) return;
  if (!stream_->pending.empty()) {
    append(is_chunked_ ? write_chunk(stream_->pending) : stream_->pending);
    stream_->pending.clear();
  }
  if (stream_ && stream_->ended) end_stream();
}

void Connection::end_stream() {
  if (is_chunked_) append(k_last_chunk);
  if (is_raw_ || closes_) closes_when_sent_ = true;
  stream_.reset();
}

std::optional<Request> Connection::take_next() {
  if (stream_ || held || stalled_ || closed_ || closes_when_sent_ || is_raw_) return std::nullopt;
  auto request = take_request(in_);
  if (request) {
    closes_ = request->closes;
    may_chunk_ = request->may_chunk;
    said_continue_ = false;
  } else if (!said_continue_ && waits_for_continue(in_)) {
    said_continue_ = true;
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  return request;
}

void Connection::begin(const Answer& answer, const std::vector<Header>& common, bool is_head_request,
                       bool upgrades, const Fault* fault) {
  const AnswerBytes written = write_answer(answer, common, is_head_request, upgrades, may_chunk_);
  if (fault != nullptr) {
    bytes_left_ = fault->bytes + (fault->counts_head ? 0 : written.head_bytes);
    stalls_then_ = fault->kind == Fault::Kind::stall;
  }
  is_chunked_ = written.is_chunked;
  is_raw_ = answer.raw;
  stream_ = is_head_request ? nullptr : answer.stream;
  append(written.bytes);
  if ((answer.raw || (closes_ && !stalled_)) && !stream_) closes_when_sent_ = true;
}

void Connection::append(std::string_view bytes) {
  if (stalled_ || closes_when_sent_) return;
  if (!bytes_left_) {
    out_ += bytes;
    return;
  }
  const std::size_t taken = std::min(*bytes_left_, bytes.size());
  out_ += bytes.substr(0, taken);
  *bytes_left_ -= taken;
  const bool is_cut = taken < bytes.size() || (*bytes_left_ == 0 && stream_);
  if (!is_cut) return;
  stream_.reset();
  if (stalls_then_) {
    stalled_ = true;
  } else {
    is_raw_ = false;  // an abrupt end
    closes_when_sent_ = true;
  }
}

}  // namespace halcyon::docker_api::fake
