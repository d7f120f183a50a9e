#include "tests/docker_api/lab_engines.hpp"

#include <unistd.h>

#include <algorithm>

#include "docker_api/tar_stream.hpp"
#include "tests/docker_api/real_engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;

constexpr const char* k_example = "unix:///tmp/hl/engine/docker.sock";

EngineAddress own_socket() {
  return parse_engine_address(required_variable("HALCYON_TEST_ENGINE", k_example));
}

asio::awaitable<void> import_and_push(Engine& engine, ImageReference name) {
  co_await import_image(engine,
                        make_tar_source({{.name = "bin/busybox", .source_path = "/bin/busybox", .mode = 0755},
                                         {.name = "bin/sh", .source_path = "/bin/busybox", .mode = 0755}}),
                        name, {"ENV PATH=/bin", "CMD [\"/bin/busybox\", \"true\"]"});
  co_await push_image(engine, name);
}

/// The suite's image: pushed to the lab's registry by whoever asks first.
class SuiteImage : public ::testing::Environment {
 public:
  static const std::string& name() {
    if (name_.empty()) {
      const std::string registry = required_variable("HALCYON_TEST_REGISTRY", "127.0.0.1:5000");
      name_ = registry + "/life-cycle-" + std::to_string(::getpid()) + "/busybox:1";
      asio::io_context io;
      Engine engine(io.get_executor(), own_socket());
      test_support::run(io, import_and_push(engine, parse_image_reference(name_)));
      used_.push_back(&unix_engine);
    }
    return name_;
  }
  /// Engines that may have pulled it.
  static void note_use(EngineUnderTest (*engine)()) {
    if (std::find(used_.begin(), used_.end(), engine) == used_.end()) used_.push_back(engine);
  }
  void TearDown() override {
    for (EngineUnderTest (*under_test)() : used_) {
      asio::io_context io;
      const auto engine = under_test().connect(io);
      test_support::run(io, remove_image(*engine, name_, true));
    }
  }

 private:
  static inline std::string name_;
  static inline std::vector<EngineUnderTest (*)()> used_;
};

const auto* const k_suite_image = ::testing::AddGlobalTestEnvironment(new SuiteImage);

/// An engine whose address is in a variable.
EngineUnderTest engine_at(EngineUnderTest (*self)(), const std::string& name, const char* variable,
                          std::function<AddressRules()> rules = {},
                          std::function<EngineSettings()> settings = {}) {
  const auto connect = [=](asio::io_context& io) {
    const std::string text = required_variable(variable, k_example);
    return std::make_shared<Engine>(io.get_executor(),
                                    parse_engine_address(text, rules ? rules() : AddressRules{}),
                                    settings ? settings() : EngineSettings{});
  };
  const auto image = [self] {
    const std::string image_name = SuiteImage::name();
    SuiteImage::note_use(self);
    return image_name;
  };
  return {.name = name, .connect = connect, .image = image, .can = {}};
}

AddressRules with_our_certificate() {
  return {.tls = certificates_in(required_variable("LAB_CERTS", "/tmp/hl/certs"))};
}

/// The lab's ssh, which has a key and knows the host.
EngineSettings with_lab_ssh() {
  return {.environment = {"PATH=" + required_variable("LAB_SSH_BIN", "/tmp/hl/ssh/bin") + ":/usr/bin:/bin"}};
}

}  // namespace

TlsSettings certificates_in(const std::string& directory) {
  return {.ca_file = directory + "/ca.pem",
          .certificate_file = directory + "/cert.pem",
          .key_file = directory + "/key.pem"};
}

EngineUnderTest unix_engine() { return engine_at(&unix_engine, "Unix", "HALCYON_TEST_ENGINE"); }
EngineUnderTest tcp_engine() { return engine_at(&tcp_engine, "Tcp", "LAB_ENGINE_TCP"); }
EngineUnderTest tls_engine() { return engine_at(&tls_engine, "Tls", "LAB_ENGINE_TLS", with_our_certificate); }
EngineUnderTest ssh_engine() { return engine_at(&ssh_engine, "Ssh", "LAB_ENGINE_SSH", {}, with_lab_ssh); }

EngineUnderTest podman_engine() {
  EngineUnderTest engine = engine_at(&podman_engine, "Podman", "LAB_PODMAN");
  engine.kind = EngineKind::podman;
  engine.can = {.has_distribution = false,
                .says_conflict = false,
                .tells_fixed_address = false,
                .tells_os_in_ping = false,
                .tells_name_in_404_of_wait = false,
                .last_event = "remove"};
  return engine;
}

}  // namespace halcyon::docker_api
