#include "docker_api/credentials.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <filesystem>
#include <ostream>

#include "tests/docker_api/error_checks.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using testing::write_text;
using Found = std::optional<RegistryCredentials>;

constexpr const char* k_hub = "https://index.docker.io/v1/";

RegistryCredentials account_at(const std::string& server, const std::string& user,
                               const std::string& password, const std::string& token = "") {
  return {user, Secret(password), server, Secret(token)};
}

TEST(CredentialsKeyTest, docker_hub_has_an_address_and_every_other_registry_its_host) {
  EXPECT_EQ(credentials_key("docker.io"), k_hub);
  EXPECT_EQ(credentials_key("index.docker.io"), k_hub);
  EXPECT_EQ(credentials_key("registry-1.docker.io"), "registry-1.docker.io");
  EXPECT_EQ(credentials_key("127.0.0.1:5000"), "127.0.0.1:5000");
}

TEST(CredentialsKeyTest, the_host_of_a_legacy_key_is_what_stands_between_scheme_and_path) {
  struct Row {
    const char* key;
    const char* host;
  };
  const Row rows[] = {
      {"r.io", "r.io"},
      {"r.io:5000/v1/", "r.io:5000"},
      {"https://r.io", "r.io"},
      {"http://r.io:5000/v2/", "r.io:5000"},
      {"https://r.io:/v1/", "r.io"},
      {"https://anna@r.io/v1/", "r.io"},
      {"https://r.io?x=/", "r.io"},
      {"https://[::1]:5000/v1/", "[::1]:5000"},
      {"https://[::1]/v1/", "::1"},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(host_of_stored_key(row.key), row.host) << row.key;
}

TEST(StoredCredentialsTest, an_exact_key_wins_over_a_legacy_one) {
  const RegistryAccounts accounts{{"https://r.io/v1/", account_at("https://r.io/v1/", "old", "1")},
                                  {"r.io", account_at("r.io", "new", "2")},
                                  {"http://old.io/v2/", account_at("http://old.io/v2/", "anna", "3")},
                                  {"empty.io", account_at("empty.io", "", "")},
                                  {"token.io", account_at("token.io", "", "", "tok")}};
  EXPECT_EQ(find_stored_credentials(accounts, "r.io"), accounts.at("r.io"));
  EXPECT_EQ(find_stored_credentials(accounts, "old.io"), accounts.at("http://old.io/v2/"));
  EXPECT_EQ(find_stored_credentials(accounts, "token.io"), accounts.at("token.io"));
  EXPECT_EQ(find_stored_credentials(accounts, "empty.io"), std::nullopt);
  EXPECT_EQ(find_stored_credentials(accounts, "io"), std::nullopt);
  EXPECT_EQ(find_stored_credentials(accounts, k_hub), std::nullopt);
}

/// A PATH of its own with helpers that are shell scripts; `shell_` is all they find besides.
class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() { surroundings_.variables["PATH"] = directory_.path(); }

  /// Writes `docker-credential-<name>`. Files of the test are below $HERE.
  void install(const std::string& name, const std::string& script) {
    const std::string path = directory_ / name;
    write_text(path, "#!/bin/sh\nPATH=/usr/bin:/bin\nHERE=" + directory_.path() + "\n" + script);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  void install_answer(const std::string& name, const std::string& json) {
    install("docker-credential-" + name, "cat >\"$HERE/asked\"\ncat <<'END'\n" + json + "\nEND\n");
  }
  Found find(const std::string& registry, std::chrono::milliseconds deadline = std::chrono::seconds{30}) {
    return test_support::run(io_, find_credentials(surroundings_, config_, registry, deadline));
  }
  std::string asked() const { return testing::read_text(directory_ / "asked"); }
  /// The Error of a failed search; its text holds no secret.
  Error fail(const std::string& registry, std::chrono::milliseconds deadline = std::chrono::seconds{30}) {
    Error error = expect_error([&] { find(registry, deadline); });
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
    return error;
  }

  testing::TemporaryDirectory directory_;
  asio::io_context io_;
  Surroundings surroundings_;
  DockerConfig config_;
};

TEST_F(CredentialsTest, the_file_is_used_if_no_helper_is_configured) {
  config_.auths = {{"r.io", account_at("r.io", "anna", "pw")}, {k_hub, account_at(k_hub, "hub", "pw")}};
  EXPECT_EQ(find("r.io"), account_at("r.io", "anna", "pw"));
  EXPECT_EQ(find("docker.io"), account_at(k_hub, "hub", "pw"));
  EXPECT_EQ(find("other.io"), std::nullopt);
}

TEST_F(CredentialsTest, a_registry_s_own_helper_wins_over_the_store_and_the_store_over_the_file) {
  config_.auths = {{"a.io", account_at("a.io", "file", "1")},
                   {"b.io", account_at("b.io", "file", "1")},
                   {"c.io", account_at("c.io", "file", "1")}};
  config_.credentials_store = "store";
  config_.credential_helpers = {{"a.io", "own"}, {"c.io", ""}};
  install_answer("own", R"({"Username": "own", "Secret": "2"})");
  install_answer("store", R"({"Username": "store", "Secret": "3"})");
  EXPECT_EQ(find("a.io"), account_at("a.io", "own", "2"));
  EXPECT_EQ(find("b.io"), account_at("b.io", "store", "3"));
  EXPECT_EQ(find("c.io"), account_at("c.io", "file", "1")) << "an empty helper is none, as in the CLI";
}

TEST_F(CredentialsTest, the_helper_is_asked_with_get_and_the_key_alone) {
  config_.credentials_store = "store";
  surroundings_.variables["STORE_SETTING"] = "blue";
  install(
      "docker-credential-store",
      "cat >\"$HERE/asked\"\nprintf '{\"Username\":\"%s\",\"Secret\":\"%s\"}' \"$*\" \"$STORE_SETTING\"\n");
  EXPECT_EQ(find("docker.io"), account_at(k_hub, "get", "blue"));
  EXPECT_EQ(asked(), k_hub);
  EXPECT_EQ(find("r.io:5000"), account_at("r.io:5000", "get", "blue"));
  EXPECT_EQ(asked(), "r.io:5000");
}

TEST_F(CredentialsTest, the_user_name_token_makes_the_secret_an_identity_token) {
  config_.credentials_store = "store";
  install_answer("store", R"({"ServerURL": "x", "Username": "<token>", "Secret": "tok"})");
  EXPECT_EQ(find("r.io"), account_at("r.io", "", "", "tok"));
}

TEST_F(CredentialsTest, no_credentials_are_no_error_and_the_file_is_not_asked_instead) {
  config_.auths = {{"r.io", account_at("r.io", "file", "1")}};
  config_.credentials_store = "store";
  install("docker-credential-store",
          "cat >/dev/null\necho 'credentials not found in native keychain'\nexit 1\n");
  EXPECT_EQ(find("r.io"), std::nullopt);
  install_answer("store", R"({"ServerURL": "r.io", "Username": "", "Secret": ""})");
  EXPECT_EQ(find("r.io"), std::nullopt);
}

TEST_F(CredentialsTest, a_helper_need_not_read_what_it_is_asked) {
  config_.credentials_store = "store";
  install("docker-credential-store", "exec <&-\necho '{\"Username\":\"a\",\"Secret\":\"b\"}'\n");
  EXPECT_EQ(find("r.io"), account_at("r.io", "a", "b"));
}

TEST_F(CredentialsTest, a_helper_that_fails_is_an_error_without_its_words) {
  config_.credentials_store = "store";
  struct Row {
    const char* script;
    const char* reason;
  };
  const Row rows[] = {
      {"cat >/dev/null; echo 'hunter2'; echo hunter2 >&2; exit 3\n", "it ended with code 3"},
      {"kill -KILL $$\n", "it ended with code 137"},
      {"echo '{\"Secret\": \"hunter2\", '\n", "it is not JSON"},
      {"echo '[\"hunter2\"]'\n", "it should be an object"},
      {"echo '{\"Username\": \"a\", \"Secret\": [\"hunter2\"]}'\n", "Secret should be a string and is array"},
      {"echo 'credentials not found in native keychain'\n", "it is not JSON"},  // only with a failure
      {"head -c 65537 /dev/zero; exec cat \"$HERE/never\"\n", "it said more than 65536 bytes"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.script);
    install("docker-credential-store", row.script);
    const Error error = fail("r.io");
    const std::string message = error.what();
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_TRUE(message.starts_with("docker-credential-store")) << message;
    EXPECT_NE(message.find(row.reason), std::string::npos) << message;
    EXPECT_NE(message.find("; echo r.io | docker-credential-store get shows what it says"), std::string::npos)
        << message;
  }
}

TEST_F(CredentialsTest, the_longest_answer_is_still_one) {
  config_.credentials_store = "store";
  const std::string json = R"({"Username": "a", "Secret": "b"})";
  install_answer("store", json + std::string(65536 - json.size() - 1, ' '));
  EXPECT_EQ(find("r.io"), account_at("r.io", "a", "b"));
}

TEST_F(CredentialsTest, a_helper_that_is_absent_or_has_no_proper_name_is_refused) {
  config_.credentials_store = "absent";
  EXPECT_STREQ(
      fail("r.io").what(),
      "docker-credential-absent: is not on PATH; install it, or take it out of credsStore and credHelpers "
      "in config.json");
  for (const char* name : {"../x", "/bin/x", "a b", "x;y", "x\n"}) {
    config_.credentials_store = name;
    EXPECT_NE(std::string(fail("r.io").what()).find("is no name of a helper"), std::string::npos) << name;
  }
}

TEST_F(CredentialsTest, a_registry_that_is_no_single_line_is_not_sent) {
  config_.credentials_store = "store";
  install_answer("store", "{}");
  for (const std::string& registry :
       {std::string(), std::string("a\nb"), std::string("a\0b", 3), std::string(5000, 'a')}) {
    EXPECT_EQ(fail(registry).kind(), ErrorKind::invalid_argument);
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ / "asked"));
}

TEST_F(CredentialsTest, a_helper_that_does_not_answer_is_killed_at_the_deadline) {
  config_.credentials_store = "store";
  ASSERT_EQ(::mkfifo((directory_ / "never").c_str(), 0600), 0);
  // The second closes its output at once and does not end; the third's child keeps the output open.
  for (const char* script : {"exec cat \"$HERE/never\"\n", "exec >&-\nexec cat <\"$HERE/never\"\n",
                             "cat \"$HERE/never\" &\necho $! >\"$HERE/pid\"\nexit 0\n"}) {
    SCOPED_TRACE(script);
    install("docker-credential-store", script);
    const Error error = fail("r.io", std::chrono::milliseconds{200});
    EXPECT_EQ(error.kind(), ErrorKind::timeout);
    EXPECT_NE(std::string(error.what()).find("no answer within 200 ms"), std::string::npos) << error.what();
  }
  EXPECT_EQ(::kill(std::stoi(testing::read_text(directory_ / "pid")), SIGKILL),
            0);  // the child that is not ours
}

asio::awaitable<void> find_into(Surroundings surroundings, DockerConfig config,
                                std::optional<ErrorKind>& kind) {
  try {
    co_await find_credentials(std::move(surroundings), std::move(config), "r.io");
  } catch (const Error& error) {
    kind = error.kind();
  }
}

TEST_F(CredentialsTest, a_cancelled_helper_is_killed_and_reaped) {
  config_.credentials_store = "store";
  ASSERT_EQ(::mkfifo((directory_ / "never").c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo((directory_ / "started").c_str(), 0600), 0);
  install("docker-credential-store", "echo $$ >\"$HERE/started\"\nexec cat \"$HERE/never\"\n");
  asio::posix::stream_descriptor started(io_, ::open((directory_ / "started").c_str(), O_RDWR | O_CLOEXEC));
  asio::cancellation_signal signal;
  std::string pid(32, '\0');
  started.async_read_some(asio::buffer(pid), [&](const boost::system::error_code&, std::size_t bytes) {
    pid.resize(bytes);
    signal.emit(asio::cancellation_type::terminal);
  });
  std::optional<ErrorKind> kind;
  asio::co_spawn(io_, find_into(surroundings_, config_, kind),
                 asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr) {}));
  io_.run();
  EXPECT_EQ(kind, ErrorKind::cancelled);
  ASSERT_GT(std::stoi(pid), 0);
  EXPECT_EQ(::kill(std::stoi(pid), 0), -1) << "the helper is still there";
}

TEST_F(CredentialsTest, the_variable_wins_over_everything_for_the_keys_it_has) {
  config_.credentials_store = "store";
  install_answer("store", R"({"Username": "store", "Secret": "3"})");
  surroundings_.variables["DOCKER_AUTH_CONFIG"] =
      R"({"auths": {"r.io": {"auth": "YTpiYw=="}, "https://old.io/v1/": {"auth": "YTpiYw=="},
          "https://index.docker.io/v1/": {"auth": "YTpi"}}})";
  EXPECT_EQ(find("r.io"), account_at("r.io", "a", "bc"));
  EXPECT_EQ(find("docker.io"), account_at(k_hub, "a", "b"));
  EXPECT_EQ(find("old.io"), account_at("old.io", "store", "3")) << "its keys are not matched by host";
  surroundings_.variables["DOCKER_AUTH_CONFIG"] = "{hunter2";
  EXPECT_TRUE(std::string(fail("r.io").what()).starts_with("DOCKER_AUTH_CONFIG: it is not JSON"));
}

TEST_F(CredentialsTest, without_any_account_the_default_store_is_asked_if_it_is_installed) {
  EXPECT_EQ(find("r.io"), std::nullopt);
  install_answer("secretservice", R"({"Username": "service", "Secret": "1"})");
  EXPECT_EQ(find("r.io"), account_at("r.io", "service", "1"));
  install("pass", "");
  EXPECT_EQ(find("r.io"), std::nullopt) << "pass is there, its helper is not";
  install_answer("pass", R"({"Username": "pass", "Secret": "2"})");
  EXPECT_EQ(find("r.io"), account_at("r.io", "pass", "2"));
  config_.auths = {{"other.io", account_at("other.io", "file", "3")}};
  EXPECT_EQ(find("r.io"), std::nullopt);
}

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> &&
              !std::is_convertible_v<Secret, std::string_view>);

TEST(SecretTest, copies_are_equal_and_empty_is_empty) {
  const Secret secret("hunter2");
  Secret copy = secret;
  EXPECT_EQ(copy.reveal(), "hunter2");
  EXPECT_TRUE(copy == secret);
  EXPECT_FALSE(copy == Secret("hunter3"));
  EXPECT_FALSE(copy == Secret("hunter"));
  copy = Secret();
  EXPECT_TRUE(copy.empty() && copy.reveal().empty());
  EXPECT_TRUE(Secret("") == Secret());
  EXPECT_EQ(secret.reveal(), "hunter2");
}

TEST(SecretTest, cleansing_overwrites_the_whole_buffer) {
  for (std::string text : {std::string("short"), std::string(100, 'x')}) {
    text.reserve(text.size() + 40);
    text.resize(text.size() / 2);  // what lies behind the end counts too
    const char* buffer = text.data();
    const std::size_t capacity = text.capacity();
    cleanse(text);
    EXPECT_TRUE(text.empty());
    ASSERT_EQ(text.data(), buffer);
    text.resize(0);
    EXPECT_EQ(std::string(buffer, capacity), std::string(capacity, '\0'));
  }
}

}  // namespace
}  // namespace halcyon::docker_api
