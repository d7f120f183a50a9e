// What status says beside what is there: containers that are missing, images that changed.
#include <gtest/gtest.h>

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

std::string labels(const std::string& more) {
  return R"("Labels":{"halcyon.app":"shop","halcyon.environment":"production",)" + more + "}";
}

const std::string k_second_replica =
    labels(R"("halcyon.kind":"web","halcyon.service":"web","halcyon.slot":"blue","halcyon.release":"r1",)"
           R"("halcyon.replica":"2")");
const std::string k_database = labels(
    R"("halcyon.kind":"accessory","halcyon.service":"db","halcyon.replica":"1","halcyon.image":"postgres:15")");

/// Release r1 serves with two replicas in blue; of them the engine has one, and a database.
class StatusOf : public ::testing::Test {
 protected:
  StatusOf() {
    environment.state_directory = directory.path();
    Service web{.name = *Name::parse("web")};
    web.image = docker_api::parse_image_reference("registry.test/shop");
    web.replicas = 2;
    const StateDirectory state(directory.path());
    state.ensure();
    Release release{.id = "r1"};
    release.services.emplace("web", ReleaseService{.service = web, .reference = "registry.test/shop:1"});
    state.write_release(release);
    environment.services.push_back(web);
    Service db{.name = *Name::parse("db"), .kind = ServiceKind::accessory};
    db.image = docker_api::parse_image_reference("postgres:16");
    environment.services.push_back(std::move(db));
    Journal journal(directory / "journal");
    journal.append(RecordType::environment, environment_body("10.201.7.0/24"));
    journal.append(RecordType::begin, begin_body({.id = "p1", .release = "r1"}));
    journal.append(RecordType::commit, commit_body("r1", {{"web", {Slot::blue, "r1"}}}));
    journal.append(RecordType::end, end_body("deployed", ""));
    journal.sync();
  }

  Status status() {
    const ScriptedServer server(engine_script([&](const SeenRequest& seen) {
      if (seen.target.find("/containers/json") != std::string::npos) {
        return answer(200, R"([{"Id":"w","Names":["/w"],"Image":"x","ImageID":"i","State":"running",)" +
                               k_second_replica + R"(},{"Id":"d","Names":["/d"],"Image":"x","ImageID":"i",)" +
                               R"("State":"running",)" + k_database + "}]");
      }
      const bool is_database = seen.target.find("/containers/d/") != std::string::npos;
      return answer(200,
                    std::string(R"({"Id":"c","Name":"/c","State":{"Status":"running","Running":true},)") +
                        R"("Config":{)" + (is_database ? k_database : k_second_replica) + "}}");
    }));
    docker_api::Engine engine(io.get_executor(), server.address());
    return run(io, read_status({engine, environment, events, interrupt, "anna"}));
  }

  const halcyon::testing::TemporaryDirectory directory;
  Environment environment{.app = *Name::parse("shop"), .name = *Name::parse("production")};
  asio::io_context io;
  NoEvents events;
  NoInterrupt interrupt;
};

TEST_F(StatusOf, a_service_names_the_replica_that_is_missing) {
  const ServiceStatus web = status().services.at(0);
  EXPECT_EQ(web.state, "absent");
  ASSERT_EQ(web.containers.size(), 2U);
  EXPECT_EQ(web.containers.at(1).name, "shop_production_web_blue_r1_1");
  EXPECT_EQ(web.containers.at(1).state, "absent");
}

TEST_F(StatusOf, an_accessory_has_the_image_that_it_was_made_from) {
  const ServiceStatus db = status().services.at(1);
  EXPECT_EQ(db.state, "running");
  EXPECT_EQ(db.image, "postgres:15");
}

TEST_F(StatusOf, what_serves_is_shown_although_it_is_no_longer_configured) {
  environment.services.erase(environment.services.begin());
  const Status found = status();
  ASSERT_EQ(found.services.size(), 2U);
  EXPECT_EQ(found.services.at(1).name, "web");
  EXPECT_EQ(found.services.at(1).slot, "blue");
  EXPECT_EQ(found.services.at(1).image, "registry.test/shop:1");
}

TEST_F(StatusOf, a_directory_without_an_environment_is_not_installed) {
  const halcyon::testing::TemporaryDirectory empty;
  environment.state_directory = empty.path();
  EXPECT_FALSE(status().installed);
}

}  // namespace
}  // namespace halcyon::orchestrator
