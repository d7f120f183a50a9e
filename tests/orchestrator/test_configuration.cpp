// What a configuration means when it is right.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "orchestrator/configuration.hpp"
#include "orchestrator/error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::string_view k_small = R"(
[app]
name = "shop"
[service.web]
image = "registry.example.com/shop/web"
port = 8000
env_file = "web.env"
[service.web.gate]
path = "/readyz"
[service.db]
kind = "accessory"
image = "postgres:16"
volumes = ["data:/var/lib/postgresql/data"]
[environment.production]
domain = "shop.example.com"
[environment.staging]
domain = "staging.shop.example.com"
)";

std::string all_problems(const LoadedConfiguration& loaded) {
  std::string text;
  for (const Problem& problem : loaded.problems) text += to_string(problem, "halcyon.toml") + "\n";
  return text;
}

Configuration parse(std::string_view text) {
  LoadedConfiguration loaded = parse_configuration(text, "halcyon.toml", "/srv/shop");
  EXPECT_TRUE(loaded.configuration) << all_problems(loaded);
  return loaded.configuration.value();
}

Configuration parse_with(std::string_view more) { return parse(std::string(k_small) + std::string(more)); }

TEST(Configuration, a_small_file_is_complete_and_the_rest_are_defaults) {
  const Configuration configuration = parse(k_small);
  EXPECT_EQ(configuration.app.text(), "shop");
  ASSERT_EQ(configuration.environments.size(), 2U);
  const Environment& production = configuration.environments.at("production");
  EXPECT_EQ(production.domain, "shop.example.com");
  EXPECT_EQ(production.state_directory, "/var/lib/halcyon/shop/production");
  EXPECT_EQ(production.keep_releases, 5);
  EXPECT_EQ(production.nginx.probe, "127.0.0.1:80");
  const Service& web = *production.find_service("web");
  EXPECT_EQ(web.kind, ServiceKind::web);
  EXPECT_EQ(web.image.to_string(), "registry.example.com/shop/web");
  EXPECT_EQ(web.port, 8000);
  EXPECT_EQ(web.routes, std::vector<std::string>{"/"});
  EXPECT_EQ(web.env_file, "/srv/shop/web.env");
  EXPECT_EQ(web.cap_drop, std::vector<std::string>{"ALL"});
  EXPECT_EQ(web.gate.path, "/readyz");
  EXPECT_EQ(web.gate.successes, k_default_gate_successes);
  EXPECT_EQ(web.stop_timeout, k_default_stop_timeout);
  const Service& db = *production.find_service("db");
  EXPECT_EQ(db.kind, ServiceKind::accessory);
  EXPECT_EQ(db.image.to_string(), "docker.io/library/postgres:16");
  EXPECT_TRUE(db.cap_drop.empty());
  ASSERT_EQ(db.volumes.size(), 1U);
  EXPECT_FALSE(db.volumes[0].is_bind());
  EXPECT_EQ(production.find_service("cache"), nullptr);
}

TEST(Configuration, services_keep_the_order_of_the_file) {
  const Configuration configuration = parse_with(R"(
[service.alpha]
kind = "accessory"
image = "redis:7"
)");
  std::vector<std::string> names;
  for (const Service& service : configuration.environments.at("production").services)
    names.push_back(service.name.text());
  EXPECT_EQ(names, (std::vector<std::string>{"web", "db", "alpha"}));
}

TEST(Configuration, every_key_of_a_service_is_read) {
  const Configuration configuration = parse(R"(
[app]
name = "shop"
state_dir = "/srv/state"
keep_releases = 7
[service.web]
kind = "web"
image = "shop/web"
pull = "never"
port = 65535
routes = ["/", "/api/"]
replicas = 8
command = ["serve", "--port", "8000"]
entrypoint = ["/bin/app"]
env = {LEVEL = "info", WORKERS = 4, DEBUG = false}
volumes = ["./files:/files:ro", "/srv/up/../media/:/media/", "cache-1:/cache"]
memory = "256m"
cpus = 0.5
pids = 100
user = "1000:1000"
read_only_root = true
cap_drop = []
cap_add = ["NET_BIND_SERVICE"]
stop_signal = "SIGINT"
stop_timeout = "2m"
drain_max = "1h"
[service.web.gate]
path = "/ready?deep=1"
host = "localhost:8000"
status = [200, 204]
contains = "ok"
release_header = "X-Release"
successes = 2
interval = "5ms"
request_timeout = "1s"
deadline = "90s"
[environment.production]
domain = ["Shop.example.com", "*.shop.example.com", "10.1.2.3"]
subnet = "10.201.7.0/24"
resolve_deadline = "5s"
pull_idle = "2m"
keep_releases = 3
)");
  const Environment& environment = configuration.environments.at("production");
  EXPECT_EQ(environment.domain, "shop.example.com *.shop.example.com 10.1.2.3");
  EXPECT_EQ(environment.subnet, "10.201.7.0/24");
  EXPECT_EQ(environment.resolve_deadline, milliseconds(5'000));
  EXPECT_EQ(environment.pull_idle, milliseconds(120'000));
  EXPECT_EQ(environment.keep_releases, 3);
  EXPECT_EQ(environment.state_directory, "/srv/state/shop/production");
  const Service& web = environment.services.at(0);
  EXPECT_EQ(web.pull, PullPolicy::never);
  EXPECT_EQ(web.port, 65535);
  EXPECT_EQ(web.routes, (std::vector<std::string>{"/", "/api/"}));
  EXPECT_EQ(web.replicas, 8);
  EXPECT_EQ(web.command, (std::vector<std::string>{"serve", "--port", "8000"}));
  EXPECT_EQ(web.entrypoint, std::vector<std::string>{"/bin/app"});
  EXPECT_EQ(web.environment, (std::vector<std::pair<std::string, std::string>>{
                                 {"LEVEL", "info"}, {"WORKERS", "4"}, {"DEBUG", "false"}}));
  ASSERT_EQ(web.volumes.size(), 3U);
  EXPECT_EQ(web.volumes[0].source, "/srv/shop/files");
  EXPECT_TRUE(web.volumes[0].read_only);
  EXPECT_EQ(web.volumes[1].source, "/srv/media");
  EXPECT_EQ(web.volumes[1].target, "/media");
  EXPECT_EQ(web.volumes[2].source, "cache-1");
  EXPECT_EQ(web.memory_bytes, 256U * 1024 * 1024);
  EXPECT_EQ(web.nano_cpus, 500'000'000U);
  EXPECT_EQ(web.pids_limit, 100);
  EXPECT_EQ(web.user, "1000:1000");
  EXPECT_TRUE(web.read_only_root);
  EXPECT_TRUE(web.cap_drop.empty());
  EXPECT_EQ(web.cap_add, std::vector<std::string>{"NET_BIND_SERVICE"});
  EXPECT_EQ(web.stop_signal, "SIGINT");
  EXPECT_EQ(web.stop_timeout, seconds(120));
  EXPECT_EQ(web.drain_max, milliseconds(3'600'000));
  EXPECT_EQ(web.gate.path, "/ready?deep=1");
  EXPECT_EQ(web.gate.host, "localhost:8000");
  EXPECT_EQ(web.gate.statuses, (std::vector<int>{200, 204}));
  EXPECT_EQ(web.gate.contains, "ok");
  EXPECT_EQ(web.gate.release_header, "X-Release");
  EXPECT_EQ(web.gate.successes, 2);
  EXPECT_EQ(web.gate.interval, milliseconds(5));
  EXPECT_EQ(web.gate.request_timeout, milliseconds(1'000));
  EXPECT_EQ(web.gate.deadline, milliseconds(90'000));
}

TEST(Configuration, an_environment_overrides_single_keys_and_keeps_the_rest) {
  const Configuration configuration = parse_with(R"(
[environment.staging.service.web]
replicas = 2
env = {LEVEL = "debug"}
[environment.staging.service.web.gate]
deadline = "2m"
[environment.staging.nginx]
listen = "127.0.0.1:8080"
)");
  const Environment& staging = configuration.environments.at("staging");
  const Service& web = *staging.find_service("web");
  EXPECT_EQ(web.replicas, 2);
  EXPECT_EQ(web.port, 8000);
  EXPECT_EQ(web.gate.path, "/readyz");
  EXPECT_EQ(web.gate.deadline, milliseconds(120'000));
  EXPECT_EQ(web.environment.size(), 1U);
  EXPECT_EQ(staging.nginx.listen, "127.0.0.1:8080");
  EXPECT_EQ(staging.nginx.probe, "127.0.0.1:8080");
  const Environment& production = configuration.environments.at("production");
  EXPECT_EQ(production.find_service("web")->replicas, 1);
  EXPECT_EQ(production.nginx.listen, "80");
}

TEST(Configuration, the_probe_goes_where_nginx_listens) {
  const auto probe_with = [](std::string_view keys) {
    return parse_with("[nginx]\n" + std::string(keys)).environments.at("production").nginx.probe;
  };
  EXPECT_EQ(probe_with("listen = \"8080\""), "127.0.0.1:8080");
  EXPECT_EQ(probe_with("listen = 8080"), "127.0.0.1:8080");
  EXPECT_EQ(probe_with("listen = \"0.0.0.0:8080\""), "127.0.0.1:8080");
  EXPECT_EQ(probe_with("listen = \"192.168.1.5:81\""), "192.168.1.5:81");
  EXPECT_EQ(probe_with("listen = \"8080\"\nprobe = \"10.0.0.1:99\""), "10.0.0.1:99");
  EXPECT_EQ(probe_with("listen = \"8080\"\nmode = \"include\""), "127.0.0.1:80");
}

TEST(Configuration, an_override_can_mend_a_value_that_is_wrong_for_all) {
  const std::string text = std::string(k_small) + "[nginx]\nlisten = \"no\"\n";
  EXPECT_FALSE(parse_configuration(text, "f", "/").configuration);
  const std::string mended =
      text +
      "[environment.staging.nginx]\nlisten = \"80\"\n[environment.production.nginx]\nlisten = \"80\"\n";
  EXPECT_TRUE(parse_configuration(mended, "f", "/").configuration);
}

TEST(Configuration, config_show_prints_every_value_marks_defaults_and_hides_secrets) {
  const Configuration configuration = parse_with(R"(
[environment.production.service.web.env]
LEVEL = "info"
DB_PASSWORD = "hunter2"
DATABASE_URL = "postgres://app:hunter2@db:5432/shop?sslmode=require"
CACHE_URL = "redis://:hunter2@cache:6379/0"
STRIPE = "hunter2hunter2hunter2hunter2"
)");
  const Environment& environment = configuration.environments.at("production");
  const std::string readable = to_readable_text(environment);
  const std::string json = to_json_text(environment);
  for (const std::string& text : {readable, json}) {
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    EXPECT_NE(text.find("/srv/shop/web.env"), std::string::npos);
  }
  EXPECT_NE(readable.find("DATABASE_URL = \"postgres://app:***@db:5432/shop?sslmode=require\"\n"),
            std::string::npos)
      << readable;
  EXPECT_NE(readable.find("CACHE_URL = \"(not shown)\"\n"), std::string::npos) << readable;
  EXPECT_NE(readable.find("LEVEL = \"info\"\n"), std::string::npos) << readable;
  EXPECT_NE(readable.find("\nport = 8000\n"), std::string::npos);
  EXPECT_NE(readable.find("\nsuccesses = 3  # default\n"), std::string::npos);
  EXPECT_NE(readable.find("\n[service.web.gate]\npath = \"/readyz\"\n"), std::string::npos);
  EXPECT_NE(json.find("\"client_max_body\": \"16MiB\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"DB_PASSWORD\": \"(not shown)\""), std::string::npos);
}

TEST(Configuration, config_show_prints_a_file_that_means_the_same) {
  const Configuration configuration = parse_with(R"(
[nginx]
listen = "192.0.2.1:8080"
[environment.production.service.web]
command = ["run", "a \"quoted\" word"]
memory = "256MiB"
cpus = 0.5
read_only_root = true
volumes = ["uploads:/srv/uploads"]
[environment.production.service.web.env]
LEVEL = "info"
)");
  for (const auto& [name, environment] : configuration.environments) {
    const std::string shown = to_readable_text(environment);
    const LoadedConfiguration again = parse_configuration(shown, "f", "/srv/shop");
    ASSERT_TRUE(again.configuration) << all_problems(again) << shown;
    EXPECT_EQ(to_readable_text(again.configuration->environments.at(name)), shown);
  }
  const std::string shown = to_readable_text(configuration.environments.at("production"));
  EXPECT_TRUE(shown.starts_with(
      "[app]\nname = \"shop\"\nstate_dir = \"/var/lib/halcyon\"  # default\n\n[environment.production]\n"))
      << shown;
  EXPECT_NE(shown.find("\nprobe = \"192.0.2.1:8080\"  # default\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("\n# state_directory = \"/var/lib/halcyon/shop/production\"  # default\n"),
            std::string::npos)
      << shown;
  EXPECT_NE(shown.find("\n# user = \"\"  # default\n"), std::string::npos) << shown;
}

TEST(Configuration, config_show_of_accessories_alone_is_a_valid_file) {
  const Configuration configuration = parse(
      "[app]\nname = \"shop\"\n[service.db]\nkind = \"accessory\"\nimage = \"postgres:16\"\n"
      "command = [\"a\\u007fb\"]\n[environment.production]\n");
  const std::string shown = to_readable_text(configuration.environments.at("production"));
  EXPECT_NE(shown.find("\n# domain = []  # default\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("command = [\"a\\u007fb\"]"), std::string::npos) << shown;
  const LoadedConfiguration again = parse_configuration(shown, "f", "/srv/shop");
  ASSERT_TRUE(again.configuration) << all_problems(again) << shown;
}

TEST(Configuration, what_a_command_is_told_in_secret_is_not_printed) {
  const Configuration configuration = parse_with(
      "\n[environment.production.service.web]\n"
      "command = [\"run\", \"--api-token=hunter2\", \"--password\", \"hunter3\", \"--port\", \"80\"]\n"
      "entrypoint = [\"/bin/sh\", \"-c\", \"PGPASSWORD=hunter4 exec serve --level=info\"]\n");
  const std::string shown = to_readable_text(configuration.environments.at("production"));
  EXPECT_EQ(shown.find("hunter"), std::string::npos) << shown;
  EXPECT_NE(
      shown.find(R"x(command = ["run","--api-token=(not shown)","--password","(not shown)","--port","80"])x"),
      std::string::npos)
      << shown;
  EXPECT_NE(shown.find(R"x(["/bin/sh","-c","PGPASSWORD=(not shown) exec serve --level=info"])x"),
            std::string::npos)
      << shown;
}

TEST(Configuration, a_password_in_a_url_is_never_printed_wherever_it_stands) {
  const std::string url = "postgres://app:hunter2@db/shop";
  const Configuration configuration =
      parse_with("\n[environment.production.service.web]\ncommand = [\"run\", \"--db=" + url + "\"]\n");
  const std::string shown = to_readable_text(configuration.environments.at("production"));
  EXPECT_NE(shown.find("command = [\"run\",\"--db=postgres://app:***@db/shop\"]"), std::string::npos)
      << shown;
  const LoadedConfiguration wrong =
      parse_configuration("[app]\nname = \"" + url + "\"\n[service.web]\nimage = \"" + url + "\"\nport = \"" +
                              url + "\"\nenv = \"" + url + "\"\n",
                          "f", "/");
  EXPECT_GE(wrong.problems.size(), 4U);
  EXPECT_EQ(all_problems(wrong).find("hunter2"), std::string::npos) << all_problems(wrong);
}

TEST(Configuration, loading_resolves_relative_files_from_the_directory_of_the_file) {
  char directory[] = "/tmp/halcyon-configuration-XXXXXX";
  ASSERT_NE(::mkdtemp(directory), nullptr);
  const std::string path = std::string(directory) + "/halcyon.toml";
  std::ofstream(path) << k_small;
  const LoadedConfiguration loaded = load_configuration(path);
  ASSERT_TRUE(loaded.configuration) << all_problems(loaded);
  EXPECT_EQ(loaded.configuration->file, path);
  EXPECT_EQ(loaded.configuration->environments.at("staging").find_service("web")->env_file,
            std::string(directory) + "/web.env");
  std::filesystem::remove_all(directory);
}

/// A directory with a configuration of two environments: each has an env file of its own for web.
class EnvFiles : public ::testing::Test {
 protected:
  EnvFiles() {
    halcyon::testing::write_text(directory / "halcyon.toml",
                                 "[app]\nname = \"shop\"\n[service.web]\nimage = \"shop/web\"\nport = 70000\n"
                                 "[service.web.gate]\npath = \"/\"\n"
                                 "[environment.production]\ndomain = \"a.test\"\n"
                                 "[environment.production.service.web]\nenv_file = \"production.env\"\n"
                                 "[environment.staging]\ndomain = \"b.test\"\n"
                                 "[environment.staging.service.web]\nenv_file = \"staging.env\"\n");
  }
  std::vector<std::string> problems(const EnvFilesOf& env_files) {
    std::vector<std::string> texts;
    for (const Problem& problem : load_configuration(directory / "halcyon.toml", env_files).problems)
      texts.push_back(to_string(problem, "f"));
    return texts;
  }

  const halcyon::testing::TemporaryDirectory directory;
  const std::string port =
      "f:5: service.web.port = 70000: must be 1 to 65535; write the port the application listens on";
};

TEST_F(EnvFiles, that_are_missing_are_reported_with_all_other_mistakes) {
  EXPECT_EQ(problems({.all = true}),
            (std::vector<std::string>{
                port,
                "f:11: environment.production.service.web.env_file = \"production.env\": " +
                    (directory / "production.env") + " does not exist; create the file, or correct its path",
                "f:15: environment.staging.service.web.env_file = \"staging.env\": " +
                    (directory / "staging.env") + " does not exist; create the file, or correct its path"}));
}

TEST_F(EnvFiles, of_other_environments_and_of_who_only_looks_are_not_read) {
  EXPECT_EQ(problems({}), std::vector<std::string>{port});
  halcyon::testing::write_text(directory / "production.env", "A=1\n");
  EXPECT_EQ(problems({.environment = "production"}), std::vector<std::string>{port});
}

TEST_F(EnvFiles, that_are_malformed_are_reported_line_by_line_and_without_a_value) {
  halcyon::testing::write_text(directory / "production.env", "A=1\nhunter2\n1B=hunter2\n");
  const std::string where = "f:11: environment.production.service.web.env_file = \"production.env\": " +
                            (directory / "production.env");
  EXPECT_EQ(
      problems({.environment = "production"}),
      (std::vector<std::string>{
          port, where + ":2: this line is not KEY=value; write it so, or put '#' before it",
          where + ":3: what stands before '=' must be a variable name of [A-Za-z_][A-Za-z0-9_]*; correct "
                  "the name"}));
}

TEST_F(EnvFiles, that_are_directories_are_reported) {
  std::filesystem::create_directory(directory / "production.env");
  const auto found = problems({.environment = "production"});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[1].find("Is a directory"), std::string::npos) << found[1];
}

TEST(Configuration, a_file_that_cannot_be_read_is_a_usage_error) {
  for (const auto& [path, text] :
       {std::pair{"/tmp/halcyon-is-not-there.toml",
                  "cannot read the configuration /tmp/halcyon-is-not-there.toml: No such file or directory; "
                  "name the "
                  "right file with --config"},
        std::pair{"/tmp",
                  "cannot read the configuration /tmp: Is a directory; name the right file with --config"}}) {
    try {
      load_configuration(path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.outcome(), Outcome::usage);
      EXPECT_STREQ(error.what(), text);
    }
  }
}

}  // namespace
}  // namespace halcyon::orchestrator
