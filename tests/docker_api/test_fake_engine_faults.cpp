// What the fake engine does to requests on purpose, as the real client sees it.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <thread>

#include "docker_api/networks.hpp"
#include "tests/docker_api/fake_engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class FakeFaults : public FakeEngineFixture {
 protected:
  /// Tries to create a container; the error that this met.
  Error create_fails(const std::string& name) {
    return expect_error([&] { create(name); });
  }
  void SetUp() override { run(engine_.api_version()); }  // so that no ping is among the requests
};

TEST_F(FakeFaults, a_status_is_answered_and_nothing_is_done) {
  fake_.inject(fake::answer_with(507, "no space left on device"), fake::on("POST", "/containers/create"));
  const Error error = create_fails("aa");
  EXPECT_EQ(error.http_status(), 507);
  EXPECT_EQ(error.engine_text(), "no space left on device");
  EXPECT_FALSE(find("aa"));
  create("aa");
  EXPECT_TRUE(find("aa")) << "one request was harmed, not two";
}

TEST_F(FakeFaults, a_lost_request_is_not_done_and_a_lost_answer_is) {
  fake_.inject(fake::lose_request(), fake::on("POST", "/containers/create"));
  EXPECT_TRUE(create_fails("aa").in_doubt());
  EXPECT_FALSE(find("aa"));
  fake_.inject(fake::lose_answer(), fake::on("POST", "/containers/create"));
  EXPECT_TRUE(create_fails("bb").in_doubt());
  EXPECT_TRUE(find("bb"));
}

TEST_F(FakeFaults, an_answer_may_be_cut_anywhere_and_the_work_is_done) {
  const std::size_t whole = 400;
  std::size_t cut = 0;
  for (; cut < whole; cut += cut < 4 ? 1 : 23) {
    const std::string name = "cc" + std::to_string(cut);
    fake_.clear_faults();
    fake_.inject(fake::cut_answer(cut), fake::on("POST", "/containers/create"));
    try {
      create(name);
      break;
    } catch (const Error& error) {
      EXPECT_TRUE(error.in_doubt() || error.kind() == ErrorKind::truncated) << cut << ": " << error.what();
    }
    EXPECT_TRUE(find(name)) << cut;
  }
  EXPECT_GT(cut, 250U) << "head and body have more bytes than that";
  EXPECT_LT(cut, whole) << "and less than that";
}

TEST_F(FakeFaults, a_body_can_be_cut_or_stall_behind_its_head) {
  create("aa");
  fake_.inject(fake::cut_body(5), fake::on("GET", "/containers/json"));
  EXPECT_EQ(expect_error([&] { run(list_containers(engine_, {})); }).kind(), ErrorKind::truncated);
  fake_.inject(fake::stall_in_body(1), fake::on("GET", "/info"));
  EngineRequest request{.path = "/info"};
  request.deadlines.idle = 20ms;
  EXPECT_EQ(expect_error([&] { run(engine_.call(request)); }).kind(), ErrorKind::timeout);
}

TEST_F(FakeFaults, a_stall_before_the_work_does_nothing_and_one_after_it_does_it) {
  const auto rename = [this](std::string to) {
    EngineRequest request{
        .method = "POST", .path = "/containers/aa/rename", .query = {{"name", std::move(to)}}};
    request.deadlines.head = 20ms;
    return engine_.call(request);
  };
  create("aa");
  fake_.inject(fake::stall(), fake::on("POST", "*/rename"));
  EXPECT_EQ(expect_error([&] { run(rename("bb")); }).kind(), ErrorKind::timeout);
  EXPECT_TRUE(find("aa"));
  fake_.clear_faults();
  fake_.inject(fake::stall_after_work(), fake::on("POST", "*/rename"));
  const Error error = expect_error([&] { run(rename("bb")); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_TRUE(error.in_doubt());
  EXPECT_TRUE(find("bb"));
}

asio::awaitable<void> create_and_note(Engine& engine, std::string name, std::vector<std::string>& done) {
  co_await create_container(engine, {.name = name, .image = "app:1", .command = {"/app"}});
  done.push_back(std::move(name));
}

/// Comes in while "slow" waits for its answer, and lets it go.
asio::awaitable<void> overtake(Engine& engine, fake::FakeEngine& fake, std::vector<std::string>& done) {
  EXPECT_EQ(fake.containers().size(), 1U) << "the slow one is there";
  co_await create_and_note(engine, "quick", done);
  fake.release("gate");
}

TEST_F(FakeFaults, a_held_request_waits_until_it_is_released) {
  fake_.inject(fake::hold("gate"), fake::on("POST", "/containers/create"));
  std::vector<std::string> done;
  asio::co_spawn(io_, create_and_note(engine_, "slow", done), asio::detached);
  std::thread test([this] {
    fake_.wait_until_held("gate");
    EXPECT_FALSE(find("slow"));
    fake_.release("gate");
  });
  io_.restart();
  io_.run();
  test.join();
  EXPECT_EQ(done, (std::vector<std::string>{"slow"}));
  EXPECT_TRUE(find("slow"));
}

TEST_F(FakeFaults, a_held_answer_is_of_work_already_done_and_others_overtake_it) {
  fake_.inject(fake::hold_answer("gate"), fake::on("POST", "/containers/create"));
  std::vector<std::string> done;
  asio::co_spawn(io_, create_and_note(engine_, "slow", done), asio::detached);
  std::thread test([&] {
    fake_.wait_until_held("gate");
    asio::co_spawn(io_, overtake(engine_, fake_, done), asio::detached);
  });
  io_.restart();
  io_.run();
  test.join();
  EXPECT_EQ(done, (std::vector<std::string>{"quick", "slow"}));
}

TEST_F(FakeFaults, the_nth_request_is_harmed_and_others_are_not) {
  fake_.inject(fake::answer_with(500, "third"), fake::nth_request(2));
  create("aa");
  create("bb");
  EXPECT_EQ(create_fails("cc").engine_text(), "third");
  create("dd");
}

TEST_F(FakeFaults, a_fault_may_last) {
  fake_.inject(fake::answer_with(503, "busy"),
               {.request = [](const fake::Request& request) { return request.method == "POST"; },
                .times = fake::k_always});
  EXPECT_EQ(create_fails("aa").http_status(), 503);
  EXPECT_EQ(create_fails("aa").http_status(), 503);
  fake_.clear_faults();
  create("aa");
}

TEST_F(FakeFaults, all_requests_are_seen_in_order) {
  const std::size_t before = fake_.requests().size();
  create("aa", {.labels = {{"key", "value"}}});
  const auto requests = fake_.requests();
  ASSERT_EQ(requests.size(), before + 1);
  EXPECT_EQ(requests.back().method, "POST");
  EXPECT_EQ(requests.back().path, "/containers/create");
  EXPECT_EQ(requests.back().parameter("name"), "aa");
  EXPECT_EQ(requests.back().version, (ApiVersion{1, 41}));
  EXPECT_NE(requests.back().body.find(R"("key":"value")"), std::string::npos);
  EXPECT_NO_THROW(fake_.wait_for_requests([before](const auto& all) { return all.size() > before; }));
  EXPECT_THROW(fake_.wait_for_requests([](const auto& all) { return all.size() > 1000; }, 1ms),
               std::runtime_error);
}

/// Create, start, network, stop, remove: something with several effects.
asio::awaitable<void> make_something(Engine& engine) {
  co_await create_network(engine, {.name = "n", .subnet = "10.1.0.0/24"});
  ContainerSpec spec{.name = "aa", .image = "app:1", .command = {"/app"}};
  const ContainerId id = (co_await create_container(engine, spec)).id;
  co_await start_container(engine, id);
  co_await stop_container(engine, id);
  co_await remove_container(engine, id);
  co_await remove_network(engine, "n");
}

TEST(FakeEffects, the_engine_dies_before_and_after_each_effect_until_a_run_needs_no_death) {
  const std::vector<std::string> kinds{"network.create", "container.create", "container.start",
                                       "container.stop", "container.remove", "network.remove"};
  for (const fake::Moment moment : {fake::Moment::before, fake::Moment::after}) {
    std::size_t deaths = 0;
    for (std::size_t n = 0;; ++n) {
      fake::FakeEngine fake;
      fake.add_image("app:1");
      fake.set_effect_hook([n, moment](const fake::Effect& effect, fake::Moment now) {
        return effect.index == n && now == moment ? fake::Verdict::die : fake::Verdict::go_on;
      });
      asio::io_context io;
      Engine engine(io.get_executor(), fake.address());
      bool died = false;
      try {
        test_support::run(io, make_something(engine));
      } catch (const Error& error) {
        died = true;
        EXPECT_TRUE(error.in_doubt() || error.kind() == ErrorKind::unreachable) << error.what();
      }
      EXPECT_EQ(fake.is_alive(), !died);
      std::vector<std::string> done;
      for (const fake::Effect& effect : fake.effects()) done.push_back(effect.kind);
      const std::size_t expected = died ? n + (moment == fake::Moment::after ? 1 : 0) : kinds.size();
      EXPECT_EQ(done, std::vector<std::string>(kinds.begin(),
                                               kinds.begin() + static_cast<std::ptrdiff_t>(expected)));
      if (!died) break;
      ++deaths;
      fake.restart();
      EXPECT_EQ(test_support::run(io, list_containers(engine, {})).size(),
                expected > 1 && expected < 5 ? 1U : 0U);
    }
    EXPECT_EQ(deaths, kinds.size());
  }
}

TEST_F(FakeFaults, what_fails_is_no_effect) {
  create("aa");
  const std::size_t before = fake_.effects().size();
  create_fails("aa");
  EXPECT_EQ(fake_.effects().size(), before);
  EXPECT_EQ(fake_.effects().back().subject, "aa");
}

TEST_F(FakeFaults, a_dead_engine_refuses_connections_and_comes_back_at_the_same_address) {
  create("aa");
  fake_.die();
  EXPECT_FALSE(fake_.is_alive());
  EXPECT_EQ(create_fails("bb").kind(), ErrorKind::unreachable);
  fake_.restart();
  EXPECT_TRUE(find("aa"));
  create("bb");
}

TEST_F(FakeFaults, a_request_may_kill_the_engine) {
  fake_.inject(fake::die_after_work(), fake::on("POST", "/containers/create"));
  EXPECT_TRUE(create_fails("aa").in_doubt());
  EXPECT_FALSE(fake_.is_alive());
  fake_.restart();
  EXPECT_TRUE(find("aa"));
}

TEST_F(FakeFaults, patterns_fit_as_they_say) {
  EXPECT_TRUE(fake::fits("/containers/aa/start", "/containers/*/start"));
  EXPECT_FALSE(fake::fits("/containers/aa/stop", "/containers/*/start"));
  EXPECT_TRUE(fake::fits("abc", "*"));
  EXPECT_TRUE(fake::fits("", "*"));
  EXPECT_FALSE(fake::fits("abc", "ab"));
  EXPECT_TRUE(fake::fits("a/b/c", "a*c"));
  EXPECT_FALSE(fake::fits("a/b/c", "a*d"));
}

}  // namespace
}  // namespace halcyon::docker_api
