// The dry run of an install asks an engine and changes neither it nor the disk.
#include <gtest/gtest.h>

#include <filesystem>

#include "orchestrator/environment_state.hpp"
#include "orchestrator/journal.hpp"
#include "orchestrator/operations.hpp"
#include "orchestrator/state_directory.hpp"
#include "tests/orchestrator/quiet_run.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using namespace test_support;

/// An application of one accessory: nginx has no part in it.
class PlanInstall : public ::testing::Test {
 protected:
  PlanInstall() {
    environment.state_directory = directory / "state/shop/production";
    environment.subnet = "10.201.7.0/24";
    Service service{.name = *Name::parse("db"), .kind = ServiceKind::accessory};
    service.image = docker_api::parse_image_reference("registry.test/postgres:16");
    service.volumes.push_back({.source = "data", .target = "/var/lib/postgresql"});
    environment.services.push_back(std::move(service));
  }

  Plan plan(PromoteRequest request) {
    const ScriptedServer server(engine_script([this](const SeenRequest& seen) {
      EXPECT_EQ(seen.method, "GET") << seen.target << ": a dry run only asks";
      if (seen.target.find("/containers/json") != std::string::npos) return answer(200, containers);
      if (seen.target.find("/distribution/") != std::string::npos) return answer(registry_status, registry);
      return network.empty() ? answer(404, R"({"message":"no such network"})") : answer(200, network);
    }));
    docker_api::Engine engine(io.get_executor(), server.address());
    return run(io, plan_install({engine, environment, events, interrupt, "anna"}, std::move(request)));
  }

  const halcyon::testing::TemporaryDirectory directory;
  Environment environment{.app = *Name::parse("shop"), .name = *Name::parse("production")};
  std::string containers = "[]";
  int registry_status = 200;
  std::string registry = R"({"Descriptor":{"digest":"sha256:)" + std::string(64, 'a') + "\"}}";
  std::string network;
  asio::io_context io;
  NoEvents events;
  NoInterrupt interrupt;
};

TEST_F(PlanInstall, of_a_new_environment_names_all_that_it_would_create_and_creates_nothing) {
  const Plan found = plan({});
  EXPECT_EQ(found.outcome, Outcome::deployed) << found.text;
  EXPECT_EQ(found.release, "");
  EXPECT_FALSE(found.reloads_nginx);
  EXPECT_EQ(found.creates, (std::vector<std::string>{
                               "directory " + environment.state_directory,
                               "network shop_production (10.201.7.0/24)", "volume shop_production_data",
                               "accessory shop_production_db from registry.test/postgres:16, to be "
                               "pulled"}));
  EXPECT_FALSE(std::filesystem::exists(directory / "state"));
}

TEST_F(PlanInstall, finds_out_that_an_accessorys_image_does_not_exist) {
  registry_status = 404;
  registry = R"({"message":"no such image"})";
  const Plan refused = plan({});
  EXPECT_EQ(refused.outcome, Outcome::aborted);
  EXPECT_NE(refused.text.find("registry.test/postgres:16"), std::string::npos) << refused.text;
}

TEST_F(PlanInstall, of_what_is_there_does_not_create_it_again) {
  const StateDirectory state(environment.state_directory);
  state.ensure();
  Journal journal(state.journal());
  journal.append(RecordType::environment, environment_body("10.201.7.0/24"));
  journal.sync();
  network =
      R"({"Id":"n","Name":"shop_production","Labels":{},"IPAM":{"Config":[{"Subnet":"10.201.7.0/24"}]}})";
  containers =
      R"([{"Id":"c","Names":["/shop_production_db"],"Image":"x","ImageID":"sha256:0","State":"running",)"
      R"("Labels":{"halcyon.app":"shop","halcyon.environment":"production","halcyon.kind":"accessory",)"
      R"("halcyon.service":"db"}}])";
  const Plan found = plan({});
  EXPECT_EQ(found.outcome, Outcome::unchanged) << found.text;
  EXPECT_TRUE(found.creates.empty());
}

TEST_F(PlanInstall, of_containers_that_no_journal_knows_is_refused) {
  containers =
      R"([{"Id":"c","Names":["/shop_production_db"],"Image":"x","ImageID":"sha256:0","State":"running",)"
      R"("Labels":{"halcyon.app":"shop","halcyon.environment":"production","halcyon.kind":"accessory",)"
      R"("halcyon.service":"db"}}])";
  const Plan refused = plan({});
  EXPECT_EQ(refused.outcome, Outcome::usage);
  EXPECT_NE(refused.text.find("shop_production_db"), std::string::npos) << refused.text;
}

TEST_F(PlanInstall, says_that_something_interrupted_comes_first) {
  const StateDirectory state(environment.state_directory);
  state.ensure();
  Journal journal(state.journal());
  journal.append(RecordType::environment, environment_body("10.201.7.0/24"));
  journal.append(RecordType::begin, begin_body({.id = "p1", .release = "r1", .actor = "anna"}));
  journal.sync();
  const Plan found = plan({});
  ASSERT_EQ(found.notes.size(), 1U) << found.text;
  EXPECT_NE(found.notes.front().find("promote p1 was interrupted: a real run first undoes it"),
            std::string::npos)
      << found.notes.front();
}

TEST_F(PlanInstall, with_an_image_for_a_service_that_is_not_there_is_a_usage_error) {
  const Plan refused = plan({.images = {{"web", "sha-1"}}});
  EXPECT_EQ(refused.outcome, Outcome::usage);
  EXPECT_EQ(refused.text,
            "cannot promote web=sha-1: the configuration has no service of that name; it has db");
}

}  // namespace
}  // namespace halcyon::orchestrator
