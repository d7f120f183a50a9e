// Whatever the text is: a configuration or problems, never both, never neither, never a crash.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "orchestrator/configuration.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::string_view k_valid = R"([app]
name = "shop"
[service.web]
image = "registry.example.com/shop/web"
port = 8000
routes = ["/", "/api"]
env = { A = 1, B = "x", C = true }
volumes = ["data:/data", "/srv/x:/x:ro"]
memory = "64MiB"
cpus = 0.5
stop_timeout = "5s"
[service.web.gate]
path = "/readyz"
status = [200, 204]
[service.db]
kind = "accessory"
image = "postgres:16"
[nginx]
listen = "127.0.0.1:80"
[environment.production]
domain = ["shop.example.com", "*.shop.example.com"]
subnet = "10.201.7.0/24"
[environment.staging]
domain = "staging.example.com"
[environment.staging.service.web]
replicas = 2
)";

constexpr std::array<std::string_view, 20> k_tokens = {"\"",
                                                       "'",
                                                       "[",
                                                       "]",
                                                       "{",
                                                       "}",
                                                       "=",
                                                       "\n",
                                                       "\\u0000",
                                                       "\"\"\"",
                                                       "[[service]]",
                                                       "inf",
                                                       "-",
                                                       "1979-05-27",
                                                       "0x7fffffffffffffff",
                                                       ".",
                                                       "/../",
                                                       "\xff",
                                                       "[environment.staging.service.web.gate]\n",
                                                       "a.b.c.d = 1\n"};

class Mutator {
 public:
  std::string mutate(std::string text) {
    for (std::size_t i = 0, edits = 1 + below(4); i < edits; ++i) edit(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  void edit(std::string& text) {
    const std::size_t place = below(text.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(20, text.size() - place + 1));
    switch (below(6)) {
      case 0:
        text.erase(place, length);
        break;
      case 1:
        text.insert(place, k_tokens[below(k_tokens.size())]);
        break;
      case 2:
        text.insert(below(text.size() + 1), text.substr(place, length));
        break;
      case 3:
        if (place < text.size()) text[place] = static_cast<char>(random_());
        break;
      case 4:
        text.insert(place, std::string(below(50), text.empty() ? 'x' : text[below(text.size())]));
        break;
      default:
        text.resize(place);
        break;
    }
  }

  std::mt19937 random_{20261120};
};

TEST(ConfigurationFuzz, ten_thousand_mutations_give_a_configuration_or_problems) {
  Mutator mutator;
  int good = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = mutator.mutate(std::string(k_valid));
    const LoadedConfiguration loaded = parse_configuration(text, "halcyon.toml", "/srv/shop");
    ASSERT_EQ(loaded.configuration.has_value(), loaded.problems.empty()) << text;
    for (const Problem& problem : loaded.problems) {
      ASSERT_FALSE(problem.rule.empty() || problem.remedy.empty()) << text;
      ASSERT_EQ(to_string(problem, "f").find('\n'), std::string::npos) << text;
    }
    if (!loaded.configuration) continue;
    ++good;
    for (const auto& [name, environment] : loaded.configuration->environments) {
      ASSERT_FALSE(to_json_text(environment).empty());
      ASSERT_FALSE(to_readable_text(environment).empty());
    }
  }
  EXPECT_GT(good, 100);    // mutations in names and comments leave a file right
  EXPECT_LT(good, 9'000);  // and most do not
}

TEST(ConfigurationFuzz, a_crowd_of_environments_is_refused_and_not_compared) {
  std::string text(k_valid);
  for (int i = 0; i < 2'000; ++i)
    text += "[environment.e" + std::to_string(i) + "]\ndomain = \"a.example.com\"\n";
  const LoadedConfiguration loaded = parse_configuration(text, "f", "/");
  EXPECT_LT(loaded.problems.size(), 101U * 101U);
  const auto is_bound = [](const Problem& problem) {
    return problem.rule == "must hold at most 100 environments";
  };
  EXPECT_TRUE(std::any_of(loaded.problems.begin(), loaded.problems.end(), is_bound));
}

TEST(ConfigurationFuzz, table_headers_without_a_key_are_problems) {
  for (const std::string_view text : {"[.a]", "[[.a]]", "[/]", "[ = ]", "[", "[[", "[\xff]"})
    EXPECT_EQ(parse_configuration(text, "f", "/").problems.size(), 1U) << text;
}

TEST(ConfigurationFuzz, letters_beyond_ascii_are_problems_outside_of_texts_and_fine_within) {
  for (const std::string_view text :
       {"a = 0\u0416", "\u00a7", "a = \u0416", "[\u0416]", "\u0416 = 1", "a = {\u00a7}", "\xcc\xaa"})
    EXPECT_EQ(parse_configuration(text, "f", "/").problems.size(), 1U) << text;
  const std::string comment = "# \u00a7 \u0416\n";
  const std::string app = comment + "[app]\nname = \"\"\"\\\n\u00a7\"\"\"\n";
  EXPECT_EQ(parse_configuration(app, "f", "/").problems.at(0).value, "\"\u00a7\"");
}

TEST(ConfigurationFuzz, deep_and_long_texts_are_problems) {
  for (const std::string& text :
       {std::string(100'000, '['), "a = " + std::string(100'000, '['), "a" + std::string(100'000, '.'),
        std::string(2'000'000, '#'), std::string(1'000, '\0'), "x = " + std::string(10'000, '{')}) {
    const LoadedConfiguration loaded = parse_configuration(text, "f", "/");
    EXPECT_FALSE(loaded.configuration);
    EXPECT_FALSE(loaded.problems.empty());
  }
  std::string nested = "[a";
  for (int i = 0; i < 10'000; ++i) nested += ".a";
  EXPECT_EQ(parse_configuration(nested + "]\n", "f", "/").problems.size(), 3U);
  EXPECT_EQ(to_string(parse_configuration(nested + ".a]\n", "f", "/").problems.at(0), "f"),
            "f: 10001 dots: must hold at most 10000 dots; give the path of halcyon.toml");
}

}  // namespace
}  // namespace halcyon::orchestrator
