#include "docker_api/checkpoints.hpp"

#include "docker_api/containers.hpp"
#include "tests/docker_api/engine_fixture.hpp"
#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using test_support::SeenRequest;

const ContainerId k_web("web");

class CheckpointsTest : public EngineFixture {};

TEST_F(CheckpointsTest, a_checkpoint_is_made_and_a_container_goes_on_from_it) {
  serve([](const SeenRequest& request) { return answer(request.method == "POST" ? 201 : 204, ""); });
  run(create_checkpoint(*engine_, k_web, "warm"));
  EXPECT_EQ(seen().back(), "POST /v1.41/containers/web/checkpoints");
  EXPECT_EQ(server_->requests().back().body, R"({"CheckpointID":"warm","Exit":true})");
  run(create_checkpoint(*engine_, k_web, "warm", {.directory = "/srv/warm", .leave_running = true}));
  EXPECT_EQ(server_->requests().back().body,
            R"({"CheckpointDir":"/srv/warm","CheckpointID":"warm","Exit":false})");
  run(start_container(*engine_, k_web, {.checkpoint = "warm", .checkpoint_directory = "/srv/warm"}));
  EXPECT_EQ(seen().back(), "POST /v1.41/containers/web/start?checkpoint=warm&checkpoint-dir=%2Fsrv%2Fwarm");
  EXPECT_TRUE(run(remove_checkpoint(*engine_, k_web, "warm", "/srv/warm")));
  EXPECT_EQ(seen().back(), "DELETE /v1.41/containers/web/checkpoints/warm?dir=%2Fsrv%2Fwarm");
}

TEST_F(CheckpointsTest, their_names_are_listed) {
  serve_bytes(answer(200, R"([{"Name":"cold"},{"Name":"warm"}])"));
  EXPECT_EQ(run(list_checkpoints(*engine_, k_web, "/srv/warm")), (std::vector<std::string>{"cold", "warm"}));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/checkpoints?dir=%2Fsrv%2Fwarm");
}

TEST_F(CheckpointsTest, a_name_that_would_change_the_path_is_refused_before_sending) {
  serve_bytes(answer(204, ""));
  for (const char* name : {"", ".", ".."}) {
    expect_error([&] { run(remove_checkpoint(*engine_, k_web, name)); }, ErrorKind::invalid_argument, "");
    expect_error([&] { run(create_checkpoint(*engine_, k_web, name)); }, ErrorKind::invalid_argument, "");
  }
  EXPECT_TRUE(seen().empty());
}

}  // namespace
}  // namespace halcyon::docker_api
