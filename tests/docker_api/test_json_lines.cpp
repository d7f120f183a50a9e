#include "docker_api/json_lines.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

using Messages = std::vector<std::string>;

JsonSplitter::Sink collect(Messages& messages) {
  return [&messages](std::string_view message) { messages.emplace_back(message); };
}

Messages split(const std::string& bytes, std::size_t at) {
  JsonSplitter splitter;
  Messages messages;
  splitter.feed(std::string_view(bytes).substr(0, at), collect(messages));
  splitter.feed(std::string_view(bytes).substr(at), collect(messages));
  splitter.finish();
  return messages;
}

TEST(JsonSplitterTest, messages_are_found_whatever_stands_between_them_and_wherever_they_are_split) {
  const Messages expected = {R"({"a":"}\"{\\","b":[1,{"c":2}]})", R"({"ä":"€"})", "[]", R"({"last":true})"};
  for (const std::string separator : {"\r\n", "\n", "", "\x1e", "\n\x1e", " \t\n"}) {
    std::string bytes;
    for (const std::string& message : expected) bytes += separator + message;
    for (std::size_t at = 0; at <= bytes.size(); ++at) {
      EXPECT_EQ(split(bytes, at), expected) << "split at " << at << " of " << bytes;
    }
  }
}

TEST(JsonSplitterTest, single_bytes_are_enough) {
  const std::string bytes = "{\"a\":\"\\\\\"}\r\n{\"b\":{}}";
  JsonSplitter splitter;
  Messages messages;
  for (const char& byte : bytes) splitter.feed({&byte, 1}, collect(messages));
  splitter.finish();
  EXPECT_EQ(messages, (Messages{R"({"a":"\\"})", R"({"b":{}})"}));
}

TEST(JsonSplitterTest, the_last_message_needs_no_newline_but_an_end) {
  const std::string bytes = R"({"a":"b{"}{"c":[1]})";
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    JsonSplitter splitter;
    Messages messages;
    splitter.feed(std::string_view(bytes).substr(0, at), collect(messages));
    if (at == 0 || at == 10 || at == bytes.size()) {
      EXPECT_NO_THROW(splitter.finish()) << at;
    } else {
      EXPECT_EQ(expect_error([&] { splitter.finish(); }).kind(), ErrorKind::truncated) << at;
    }
  }
}

TEST(JsonSplitterTest, a_message_over_the_limit_is_refused_before_it_is_stored) {
  const std::string message = "{\"a\":\"" + std::string(100, 'x') + "\"}";
  Messages messages;
  JsonSplitter exact(message.size());
  exact.feed(message, collect(messages));
  exact.feed(message.substr(0, 50), collect(messages));
  exact.feed(message.substr(50), collect(messages));
  EXPECT_EQ(messages.size(), 2U);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, message.size()}) {
    JsonSplitter small(message.size() - 1);
    const auto feed_all = [&] {
      for (std::size_t at = 0; at < message.size(); at += piece)
        small.feed(message.substr(at, piece), collect(messages));
    };
    expect_error(feed_all, ErrorKind::protocol, "over the limit");
  }
}

TEST(JsonSplitterTest, text_that_is_not_json_is_refused_at_its_first_byte) {
  for (const char* text : {"page not found", "}", "]", "\"text\"", "12"}) {
    JsonSplitter splitter;
    Messages messages;
    expect_error([&] { splitter.feed(text, collect(messages)); }, ErrorKind::protocol,
                 "cannot start a message");
  }
}

}  // namespace
}  // namespace halcyon::docker_api
