#include "docker_api/testing/fault.hpp"

#include <nlohmann/json.hpp>

namespace halcyon::docker_api::fake {

Fault answer_with(int status, std::string_view message) {
  return answer_with_body(status, nlohmann::json{{"message", message}}.dump() + "\n");
}

Fault answer_with_body(int status, std::string body) {
  return {.kind = Fault::Kind::answer, .status = status, .body = std::move(body)};
}

Fault lose_request() { return {.kind = Fault::Kind::lose_request}; }
Fault lose_answer() { return cut_answer(0); }
Fault cut_answer(std::size_t bytes) { return {.kind = Fault::Kind::cut, .bytes = bytes}; }
Fault cut_body(std::size_t bytes) { return {.kind = Fault::Kind::cut, .bytes = bytes, .counts_head = false}; }
Fault stall() { return {.kind = Fault::Kind::stall_before}; }
Fault stall_after_work() { return {.kind = Fault::Kind::stall}; }
Fault stall_in_body(std::size_t bytes) {
  return {.kind = Fault::Kind::stall, .bytes = bytes, .counts_head = false};
}
Fault hold(std::string name) { return {.kind = Fault::Kind::hold_before, .name = std::move(name)}; }
Fault hold_answer(std::string name) { return {.kind = Fault::Kind::hold_after, .name = std::move(name)}; }
Fault die() { return {.kind = Fault::Kind::die_before}; }
Fault die_after_work() { return {.kind = Fault::Kind::die_after}; }

Match on(std::string method, std::string path) {
  return {.request = [method = std::move(method), path = std::move(path)](const Request& request) {
    return (method.empty() || request.method == method) && fits(request.path, path);
  }};
}

Match nth_request(std::size_t n) { return {.skip = n}; }

bool fits(std::string_view text, std::string_view pattern) noexcept {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return text == pattern;
  const std::string_view before = pattern.substr(0, star);
  if (!text.starts_with(before)) return false;
  text.remove_prefix(before.size());
  pattern.remove_prefix(star + 1);
  for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
    if (fits(text.substr(skipped), pattern)) return true;
  }
  return false;
}

}  // namespace halcyon::docker_api::fake
