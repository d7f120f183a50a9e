#include "tests/docker_api/conformance/conformance_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <set>
#include <stdexcept>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds k_patience{20};
constexpr std::size_t k_most_cuts_in_full_run = 3'000;

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

asio::awaitable<void> send_pong(WireConnection& connection, std::string version) {
  co_await connection.send(test_support::pong(version));
}

asio::awaitable<std::string> ask_version(Engine& engine) {
  const ApiVersion version = co_await engine.api_version();
  co_return to_string(version);
}

Outcome describe(const Error& error) {
  return {"error " + std::string(to_string(error.kind())) + " " +
              std::to_string(error.http_status().value_or(0)) + " " + error.engine_text(),
          error.kind()};
}

}  // namespace

void PrintTo(const Outcome& outcome, std::ostream* out) { *out << outcome.text; }

ConformanceFixture::ConformanceFixture() {
  certificates();
  const asio::steady_timer first(io_);  // opens the io_context's own descriptors
}

void ConformanceFixture::SetUp() {
  descriptors_ = open_descriptors();
  peer_ = std::make_unique<WirePeer>(io_, GetParam());
}

void ConformanceFixture::TearDown() {
  engine_.reset();
  peer_.reset();
  EXPECT_TRUE(io_.stopped()) << "something still waits although client and server are gone";
  EXPECT_EQ(open_descriptors(), descriptors_);
}

void ConformanceFixture::make_client() {
  engine_ = std::make_unique<Engine>(io_.get_executor(), peer_->address(), peer_->settings());
}

void ConformanceFixture::meet(const std::string& version) {
  make_client();
  reply([version](WireConnection& connection) { return send_pong(connection, version); });
  ASSERT_EQ(outcome_of(ask_version(*engine_)).text, version);
}

asio::awaitable<std::string> ConformanceFixture::begin(asio::awaitable<std::string> call) {
  begun_ = true;
  co_return co_await std::move(call);
}

void ConformanceFixture::cancel(std::size_t call) {
  asio::post(io_, [this, call] {
    if (call == calls_ && begun_ && !over_) signal_.emit(asio::cancellation_type::terminal);
  });
}

void ConformanceFixture::start(asio::awaitable<std::string> call) {
  over_ = begun_ = false;
  ++calls_;
  asio::co_spawn(io_, begin(std::move(call)),
                 asio::bind_cancellation_slot(signal_.slot(),
                                              [this](const std::exception_ptr& failure, std::string text) {
                                                over_ = true;
                                                outcome_ = {std::move(text), std::nullopt};
                                                if (!failure) return;
                                                try {
                                                  std::rethrow_exception(failure);
                                                } catch (const Error& error) {
                                                  outcome_ = describe(error);
                                                } catch (const std::exception& error) {
                                                  ADD_FAILURE() << "no Error, but " << error.what();
                                                }
                                              }));
}

void ConformanceFixture::step() {
  io_.restart();
  if (io_.run_one_for(k_patience) == 0) throw std::runtime_error("nothing happens any more");
}

Outcome ConformanceFixture::finish() {
  while (!over_) step();
  return outcome_;
}

Outcome ConformanceFixture::whole(const Answer& answer, const std::string& bytes) {
  const bool ends = answer.ends != Ends::framed;
  reply([bytes, ends](WireConnection& connection) { return send_pieces(connection, bytes, {}, ends); });
  return outcome_of(answer.call(*engine_));
}

asio::awaitable<void> send_pieces(WireConnection& connection, std::string bytes,
                                  std::vector<std::size_t> cuts, bool ends) {
  std::size_t start = 0;
  for (const std::size_t cut : cuts) {
    co_await connection.send(bytes.substr(start, cut - start));
    co_await connection.taken();
    start = cut;
  }
  co_await connection.send(bytes.substr(start));
  if (ends) co_await connection.end();
}

asio::awaitable<void> send_cut(WireConnection& connection, std::string bytes, std::size_t cut) {
  co_await connection.send(bytes.substr(0, cut));
  co_await connection.end();
}

bool is_full_run() {
  const char* const value = std::getenv("HALCYON_TEST_FULL");
  return value != nullptr && std::string_view(value) == "1";
}

std::vector<std::size_t> choose_cuts(std::size_t size, std::size_t head, std::size_t most) {
  if (is_full_run()) most = k_most_cuts_in_full_run;
  const std::size_t stride = size <= most ? 1 : (size + most - 1) / most;
  std::set<std::size_t> cuts;
  for (std::size_t cut = 0; cut < size; cut += stride) cuts.insert(cut);
  for (const std::size_t edge : {head, size}) {
    for (std::size_t back = 1; back <= 2; ++back) cuts.insert(edge - std::min(edge, back));
  }
  if (head < size) cuts.insert({head, head + 1});
  cuts.erase(size);
  return {cuts.begin(), cuts.end()};
}

std::string wire_name(const ::testing::TestParamInfo<Wire>& parameter) { return to_string(parameter.param); }

}  // namespace halcyon::docker_api
