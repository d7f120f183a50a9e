#include "orchestrator/http_gate.hpp"

#include <gtest/gtest.h>

namespace halcyon::orchestrator {
namespace {

docker_api::HttpResponse gate_answer(int status, std::string body = "", std::string release = "") {
  docker_api::HttpResponse response{.status = status, .body = std::move(body)};
  if (!release.empty()) response.headers.push_back({"X-Release", std::move(release)});
  return response;
}

TEST(HttpGate, holds_for_an_accepted_status) {
  EXPECT_EQ(judge_answer(Gate{}, gate_answer(200), "r1"), std::nullopt);
  EXPECT_EQ(judge_answer(Gate{.statuses = {200, 204}}, gate_answer(204), "r1"), std::nullopt);
}

TEST(HttpGate, a_redirect_does_not_count_unless_it_is_asked_for) {
  EXPECT_EQ(judge_answer(Gate{}, gate_answer(302), "r1"), "it answered status 302, wanted 200");
  EXPECT_EQ(judge_answer(Gate{.statuses = {302}}, gate_answer(302), "r1"), std::nullopt);
}

TEST(HttpGate, the_body_must_contain_what_was_asked_for) {
  const Gate gate{.contains = "ready"};
  EXPECT_EQ(judge_answer(gate, gate_answer(200, "not yet"), "r1"), "its answer does not contain \"ready\"");
  EXPECT_EQ(judge_answer(gate, gate_answer(200, "all ready now"), "r1"), std::nullopt);
}

TEST(HttpGate, another_release_on_that_port_is_not_mistaken_for_the_new_one) {
  const Gate gate{.release_header = "x-release"};
  EXPECT_EQ(judge_answer(gate, gate_answer(200), "r2"), "its answer has no x-release header");
  EXPECT_EQ(judge_answer(gate, gate_answer(200, "", "r1"), "r2"), "x-release says r1, wanted r2");
  EXPECT_EQ(judge_answer(gate, gate_answer(200, "", "r2"), "r2"), std::nullopt);
}

}  // namespace
}  // namespace halcyon::orchestrator
