// What nginx answers to our probes, and says of two blocks of one name, as text.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "orchestrator/nginx_control.hpp"
#include "orchestrator/nginx_files.hpp"

namespace halcyon::orchestrator {
namespace {

TEST(ProbeHeader, is_read_as_nginx_writes_it) {
  const auto header =
      parse_probe_header("generation=0123456789abcdef gate=1 slot=green upstream=10.201.7.24:8000");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->generation, "0123456789abcdef");
  EXPECT_TRUE(header->gate_readable);
  EXPECT_EQ(header->slot, "green");
  EXPECT_EQ(header->upstreams, std::vector<std::string>{"10.201.7.24:8000"});
}

TEST(ProbeHeader, every_upstream_that_was_tried_is_listed) {
  const auto header =
      parse_probe_header("generation=1 gate=0 slot=blue upstream=10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80");
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->gate_readable);
  EXPECT_EQ(header->upstreams, (std::vector<std::string>{"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"}));
  const auto none = parse_probe_header("generation=1 gate=1 slot= upstream=");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->upstreams.empty());
  EXPECT_EQ(none->slot, "");
}

TEST(ProbeHeader, anything_else_is_nothing) {
  for (const std::string_view bad :
       {"", "generation=", "generation=1",
        "gate=1 generation=1 slot=a upstream=", "generation=1 gate=2 slot=a upstream=b",
        "generation=1 gate=1 slot=a", "generation=1 gate=1 slot=a upstreams=b",
        "generation= gate=1 slot=a upstream=b", "x generation=1 gate=1 slot=a upstream=b"})
    EXPECT_FALSE(parse_probe_header(bad)) << bad;
  EXPECT_FALSE(parse_probe_header("generation=1 gate=1 slot=a upstream=" + std::string(9'000, 'x')));
}

TEST(StateHeader, is_read_as_nginx_writes_it) {
  const auto header = parse_state_header("generation=0123456789abcdef gate=1 slots=api-2:green,web:blue");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->generation, "0123456789abcdef");
  EXPECT_TRUE(header->gate_readable);
  EXPECT_EQ(header->slots, (std::map<std::string, std::string>{{"api-2", "green"}, {"web", "blue"}}));
  const auto none = parse_state_header("generation=1 gate=0 slots=");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->slots.empty());
}

TEST(StateHeader, anything_else_is_nothing) {
  for (const std::string_view bad :
       {"", "generation=1 gate=1", "generation=1 gate=2 slots=web:blue", "generation= gate=1 slots=web:blue",
        "generation=1 gate=1 slots=web", "generation=1 gate=1 slots=:blue",
        "generation=1 gate=1 slot=blue upstream=10.0.0.1:80"})
    EXPECT_FALSE(parse_state_header(bad)) << bad;
  EXPECT_FALSE(parse_state_header("generation=1 gate=1 slots=web:" + std::string(9'000, 'x')));
}

TEST(NameConflicts, are_those_of_our_domain_in_nginx_s_words) {
  const std::string said =
      "nginx: [warn] conflicting server name \"shop.test\" on 0.0.0.0:80, ignored\n"
      "nginx: [warn] conflicting server name \"other.test\" on 0.0.0.0:80, ignored\n"
      "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n";
  EXPECT_EQ(
      find_name_conflicts(said, "www.shop.test shop.test"),
      std::vector<std::string>{"nginx: [warn] conflicting server name \"shop.test\" on 0.0.0.0:80, ignored"});
  EXPECT_TRUE(find_name_conflicts(said, "op.test").empty());
  EXPECT_TRUE(find_name_conflicts("conflicting server name \"", "shop.test").empty());
}

}  // namespace
}  // namespace halcyon::orchestrator
