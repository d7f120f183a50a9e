#include "docker_api/json_fields.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

TEST(JsonFieldsTest, null_and_missing_are_the_same) {
  const json object =
      json::parse(R"({"s":null,"i":null,"u":null,"b":null,"l":null,"m":null,"k":null,"t":null})");
  for (const json& each : {object, json::object(), json()}) {
    EXPECT_EQ(get_string(each, "s"), "");
    EXPECT_EQ(get_int64(each, "i"), 0);
    EXPECT_EQ(get_uint64(each, "u"), 0U);
    EXPECT_FALSE(get_bool(each, "b"));
    EXPECT_TRUE(get_strings(each, "l").empty());
    EXPECT_TRUE(get_string_map(each, "m").empty());
    EXPECT_TRUE(get_keys(each, "k").empty());
    EXPECT_EQ(get_time(each, "t"), std::nullopt);
  }
}

TEST(JsonFieldsTest, integers_keep_all_their_64_bits) {
  const json object = json::parse(
      R"({"max":18446744073709551615,"big":9223372036854775807,"small":-9223372036854775808,"int":2147483648})");
  EXPECT_EQ(get_uint64(object, "max"), UINT64_MAX);
  EXPECT_EQ(get_int64(object, "big"), INT64_MAX);
  EXPECT_EQ(get_int64(object, "small"), INT64_MIN);
  EXPECT_EQ(get_int64(object, "int"), 2147483648);
  expect_error([&] { get_int64(object, "max"); }, ErrorKind::protocol, "max");
  expect_error([&] { get_uint64(object, "small"); }, ErrorKind::protocol, "small");
}

TEST(JsonFieldsTest, another_type_is_an_error_that_names_the_field) {
  const json object = json::parse(R"({"x":1.5,"y":"1","z":["a",1],"e":[]})");
  expect_error([&] { get_int64(object, "x"); }, ErrorKind::protocol, "field x");
  expect_error([&] { get_int64(object, "y"); }, ErrorKind::protocol, "field y");
  expect_error([&] { get_string(object, "x"); }, ErrorKind::protocol, "field x");
  expect_error([&] { get_bool(object, "x"); }, ErrorKind::protocol, "field x");
  expect_error([&] { get_strings(object, "z"); }, ErrorKind::protocol, "field z");
  expect_error([&] { get_string_map(object, "z"); }, ErrorKind::protocol, "field z");
  EXPECT_TRUE(get_string_map(object, "e").empty()) << "an empty list where an empty object is meant (G36)";
}

TEST(JsonFieldsTest, what_should_hold_fields_is_an_object) {
  const json body = json::parse(R"({"text":"x","list":[1],"empty":[]})");
  for (const char* part : {"text", "list"}) {
    expect_error([&] { get_string(get_field(body, part), "Id"); }, ErrorKind::protocol,
                 "should be an object");
    expect_error([&] { get_keys(body, part); }, ErrorKind::protocol, part);
  }
  expect_error([&] { get_list(body, "text"); }, ErrorKind::protocol, "field text");
  EXPECT_EQ(get_string(get_field(body, "empty"), "Id"), "")
      << "an empty list where an empty object is meant (G36)";
  EXPECT_TRUE(get_list(body, "absent").empty());
}

TEST(JsonFieldsTest, nesting_is_limited) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_NO_THROW(parse_json(nested(64), "GET /x"));
  expect_error([&] { parse_json(nested(65), "GET /x"); }, ErrorKind::protocol,
               "GET /x: the answer nests deeper");
  expect_error([&] { parse_json(std::string(1'000'000, '['), "x"); }, ErrorKind::protocol, "deeper");
  expect_error([&] { parse_json("[]" + nested(65), "x"); }, ErrorKind::protocol, "not JSON");
  EXPECT_NO_THROW(parse_json("\"" + std::string(100, '[') + "\\\"[\"", "x"))
      << "brackets in a string do not nest";
}

TEST(JsonFieldsTest, what_is_not_json_is_an_error) {
  for (const char* text : {"", "{", "{}x", "<html>", "{\"a\":\xff}", "nul"}) {
    expect_error([&] { parse_json(text, "GET /x"); }, ErrorKind::protocol, "GET /x: the answer is not JSON");
  }
  for (const std::string_view text :
       {std::string_view("{}\0", 3), std::string_view("[3\0}", 4), std::string_view("3\0x", 3)}) {
    expect_error([&] { parse_json(text, "GET /x"); }, ErrorKind::protocol, "GET /x: the answer is not JSON");
  }
}

TEST(JsonFieldsTest, list_elements_come_one_by_one) {
  std::vector<std::string> seen;
  const auto visit = [&seen](const json& element) { seen.push_back(element.dump()); };
  for_each_element(" [ {\"a\":[1,2]} ,\n{\"b\":\"],{\"}] ", "x", visit);
  EXPECT_EQ(seen, (std::vector<std::string>{R"({"a":[1,2]})", R"({"b":"],{"})"}));
  seen.clear();
  for (const char* empty : {"[]", "null", " [ ] ", "null\n"}) for_each_element(empty, "x", visit);
  EXPECT_TRUE(seen.empty());
  for (const char* text : {"", "{}", "[", "[{}", "[{\"a\":}]", "[,{}]", "[{},]", "[{} {}]", "[{}]]"}) {
    EXPECT_EQ(expect_error([&] { for_each_element(text, "x", visit); }).kind(), ErrorKind::protocol) << text;
  }
}

TEST(JsonFieldsTest, times_have_any_fraction_and_offset) {
  const auto day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20};
  EXPECT_EQ(parse_time("2026-11-20T10:09:08Z"), day + 10h + 9min + 8s);
  EXPECT_EQ(parse_time("2026-11-20T10:09:08.5Z"), day + 10h + 9min + 8s + 500ms);
  EXPECT_EQ(parse_time("2026-11-20T10:09:08.123456789Z"), day + 10h + 9min + 8s + 123ms);
  EXPECT_EQ(parse_time("2026-11-20T10:09:08.123456789+02:00"), day + 8h + 9min + 8s + 123ms);
  EXPECT_EQ(parse_time("2026-11-20T10:09:08-05:30"), day + 15h + 39min + 8s);
}

TEST(JsonFieldsTest, gos_zero_time_and_broken_times_are_nothing) {
  for (const char* text :
       {"0001-01-01T00:00:00Z", "", "never", "2026-11-20", "2026-11-20T10:09:08", "2026-13-20T10:09:08Z",
        "2026-02-30T10:09:08Z", "2026-11-20T10:09:08Zx", "2026-11-20T10:09:08+0200", "-001-01-01T00:00:00Z",
        "2026-11-20T-0:09:08Z", "2026-11-20T24:00:00Z", "2026-11-20T10:60:00Z", "2026-11-20T10:09:61Z",
        "2026-11-20T10:09:08+24:00"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(JsonFieldsTest, text_that_is_not_utf8_is_refused_before_sending) {
  expect_error([] { dump_json(json{{"Labels", "\xff"}}); }, ErrorKind::invalid_argument, "not UTF-8");
}

}  // namespace
}  // namespace halcyon::docker_api
