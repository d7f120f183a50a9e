// What can go wrong between a client and the fake engine, on purpose.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "docker_api/testing/messages.hpp"

namespace halcyon::docker_api::fake {

/// What happens to one request. Made by the functions below.
struct Fault {
  enum class Kind {
    answer,        ///< nothing is done; `status` and `body` are answered
    lose_request,  ///< nothing is done; the connection closes
    cut,           ///< it is done; the answer ends after `bytes` and the connection closes
    stall,         ///< the same, but the connection stays open and silent
    stall_before,  ///< nothing is done and nothing answered; the connection stays open
    hold_before,   ///< it waits until release(name), then goes on as if nothing had been
    hold_after,    ///< it is done; the answer waits until release(name)
    die_before,    ///< the engine dies before it does anything
    die_after,     ///< the engine dies when it is done, before it answers
  };
  Kind kind = Kind::answer;
  int status = 500;
  std::string body;
  std::size_t bytes = 0;
  bool counts_head = true;  ///< whether `bytes` counts the answer's head
  std::string name;         ///< of a hold
};

/// Answers `{"message": ...}` with a status and does nothing.
Fault answer_with(int status, std::string_view message);
/// The same with any body, text or JSON.
Fault answer_with_body(int status, std::string body);
/// Closes the connection without doing anything: the request is lost.
Fault lose_request();
/// Does the work and closes the connection before the first byte of the answer: in doubt for the client.
Fault lose_answer();
/// Does the work and closes after so many bytes of the answer, head included.
Fault cut_answer(std::size_t bytes);
/// Does the work, sends the head and so many bytes of the body, and closes.
Fault cut_body(std::size_t bytes);
/// Neither does anything nor answers.
Fault stall();
/// Does the work and then says nothing.
Fault stall_after_work();
/// Does the work, sends the head and so many bytes of the body, and then says nothing more.
Fault stall_in_body(std::size_t bytes);
/// Waits with the work (or, when done, with the answer) until FakeEngine::release(name).
Fault hold(std::string name);
Fault hold_answer(std::string name);
/// The engine dies before it does anything, or with the work done and nothing answered.
Fault die();
Fault die_after_work();

/// Which requests a fault is for.
struct Match {
  std::function<bool(const Request&)> request;  ///< nothing: every one
  std::size_t skip = 0;                         ///< this many matching ones pass unharmed
  std::size_t times = 1;                        ///< then so many are harmed
};
inline constexpr std::size_t k_always = std::numeric_limits<std::size_t>::max();

/// Requests with this method whose path, without version, fits `path`; '*' stands for any characters:
/// on("POST", "/containers/*/start"). An empty method is any.
Match on(std::string method, std::string path);
/// The n-th request from now on, from 0.
Match nth_request(std::size_t n);

/// True if `text` fits `pattern`, in which '*' stands for any characters. Pure.
bool fits(std::string_view text, std::string_view pattern) noexcept;

}  // namespace halcyon::docker_api::fake
