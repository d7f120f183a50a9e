// What a configuration may not be, and how it is told.
#include <gtest/gtest.h>

#include <algorithm>

#include "orchestrator/configuration.hpp"
#include "orchestrator/configuration_check.hpp"

namespace halcyon::orchestrator {
namespace {

/// A right file with room for one wrong line in each of its tables.
struct Lines {
  std::string app;
  std::string web = "image = \"shop/web\"\nport = 8000";
  std::string gate = "path = \"/readyz\"";
  std::string nginx;
  std::string production = "domain = \"shop.example.com\"";
  std::string rest;
};

std::vector<std::string> problems_of(const Lines& lines) {
  const std::string text = "[app]\nname = \"shop\"\n" + lines.app + "\n[service.web]\n" + lines.web +
                           "\n[service.web.gate]\n" + lines.gate + "\n[nginx]\n" + lines.nginx +
                           "\n[environment.production]\n" + lines.production + "\n" + lines.rest;
  const LoadedConfiguration loaded = parse_configuration(text, "halcyon.toml", "/srv/shop");
  EXPECT_EQ(loaded.configuration.has_value(), loaded.problems.empty());
  std::vector<std::string> texts;
  for (Problem problem : loaded.problems) {
    problem.line = 0;
    texts.push_back(to_string(problem, "f"));
  }
  return texts;
}

/// The one problem of a file, or all of them if there is not exactly one.
std::string problem_of(const Lines& lines) {
  std::string all;
  for (const std::string& text : problems_of(lines)) all += (all.empty() ? "" : "\n") + text;
  return all;
}

std::string web_problem(const std::string& line) { return problem_of({.web = Lines{}.web + "\n" + line}); }
std::string gate_problem(const std::string& line) { return problem_of({.gate = Lines{}.gate + "\n" + line}); }
std::string nginx_problem(const std::string& line) { return problem_of({.nginx = line}); }

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(ConfigurationProblems, twelve_mistakes_are_reported_together_word_for_word) {
  const LoadedConfiguration loaded = parse_configuration(R"([app]
name = "Shop"
statedir = "/x"
[service.web]
image = "registry.example.com/shop/web:1.2"
port = 70000
routes = ["/", "api"]
replicas = 9
memory = "1MiB"
volumes = ["/var/run/docker.sock:/docker.sock"]
[service.web.gate]
interval = "5"
[service.db]
kind = "accessory"
image = "postgres"
[nginx]
listen = "80; }"
[environment.production]
domain = "shop.example.com\n; include /etc/passwd"
)",
                                                         "halcyon.toml", "/srv/shop");
  std::vector<std::string> texts;
  for (const Problem& problem : loaded.problems) texts.push_back(to_string(problem, "halcyon.toml"));
  EXPECT_FALSE(loaded.configuration);
  EXPECT_EQ(
      texts,
      (std::vector<std::string>{
          R"(halcyon.toml:2: app.name = "Shop": must be a name: 1 to 40 of a-z, 0-9 and '-', beginning with a letter, not ending in '-', no '--'; write a name such as "shop" or "review-42")",
          R"(halcyon.toml:3: app.statedir = "/x": is not a known key; did you mean "state_dir"?)",
          R"(halcyon.toml:5: service.web.image = "registry.example.com/shop/web:1.2": must have neither tag nor digest: the promotion brings it; write "registry.example.com/shop/web")",
          R"(halcyon.toml:6: service.web.port = 70000: must be 1 to 65535; write the port the application listens on)",
          R"(halcyon.toml:7: service.web.routes[1] = "api": must begin with '/' and hold only [A-Za-z0-9._~/-], without '..' and '//'; write a path prefix such as "/" or "/api/")",
          R"(halcyon.toml:8: service.web.replicas = 9: must be 1 to 8; write how many containers share the work in one slot)",
          R"(halcyon.toml:9: service.web.memory = "1MiB": must be a size of 6MiB to 1024GiB; write a whole number and a unit in quotes, such as "64MiB", "512MiB" or "1GiB")",
          R"(halcyon.toml:10: service.web.volumes[0] = "/var/run/docker.sock:/docker.sock": would give the host away: whoever reaches the engine's socket is root on the host; mount a directory of its own, such as "/srv/shop/files:/files")",
          R"(halcyon.toml:11: service.web.gate.path is required for a web service; write the path that answers when the application is ready, such as "/readyz")",
          R"(halcyon.toml:12: service.web.gate.interval = "5": must be a duration of 1ms to 24h; write a whole number and a unit in quotes, such as "250ms", "5s" or "2m")",
          R"(halcyon.toml:15: service.db.image = "postgres": must have a tag or a digest, because no promotion brings one; write "docker.io/library/postgres:TAG")",
          R"(halcyon.toml:17: nginx.listen = "80; }": must be a port, or an IPv4 address and a port; write "80" or "127.0.0.1:8080")",
          R"(halcyon.toml:19: environment.production.domain = "shop.example.com\n; include /etc/passwd": must be a host name, a name that begins with '*.', or an IPv4 address; write one such as "shop.example.com")"}));
}

TEST(ConfigurationProblems, a_syntax_error_is_one_problem_with_its_line) {
  const LoadedConfiguration loaded =
      parse_configuration("[app]\nname = \"shop\nx = 1\n", "halcyon.toml", "/");
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].line, 2);
  EXPECT_TRUE(mentions(to_string(loaded.problems[0], "halcyon.toml"), "halcyon.toml:2: is not TOML: "));
  EXPECT_FALSE(loaded.configuration);
}

TEST(ConfigurationProblems, an_empty_file_lacks_application_service_and_environment) {
  const LoadedConfiguration loaded = parse_configuration("", "halcyon.toml", "/");
  std::vector<std::string> keys;
  for (const Problem& problem : loaded.problems) keys.push_back(problem.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"app.name", "environment", "service"}));
}

TEST(ConfigurationProblems, empty_tables_are_as_good_as_none) {
  const LoadedConfiguration loaded =
      parse_configuration("environment = {}\nservice = {}\n[app]\nname = \"a\"", "f", "/");
  ASSERT_EQ(loaded.problems.size(), 2U);
  EXPECT_EQ(loaded.problems[0].rule, "is required: at least one environment");
  EXPECT_EQ(loaded.problems[1].rule, "is required: at least one service");
}

TEST(ConfigurationProblems, without_an_environment_the_services_are_checked_all_the_same) {
  const LoadedConfiguration loaded = parse_configuration(
      "[app]\nname = \"shop\"\n[service.web]\nimage = \"x\"\nport = 0\n[service.web.gate]\npath = \"/\"\n",
      "f", "/");
  ASSERT_EQ(loaded.problems.size(), 2U);
  EXPECT_EQ(loaded.problems[0].key, "service.web.port");
  EXPECT_EQ(
      to_string(loaded.problems[1], "f"),
      "f: environment is required: at least one environment; write [environment.production] with its domain");
}

TEST(ConfigurationProblems, what_this_version_does_not_do_is_said) {
  EXPECT_EQ(problem_of({.rest = "[service.w]\nkind = \"worker\"\nimage = \"shop/w\"\n"}),
            R"(f: service.w.kind = "worker": is not supported by this version; write "web" or "accessory")");
  EXPECT_EQ(problem_of({.rest = "[service.j]\nkind = \"job\"\nimage = \"shop/j:1\"\n"}),
            R"(f: service.j.kind = "job": is not supported by this version; write "web" or "accessory")");
  EXPECT_EQ(
      problem_of({.rest = "[database.main]\nservice = \"db\"\n"}),
      "f: database.main is not supported by this version; remove [database.main]; migrations and backups are "
      "not done yet");
}

TEST(ConfigurationProblems, unknown_keys_name_the_nearest_known_key) {
  EXPECT_TRUE(mentions(web_problem("prot = 1"), "did you mean \"port\"?"));
  EXPECT_TRUE(mentions(web_problem("envfile = \"x\""), "did you mean \"env_file\"?"));
  EXPECT_EQ(problem_of({.web = "image = \"r.io/shop\"\nprot = 8000"}),
            "f: service.web.prot = 8000: is not a known key; did you mean \"port\"?");
  EXPECT_TRUE(mentions(problem_of({.web = "image = \"r.io/shop\"", .rest = "[services.db]\n"}),
                       "service.web.port is required"))
      << "where the right word stands, too, nothing follows from the wrong one";
  EXPECT_TRUE(mentions(gate_problem("sucesses = 1"), "did you mean \"successes\"?"));
  EXPECT_TRUE(
      mentions(nginx_problem("client_max_body_size = \"1MiB\""), "did you mean \"client_max_body\"?"));
  EXPECT_FALSE(mentions(web_problem("zzzzzzzz = 1"), "did you mean"));
  EXPECT_TRUE(mentions(problem_of({.rest = "[services.x]\n"}),
                       "f: services is not a known key; did you mean \"service\"?"));
  EXPECT_EQ(problem_of({.rest = "[environment.production.service.wbe]\nport = 1\n"}),
            "f: environment.production.service.wbe is not a known service; did you mean \"web\"?");
}

TEST(ConfigurationProblems, the_value_of_an_unknown_key_that_may_be_a_secret_is_not_shown) {
  EXPECT_FALSE(mentions(web_problem("password = \"hunter2\""), "hunter2"));
}

TEST(ConfigurationProblems, problems_that_every_environment_inherits_are_reported_once) {
  EXPECT_EQ(problems_of({.web = "image = \"shop/web\"\nport = 0",
                         .rest = "[environment.b]\ndomain = \"b.example.com\"\n"})
                .size(),
            1U);
}

TEST(ConfigurationProblems, a_problem_in_an_override_points_at_the_override) {
  EXPECT_EQ(problem_of({.rest = "[environment.production.service.web]\nport = 0\n"}),
            "f: environment.production.service.web.port = 0: must be 1 to 65535; write the port the "
            "application listens on");
}

TEST(ConfigurationProblems, values_are_shortened_and_control_characters_escaped) {
  EXPECT_TRUE(mentions(nginx_problem(R"(listen = "\u001b[31m\n\u0085\u007f")"), R"("\x1b[31m\n\x85\x7f")"));
  const std::string text = nginx_problem("listen = \"" + std::string(500, 'x') + "\"");
  EXPECT_TRUE(mentions(text, std::string(60, 'x') + "...\""));
  EXPECT_LT(text.size(), 250U);
}

TEST(ConfigurationProblems, wrong_types_are_problems) {
  for (const std::string& line :
       {"routes = \"/\"", "replicas = \"2\"", "command = \"a b\"", "volumes = \"a:/b\"", "env = 3",
        "memory = 256", "cpus = \"2\"", "read_only_root = \"yes\"", "stop_timeout = 30", "user = 1000",
        "pids = 1.5", "stop_timeout = 2020-01-01"})
    EXPECT_EQ(problems_of({.web = Lines{}.web + "\n" + line}).size(), 1U) << line;
  EXPECT_EQ(problem_of({.rest = "[environment]\nx = 1\n"}).find("f: environment.x = 1: must be a table"), 0U);
}

TEST(ConfigurationProblems, every_bound_is_held) {
  for (const std::string& line : {"replicas = 0",
                                  "memory = \"5MiB\"",
                                  "memory = \"2000g\"",
                                  "cpus = 0",
                                  "cpus = -1",
                                  "cpus = 1025",
                                  "cpus = nan",
                                  "cpus = inf",
                                  "pids = 0",
                                  "stop_timeout = \"500ms\"",
                                  "stop_timeout = \"25h\"",
                                  "drain_max = \"0s\"",
                                  "drain_max = \"-1s\"",
                                  "drain_max = \"1d\"",
                                  "drain_max = \"99999999999999999999s\"",
                                  "stop_signal = \"TERM\"",
                                  "stop_signal = \"SIG\"",
                                  "user = \"a b\"",
                                  "user = \"Root\"",
                                  "cap_add = [\"net_raw\"]",
                                  "cap_drop = [\"A;B\"]",
                                  "routes = []",
                                  "routes = [\"\"]",
                                  "routes = [\"/a b\"]",
                                  "routes = [\"/a;b\"]",
                                  "routes = [\"/a/../b\"]",
                                  "routes = [\"//\"]",
                                  "routes = [\"/{\"]",
                                  "routes = [\"/$x\"]",
                                  "routes = [\"/a\\n\"]",
                                  "env_file = \"a\\nb\"",
                                  "env = {\"A-B\" = \"x\"}",
                                  "env = {A = \"a\\u0000b\"}",
                                  "env = {A = 1.5}",
                                  "env = {A = [1]}",
                                  "command = [\"a\\u0000b\"]"})
    EXPECT_EQ(problems_of({.web = Lines{}.web + "\n" + line}).size(), 1U) << line;
  for (const std::string& line :
       {"status = 99", "status = 600", "status = []", "status = [200, 700]", "successes = 0",
        "successes = 101", "contains = \"\"", "host = \"a b\"", "host = \"*.x\"", "host = \"a:b\"",
        "host = \"a:70000\"", "release_header = \"a:b\"", "interval = \"0ms\"", "deadline = \"25h\"",
        "successes = 100\ninterval = \"10s\""})
    EXPECT_EQ(problems_of({.gate = Lines{}.gate + "\n" + line}).size(), 1U) << line;
  for (const std::string& line : {"listen = 0",
                                  "listen = \"080\"",
                                  "listen = \"65536\"",
                                  "listen = \"::1:80\"",
                                  "listen = \"1.2.3:80\"",
                                  "listen = \"1.2.3.256:80\"",
                                  "listen = \"80 default_server\"",
                                  "probe = \"80\"",
                                  "mode = \"x\"",
                                  "switch = \"x\"",
                                  "program = \"nginx\"",
                                  "config = \"/etc/../x\"",
                                  "conf_dir = \"/a b\"",
                                  "conf_dir = \"/a;b\"",
                                  "pid_file = \"/a{b\"",
                                  "pid_file = \"/a$b\"",
                                  "pid_file = \"/a'b\"",
                                  "config = \"/a\\nb\"",
                                  "client_max_body = \"0k\"",
                                  "proxy_read_timeout = \"0s\"",
                                  "upstream_keepalive = \"1\""})
    EXPECT_EQ(problems_of({.nginx = line}).size(), 1U) << line;
  for (const std::string& line :
       {"subnet = \"10.1.2.1/24\"", "subnet = \"10.1.2.0/16\"", "subnet = \"8.8.8.0/24\"",
        "subnet = \"172.32.0.0/24\"", "keep_releases = 1", "pull_idle = \"0s\""})
    EXPECT_EQ(problems_of({.production = Lines{}.production + "\n" + line}).size(), 1U) << line;
  EXPECT_EQ(problems_of({.app = "state_dir = \"var\""}).size(), 1U);
}

TEST(ConfigurationProblems, domains_are_host_names_and_nothing_else) {
  for (const std::string_view good :
       {"a", "localhost", "a-b.example.com", "*.example.com", "127.0.0.1", "xn--bcher-kva.example"})
    EXPECT_TRUE(is_domain(good)) << good;
  for (const std::string_view bad :
       {"",    ".",     "a.",        ".a",       "a..b",      "-a",    "a-",
        "a_b", "a b",   "a\n",       "a;b",      "a}",        "*",     "*.",
        "a.*", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "a.123", "b\u00fccher.de",
        "a/b", "a:80",  "~a",        "$a"})
    EXPECT_FALSE(is_domain(bad)) << bad;
  EXPECT_FALSE(is_domain(std::string(64, 'a')));
  EXPECT_TRUE(mentions(problem_of({.production = "domain = \"*.example.com\""}),
                       "must not begin with a '*.' domain"));
  EXPECT_TRUE(
      mentions(problem_of({.production = "domain = [\"a.b\", \"A.B\"]"}), "must not hold a domain twice"));
  EXPECT_EQ(problem_of({.production = ""}),
            "f: environment.production.domain is required, because there is a web service; write one such as "
            "\"shop.example.com\"");
}

TEST(ConfigurationProblems,
     a_route_that_meets_one_of_a_service_without_a_right_name_is_told_at_its_own_line) {
  const LoadedConfiguration loaded = parse_configuration(
      "[app]\nname = \"shop\"\n"
      "[service.Bad_One]\nimage = \"shop/one\"\nport = 1\n[service.Bad_One.gate]\npath = \"/\"\n"
      "[service.Bad_Two]\nimage = \"shop/two\"\nport = 2\nroutes = [\"/\"]\n"
      "[service.Bad_Two.gate]\npath = \"/\"\n"
      "[environment.production]\ndomain = \"a.test\"\n",
      "f", "/");
  std::vector<std::string> texts;
  for (const Problem& problem : loaded.problems)
    if (mentions(problem.key, "routes")) texts.push_back(to_string(problem, "f"));
  EXPECT_EQ(texts,
            (std::vector<std::string>{
                "f:11: service.Bad_Two.routes = \"/\": must not be a route of service \"Bad_One\" too; "
                "give every web service of an environment routes of its own"}));
}

TEST(ConfigurationProblems, two_services_cannot_share_a_route) {
  const std::string other =
      "[service.api]\nimage = \"shop/api\"\nport = 1\n[service.api.gate]\npath = \"/\"\n";
  EXPECT_EQ(problem_of({.rest = other}),
            "f: service.api.routes = \"/\": must not be a route of service \"web\" too; give every web "
            "service of an "
            "environment routes of its own");
  EXPECT_EQ(problems_of({.web = Lines{}.web + "\nroutes = [\"/a\", \"/a/\"]"}).size(), 1U);
  EXPECT_TRUE(mentions(web_problem("routes = [\"/a\", \"/a\"]"), "must not hold the same route twice"));
}

TEST(ConfigurationProblems, two_environments_cannot_share_domain_and_address_or_subnet) {
  const std::string other = "[environment.b]\ndomain = [\"b.example.com\", \"shop.example.com\"]\n";
  EXPECT_EQ(problem_of({.rest = other}),
            "f: environment.b.domain = \"shop.example.com\": must not be a domain of environment "
            "\"production\" too, at "
            "the same address; give each environment a domain of its own, or another nginx.listen");
  EXPECT_EQ(problem_of({.rest = other + "[environment.b.nginx]\nlisten = \"81\"\n"}), "");
  EXPECT_EQ(problems_of({.rest = other + "[environment.b.nginx]\nlisten = \"0.0.0.0:80\"\n"}).size(), 1U);
  EXPECT_EQ(problems_of({.production = Lines{}.production + "\nsubnet = \"10.1.2.0/24\"",
                         .rest = "[environment.b]\ndomain = \"b.example.com\"\nsubnet = \"10.1.2.0/24\"\n"})
                .size(),
            1U);
}

TEST(ConfigurationProblems, volumes_that_would_give_the_host_away_are_refused) {
  for (const std::string_view source : {"/",
                                        "/proc",
                                        "/proc/1/root",
                                        "/sys/fs",
                                        "/dev",
                                        "/etc",
                                        "/etc/shadow",
                                        "/var/run/docker.sock",
                                        "/run/docker.sock",
                                        "/var/lib/docker",
                                        "/var/lib/docker/volumes",
                                        "/var",
                                        "/var/lib",
                                        "/run",
                                        "/var/run",
                                        "/srv/../etc",
                                        "/./proc/",
                                        "/etc/ssl/certs",
                                        "../../etc",
                                        "/boot",
                                        "/var/lib/halcyon",
                                        "/var/lib/halcyon/shop"})
    EXPECT_TRUE(mentions(web_problem("volumes = [\"" + std::string(source) + ":/x\"]"), "would give"))
        << source;
  for (const std::string_view good :
       {"/srv/x:/x", "/etc/ssl/certs:/c:ro", "/etc/localtime:/l:ro", "/run/app:/r", "/process:/p", "./x:/x",
        "data:/x", "/var/lib/dockerish:/d:rw"})
    EXPECT_EQ(web_problem("volumes = [\"" + std::string(good) + "\"]"), "") << good;
}

TEST(ConfigurationProblems, malformed_volumes_are_refused) {
  for (const std::string_view bad :
       {"data", ":/x", "data:", "data:x", "data:/", "data:/a/../b", "data:/x:rx", "data:/x:ro:z", "Data:/x",
        "_d:/x", "a/b:/x", "~/x:/x", "data:/a\\nb", "", "/a\\nb:/x"})
    EXPECT_EQ(problems_of({.web = Lines{}.web + "\nvolumes = [\"" + std::string(bad) + "\"]"}).size(), 1U)
        << bad;
  EXPECT_TRUE(mentions(web_problem("volumes = [\"a:/x\", \"b:/x/\"]"),
                       "must not be mounted where another volume is"));
}

TEST(ConfigurationProblems, an_accessory_takes_no_keys_of_web_services) {
  const std::string accessory = "[service.db]\nkind = \"accessory\"\nimage = \"postgres:16\"\n";
  for (const std::string_view line :
       {"port = 1", "routes = [\"/\"]", "replicas = 2", "drain_max = \"1s\"", "gate = {path = \"/\"}"})
    EXPECT_TRUE(
        mentions(problem_of({.rest = accessory + std::string(line) + "\n"}), "is only for web services"))
        << line;
}

TEST(ConfigurationProblems, fourteen_services_are_the_most) {
  std::string rest;
  for (int i = 1; i <= 14; ++i)
    rest += "[service.s" + std::to_string(i) + "]\nkind = \"accessory\"\nimage = \"x:1\"\n";
  EXPECT_EQ(problem_of({.rest = rest}),
            "f: service = 15 services: must hold at most 14 services; move some of them to an application of "
            "their own");
}

TEST(ConfigurationProblems, names_of_services_and_environments_are_names) {
  EXPECT_EQ(problems_of({.rest = "[service.\"a;b\"]\nkind = \"accessory\"\nimage = \"x:1\"\n"}).size(), 1U);
  EXPECT_EQ(problems_of({.rest = "[environment.\"../x\"]\ndomain = \"x.example.com\"\n"}).size(), 1U);
}

TEST(ConfigurationUnits, durations_and_sizes_are_written_as_they_are_read) {
  for (const std::string_view text : {"1ms", "999ms", "5s", "59s", "2m", "24h"})
    EXPECT_EQ(duration_text(parse_duration(text).value()), text);
  for (const std::string_view text : {"1KiB", "6MiB", "1023GiB"})
    EXPECT_EQ(size_text(parse_size(text).value()), text);
  EXPECT_EQ(parse_size("4m"), parse_size("4096k"));
  for (const std::string_view bad :
       {"", "5", "ms", "5 s", " 5s", "5s ", "+5s", "-5s", "5.0s", "5S", "0x5s", "1e3s", "25h"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
  for (const std::string_view bad :
       {"", "5", "KiB", "5 KiB", "5kb", "5MB", "-5k", "18446744073709551615g", "99999999999g"})
    EXPECT_FALSE(parse_size(bad)) << bad;
}

}  // namespace
}  // namespace halcyon::orchestrator
