// What nginx is told: the text held word for word, and what the machine's own nginx makes of it.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "orchestrator/error.hpp"
#include "orchestrator/nginx_files.hpp"
#include "tests/orchestrator/real_nginx.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::string_view k_token = "0123456789abcdef0123456789abcdef";

NginxDeclaration one_service() {
  return {.app = *Name::parse("shop"),
          .environment = *Name::parse("production"),
          .domain = "shop.example.com",
          .settings = {},
          .gate_directory = "/var/lib/halcyon/shop/production/gate",
          .access_log = "/var/lib/halcyon/shop/production/logs/access.log",
          .probe_token = std::string(k_token),
          .services = {{.name = *Name::parse("web"),
                        .routes = {"/"},
                        .blue = {{"10.201.7.16"}, 8000},
                        .green = {{"10.201.7.24"}, 8000},
                        .active = Slot::green}}};
}

NginxDeclaration two_services() {
  NginxDeclaration declaration = one_service();
  declaration.environment = *Name::parse("review-42");
  declaration.domain = "review.example.com *.review.example.com";
  declaration.settings.listen = "127.0.0.1:8080";
  declaration.settings.upstream_keepalive = milliseconds(250);
  declaration.services.push_back({.name = *Name::parse("api-v2"),
                                  .routes = {"/api/", "/v2"},
                                  .blue = {{"10.201.7.32", "10.201.7.33"}, 4000},
                                  .green = {{"10.201.7.40", "10.201.7.41"}, 4000},
                                  .active = Slot::blue});
  return declaration;
}

NginxDeclaration with(NginxDeclaration declaration, NginxMode mode, SwitchWay way) {
  declaration.settings.mode = mode;
  declaration.settings.switch_way = way;
  return declaration;
}

std::string all_text(const NginxDeclaration& declaration) {
  std::string text;
  for (const NginxFile& file : render_nginx_files(declaration)) text += file.content;
  return text;
}

/// HALCYON_WRITE_GOLDEN=1 writes the files anew; look at the difference before you commit it.
void expect_golden(const NginxDeclaration& declaration, const std::string& directory) {
  const auto golden = std::filesystem::path(HALCYON_GOLDEN_DIRECTORY) / directory;
  for (const NginxFile& file : render_nginx_files(declaration)) {
    if (std::getenv("HALCYON_WRITE_GOLDEN") != nullptr) {
      std::filesystem::create_directories(golden);
      std::ofstream(golden / file.name) << file.content;
    }
    std::ostringstream expected;
    expected << std::ifstream(golden / file.name).rdbuf();
    EXPECT_EQ(file.content, expected.str()) << golden / file.name;
  }
}

TEST(NginxFiles, the_text_is_the_golden_text) {
  for (const NginxMode mode : {NginxMode::managed, NginxMode::include}) {
    for (const SwitchWay way : {SwitchWay::flag, SwitchWay::reload}) {
      const std::string kind = "_" + std::string(to_string(mode)) + "_" + std::string(to_string(way));
      expect_golden(with(one_service(), mode, way), "one" + kind);
      expect_golden(with(two_services(), mode, way), "two" + kind);
    }
  }
}

TEST(NginxFiles, the_mode_decides_which_files_there_are) {
  const auto names = [](NginxMode mode) {
    std::vector<std::string> list;
    for (const NginxFile& file : render_nginx_files(with(two_services(), mode, SwitchWay::flag)))
      list.push_back(file.name);
    return list;
  };
  EXPECT_EQ(names(NginxMode::managed), std::vector<std::string>{"managed.conf"});
  EXPECT_EQ(
      names(NginxMode::include),
      (std::vector<std::string>{"http.conf", "server.conf", "location_web.conf", "location_api-v2.conf"}));
}

TEST(NginxFiles, every_line_begins_with_a_directive_that_we_mean_to_write) {
  const std::set<std::string> known = {"#",
                                       "upstream",
                                       "server",
                                       "keepalive",
                                       "keepalive_timeout",
                                       "map",
                                       "default",
                                       "websocket",
                                       "log_format",
                                       "listen",
                                       "server_name",
                                       "absolute_redirect",
                                       "open_file_cache",
                                       "set",
                                       "if",
                                       "add_header",
                                       "proxy_hide_header",
                                       "access_log",
                                       "location",
                                       "proxy_pass",
                                       "proxy_http_version",
                                       "proxy_set_header",
                                       "proxy_redirect",
                                       "proxy_connect_timeout",
                                       "proxy_read_timeout",
                                       "proxy_next_upstream",
                                       "client_max_body_size",
                                       "error_page",
                                       "recursive_error_pages",
                                       "return",
                                       "}"};
  std::istringstream text(all_text(two_services()));
  for (std::string line; std::getline(text, line);) {
    std::string word;
    std::istringstream(line) >> word;
    const bool is_value =
        word.empty() || word.starts_with('\'') || word.starts_with('"') || word.starts_with(k_token);
    EXPECT_TRUE(is_value || known.contains(word)) << line;
  }
}

TEST(NginxFiles, the_generation_follows_what_nginx_sees_and_nothing_else) {
  const NginxDeclaration base = two_services();
  const std::string generation = nginx_generation(base);
  EXPECT_EQ(generation.size(), 16U);
  EXPECT_EQ(generation.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(all_text(base).find("generation=" + generation), std::string::npos);
  NginxDeclaration same = base;
  same.settings.pid_file = "/run/other.pid";
  same.services[0].active = Slot::blue;  // a flag's state is no part of the files
  EXPECT_EQ(nginx_generation(same), generation);
  EXPECT_EQ(all_text(same), all_text(base));
  std::set<std::string> others = {generation};
  const auto changed = [&](auto change) {
    NginxDeclaration other = base;
    change(other);
    EXPECT_TRUE(others.insert(nginx_generation(other)).second);
  };
  changed([](NginxDeclaration& d) { d.app = *Name::parse("other"); });
  changed([](NginxDeclaration& d) { d.domain = "x.example.com"; });
  changed([](NginxDeclaration& d) { d.settings.listen = "81"; });
  changed([](NginxDeclaration& d) { d.settings.mode = NginxMode::include; });
  changed([](NginxDeclaration& d) { d.settings.switch_way = SwitchWay::reload; });
  changed([](NginxDeclaration& d) { d.settings.proxy_read_timeout = milliseconds(1); });
  changed([](NginxDeclaration& d) { d.settings.client_max_body_bytes = 1; });
  changed([](NginxDeclaration& d) { d.probe_token[0] = 'f'; });
  changed([](NginxDeclaration& d) { d.services[0].green.addresses.emplace_back("10.201.7.25"); });
  changed([](NginxDeclaration& d) { d.services[1].routes.pop_back(); });
  changed([](NginxDeclaration& d) { d.services.pop_back(); });
}

TEST(NginxFiles, with_reloads_the_active_slot_is_part_of_the_generation) {
  NginxDeclaration declaration = with(one_service(), NginxMode::managed, SwitchWay::reload);
  const std::string green = nginx_generation(declaration);
  declaration.services[0].active = Slot::blue;
  EXPECT_NE(nginx_generation(declaration), green);
}

TEST(NginxFiles, nothing_outside_the_grammar_is_written) {
  const auto refused = [](std::string_view what, auto change) {
    NginxDeclaration declaration = two_services();
    change(declaration);
    try {
      render_nginx_files(declaration);
      ADD_FAILURE() << what;
    } catch (const Error& error) {
      EXPECT_EQ(error.outcome(), Outcome::usage);
      EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos);
    }
    EXPECT_THROW(nginx_generation(declaration), Error) << what;
  };
  for (const std::string bad :
       {"", "x; ssl_engine /tmp/e; #", "x\n}", "x {", "x}", "\"x\"", "a_b", "$host", "x\\"})
    refused("domain", [&](NginxDeclaration& d) { d.domain = bad; });
  for (const std::string bad : {"", "80;", "80 default_server", "unix:/x", "0.0.0.0", "80\n"})
    refused("listen", [&](NginxDeclaration& d) { d.settings.listen = bad; });
  for (const std::string bad : {"", "relative", "/a b", "/a;b", "/a\"b", "/a'b", "/a$b", "/a{b", "/a/../b",
                                "/a\n", "/a)", "/a#b", "/a\\b"}) {
    refused("gate", [&](NginxDeclaration& d) { d.gate_directory = bad; });
    refused("log", [&](NginxDeclaration& d) { d.access_log = bad; });
  }
  for (const std::string bad : {"", "api", "/a b", "/a;", "/{", "/$x", "/..", "//", "~ ^/", "= /x", "/a\n"})
    refused("route", [&](NginxDeclaration& d) { d.services[0].routes = {bad}; });
  for (const std::string bad : {"", "db", "10.0.0.1;", "10.0.0.1 backup", "::1", "10.0.0.256", "unix:/x"})
    refused("address", [&](NginxDeclaration& d) { d.services[0].blue.addresses = {bad}; });
  for (const std::string bad : {"", "0123", "0123456789abcdef\"", "0123456789ABCDEF",
                                "12345678901234567890123456789012345678901234567", "~.*0123456789abcdef"})
    refused("token", [&](NginxDeclaration& d) { d.probe_token = bad; });
  refused("no address", [](NginxDeclaration& d) { d.services[0].green.addresses.clear(); });
  refused("no port", [](NginxDeclaration& d) { d.services[0].green.port = 0; });
  refused("a shared route", [](NginxDeclaration& d) { d.services[0].routes = {"/v2/"}; });
  refused("a service twice", [](NginxDeclaration& d) { d.services[1].name = d.services[0].name; });
  refused("a negative time", [](NginxDeclaration& d) { d.settings.proxy_read_timeout = milliseconds(-1); });
}

TEST(NginxFiles, a_refusal_says_what_and_why) {
  NginxDeclaration declaration = one_service();
  declaration.domain = "shop.example.com;\n}";
  try {
    render_nginx_files(declaration);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        R"(cannot write nginx's configuration: the domain "shop.example.com;\n}" must be a host name or an IPv4 address; nothing was written)");
  }
}

TEST_F(RealNginx, tells_its_state_itself_although_no_application_answers) {
  NginxDeclaration two = declaration();
  two.services.push_back({.name = *Name::parse("api"),
                          .routes = {"/api"},
                          .blue = {{"127.0.0.4"}, back_port_},
                          .green = {{"127.0.0.5"}, back_port_}});
  write_files(two, "", "");
  touch("/gate/canary");
  touch("/gate/slots/api.green");
  start();
  const Answer answer = get("/", {"X-Halcyon-Probe: " + state_probe_value(two.probe_token)});
  EXPECT_EQ(answer.status(), 204);
  const auto header = parse_state_header(answer.header("X-Halcyon"));
  ASSERT_TRUE(header) << answer.head;
  EXPECT_EQ(header->generation, nginx_generation(two));
  EXPECT_TRUE(header->gate_readable);
  EXPECT_EQ(header->slots, (std::map<std::string, std::string>{{"api", "green"}, {"web", "blue"}}));
  EXPECT_EQ(get("/", {"X-Halcyon-Probe: wrong-state"}).head.find("X-Halcyon"), std::string::npos);
}

TEST_F(RealNginx, accepts_every_shape_that_is_rendered) {
  for (const SwitchWay way : {SwitchWay::flag, SwitchWay::reload}) {
    NginxDeclaration managed = with(two_services(), NginxMode::managed, way);
    managed.access_log = prefix_ + "/logs/access.log";
    write_files(managed, "", "");
    EXPECT_EQ(test_configuration(), "");
    NginxDeclaration include = with(declaration(), NginxMode::include, way);
    write_files(include, team_server(), "");
    EXPECT_EQ(test_configuration(), "");
  }
}

TEST_F(RealNginx, accepts_the_longest_names_and_the_longest_token) {
  NginxDeclaration longest = declaration();
  longest.app = *Name::parse("a234567890b234567890c234567890d234567890");
  longest.environment = *Name::parse("e234567890b234567890c234567890d234567890");
  longest.services[0].name = *Name::parse("f-3456789-b-3456789-c-3456789-d-34567890");
  longest.probe_token = std::string(40, 'a');
  write_files(longest, "", "");
  EXPECT_EQ(test_configuration(), "");
}

TEST_F(RealNginx, the_next_request_after_the_flag_goes_to_the_other_slot) {
  write_files(declaration(), "", echo_application({"127.0.0.2", "127.0.0.3"}));
  start();
  touch("/gate/canary");
  const std::string back = ":" + std::to_string(back_port_);
  const std::string head = "generation=" + nginx_generation(declaration()) + " gate=1 ";
  EXPECT_EQ(probe().header("X-Halcyon"), head + "slot=blue upstream=127.0.0.2" + back);
  for (int i = 0; i < 3; ++i) {
    touch("/gate/slots/web.green");
    EXPECT_EQ(probe().header("X-Halcyon"), head + "slot=green upstream=127.0.0.3" + back);
    EXPECT_EQ(get("/").body.substr(0, 12), "at=127.0.0.3");
    remove("/gate/slots/web.green");
    EXPECT_EQ(probe().header("X-Halcyon"), head + "slot=blue upstream=127.0.0.2" + back);
  }
}

TEST_F(RealNginx, without_the_token_there_is_no_header_whatever_the_application_sends) {
  write_files(declaration(), "", echo_application({"127.0.0.2"}, "add_header X-Halcyon forged;\n"));
  start();
  EXPECT_EQ(get("/").status(), 200);
  EXPECT_EQ(get("/").head.find("X-Halcyon"), std::string::npos);
  EXPECT_EQ(get("/", {"X-Halcyon-Probe: 0123456789abcdef0123456789abcdee"}).head.find("X-Halcyon"),
            std::string::npos);
  const Answer probed = probe();
  EXPECT_EQ(probed.header("X-Halcyon").substr(0, 11), "generation=");
  EXPECT_EQ(probed.head.find("forged"), std::string::npos);
  EXPECT_NE(probed.body.find(" probe= "), std::string::npos)
      << "the token reached the application: " << probed.body;
}

TEST_F(RealNginx, an_unreadable_gate_directory_is_seen_as_gate_0) {
  ASSERT_EQ(::geteuid(), 0U) << "run as root: workers must be another user";
  write_files(declaration(), "", echo_application({"127.0.0.2", "127.0.0.3"}));
  touch("/gate/canary");
  touch("/gate/slots/web.green");
  start();
  EXPECT_NE(probe().header("X-Halcyon").find(" gate=1 slot=green "), std::string::npos);
  ::chmod((prefix_ + "/gate").c_str(), 0700);
  EXPECT_NE(probe().header("X-Halcyon").find(" gate=0 slot=blue "), std::string::npos);
}

TEST_F(RealNginx, with_reloads_the_slot_is_compiled_in) {
  NginxDeclaration reload = with(declaration(), NginxMode::managed, SwitchWay::reload);
  reload.services[0].active = Slot::green;
  write_files(reload, "", echo_application({"127.0.0.2", "127.0.0.3"}));
  start();
  EXPECT_NE(probe().header("X-Halcyon").find(" gate=0 slot=green upstream=127.0.0.3:"), std::string::npos);
}

TEST_F(RealNginx, each_route_answers_with_the_slot_of_its_own_service) {
  NginxDeclaration two = declaration();
  two.services[0].routes = {"/shop/"};
  two.services.push_back({.name = *Name::parse("api"),
                          .routes = {"/api"},
                          .blue = {{"127.0.0.4"}, back_port_},
                          .green = {{"127.0.0.5", "127.0.0.6"}, back_port_}});
  write_files(two, "", echo_application({"127.0.0.2", "127.0.0.6"}));
  touch("/gate/slots/api.green");
  start();
  EXPECT_NE(probe("/shop/x").header("X-Halcyon").find(" slot=blue upstream=127.0.0.2:"), std::string::npos);
  for (const std::string path : {"/api", "/api/", "/api/x?y=/shop/"}) {
    const auto header = parse_probe_header(probe(path).header("X-Halcyon"));
    ASSERT_TRUE(header) << path;
    EXPECT_EQ(header->slot, "green");
    EXPECT_EQ(header->upstreams.back(), "127.0.0.6:" + std::to_string(back_port_));  // 127.0.0.5 is down
  }
  EXPECT_EQ(probe("/apix").status(), 404);
  EXPECT_EQ(probe("/").status(), 404);
  EXPECT_EQ(probe("/shop").status(), 301);
  EXPECT_EQ(probe("/shop").header("Location"), "/shop/");
}

TEST_F(RealNginx, the_request_reaches_the_application_as_it_was) {
  write_files(declaration(), "", echo_application({"127.0.0.2"}));
  start();
  EXPECT_NE(get("/a%2Fb//c?d=%20&e").body.find(" uri=/a%2Fb//c?d=%20&e "), std::string::npos);
  EXPECT_NE(get("/", {"Host: shop.example.com:8080"}).body.find(" host=shop.example.com:8080 "),
            std::string::npos);
  EXPECT_NE(get("/").body.find(" host=shop.example.com "), std::string::npos);
  EXPECT_NE(get("http://shop.example.com/x", {"Host: evil.example"}).body.find(" host=shop.example.com "),
            std::string::npos);
  EXPECT_NE(exchange("GET / HTTP/1.0\r\n\r\n").body.find(" host=shop.example.com "), std::string::npos);
}

TEST_F(RealNginx, websockets_pass_other_upgrades_do_not_and_the_upstream_connection_is_kept) {
  write_files(declaration(), "", echo_application({"127.0.0.2"}));
  start();
  EXPECT_NE(exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: WebSocket\r\n\r\n")
                .body.find(" upgrade=websocket connection=upgrade "),
            std::string::npos);
  EXPECT_NE(get("/", {"Upgrade: h2c"}).body.find(" upgrade= connection= "), std::string::npos);
  EXPECT_NE(get("/").body.find(" kept=3"), std::string::npos);
}

TEST_F(RealNginx, a_team_keeps_the_headers_of_its_own_server_block) {
  const NginxDeclaration include = with(declaration(), NginxMode::include, SwitchWay::flag);
  write_files(include, team_server(), echo_application({"127.0.0.2"}));
  start();
  const Answer answer = probe();
  EXPECT_EQ(answer.header("Strict-Transport-Security"), "max-age=1");
  EXPECT_NE(answer.header("X-Halcyon").find(" slot=blue "), std::string::npos);
}

TEST_F(RealNginx, the_access_log_has_ten_fields_with_tabs_between_them) {
  write_files(declaration(), "", echo_application({"127.0.0.2"}));
  start();
  get("/a%09b%22?q=1");
  stop();
  std::istringstream line(read_text("/logs/access.log"));
  std::vector<std::string> fields;
  for (std::string field; std::getline(line, field, '\t');) fields.push_back(field);
  ASSERT_EQ(fields.size(), 10U);
  EXPECT_EQ(fields[1], "200");
  EXPECT_EQ(fields[3], "127.0.0.2:" + std::to_string(back_port_));
  EXPECT_EQ(fields[4], "200");
  EXPECT_EQ(fields[5], "OK");
  EXPECT_EQ(fields[7], "GET");
  EXPECT_EQ(fields[8], "shop.example.com");
  EXPECT_EQ(fields[9], "/a\\x09b\\x22\n");
}

TEST_F(RealNginx, an_upload_that_straddles_the_switch_goes_to_the_slot_that_serves_when_its_body_is_there) {
  write_files(declaration(), "", echo_application({"127.0.0.3"}));
  start();
  // nginx asks for the body when it has chosen the slot, blue, at which nobody listens.
  const Answer answer = exchange_in_two(
      "POST /up HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\nExpect: 100-continue\r\n"
      "X-Halcyon-Probe: 0123456789abcdef0123456789abcdef\r\nContent-Length: 4\r\n\r\n",
      [&] { touch("/gate/slots/web.green"); }, "body");
  EXPECT_EQ(answer.status(), 200) << answer.head;
  EXPECT_NE(answer.body.find("at=127.0.0.3 "), std::string::npos);
  const auto header = parse_probe_header(answer.header("X-Halcyon"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->slot, "green");
  EXPECT_EQ(header->upstreams.back(), "127.0.0.3:" + std::to_string(back_port_));
}

TEST_F(RealNginx, a_request_that_may_have_been_seen_is_not_sent_again) {
  // The application takes the request and closes without an answer.
  write_files(declaration(), "",
              echo_application({"127.0.0.2"}, "if ($request_method = POST) { return 444; }\n"));
  start();
  const Answer answer = exchange(
      "POST / HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\nContent-Length: 1\r\n"
      "X-Halcyon-Probe: 0123456789abcdef0123456789abcdef\r\n\r\nx");
  EXPECT_EQ(answer.status(), 502);
  const auto header = parse_probe_header(answer.header("X-Halcyon"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->upstreams, std::vector<std::string>{"127.0.0.2:" + std::to_string(back_port_)});
}

TEST_F(RealNginx, when_nothing_answers_the_header_still_says_what_was_tried) {
  write_files(declaration(), "", "");
  start();
  const Answer answer = probe();
  EXPECT_EQ(answer.status(), 502);
  const auto header = parse_probe_header(answer.header("X-Halcyon"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->slot, "blue");
  EXPECT_EQ(header->upstreams.front(), "127.0.0.2:" + std::to_string(back_port_));
}

}  // namespace
}  // namespace halcyon::orchestrator
