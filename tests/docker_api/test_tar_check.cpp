#include "docker_api/tar_check.hpp"

#include <gtest/gtest.h>

#include "docker_api/tar_stream.hpp"
#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

std::string checked_archive(std::vector<TarEntry> entries) {
  const auto source = make_tar_source(std::move(entries));
  std::string bytes;
  for (std::string_view piece = source->read(); !piece.empty(); piece = source->read()) bytes += piece;
  return bytes;
}

const std::string k_archive = checked_archive({{.name = "a", .content = "hello"},
                                               {.name = "dir/empty", .content = ""},
                                               {.name = "block", .content = std::string(512, 'b')}});
constexpr const char* k_json_error = R"({"message":"unexpected EOF on the disk"})"
                                     "\n";

void check(std::string_view bytes, std::size_t at) {
  TarChecker checker;
  checker.feed(bytes.substr(0, at));
  checker.feed(bytes.substr(at));
  checker.finish("GET /x");
}

TEST(TarCheckTest, a_whole_archive_is_whole_wherever_it_is_split) {
  for (std::size_t at = 0; at <= k_archive.size(); ++at) EXPECT_NO_THROW(check(k_archive, at)) << at;
  EXPECT_NO_THROW(check(checked_archive({}), 100)) << "two zero blocks are an archive of nothing";
  EXPECT_NO_THROW(check(k_archive + std::string(9 * 1024, '\0'), 7)) << "GNU tar pads with zeros";
}

TEST(TarCheckTest, an_archive_cut_anywhere_is_truncated) {
  for (std::size_t at = 0; at < k_archive.size(); at += 13) {
    const std::string_view cut = std::string_view(k_archive).substr(0, at);
    EXPECT_EQ(expect_error([&] { check(cut, at / 2); }).kind(), ErrorKind::truncated) << at;
  }
}

TEST(TarCheckTest, an_error_behind_or_inside_the_archive_is_the_engines_word) {
  for (const std::size_t at : {std::size_t{0}, std::size_t{100}, std::size_t{512}, std::size_t{514},
                               std::size_t{1024}, k_archive.size() - 512, k_archive.size()}) {
    const std::string bytes = k_archive.substr(0, at) + k_json_error;
    const Error error = expect_error([&] { check(bytes, bytes.size() / 3); });
    EXPECT_EQ(to_string(error.kind()), to_string(ErrorKind::in_stream)) << at << ": " << error.what();
    EXPECT_EQ(error.engine_text(), "unexpected EOF on the disk");
    EXPECT_EQ(error.http_status(), 200);
  }
}

TEST(TarCheckTest, an_error_is_found_behind_large_pieces_and_when_it_comes_in_two) {
  const std::string half =
      checked_archive({{.name = "large", .content = std::string(100'000, 'x')}}).substr(0, 70'000);
  const std::string bytes = half + k_json_error;
  for (const std::size_t at : {std::size_t{0}, std::size_t{20'000}, half.size() - 9'000, half.size(),
                               half.size() + 1, half.size() + 20, bytes.size() - 2, bytes.size() - 1}) {
    const Error error = expect_error([&] { check(bytes, at); });
    EXPECT_EQ(to_string(error.kind()), to_string(ErrorKind::in_stream)) << at << ": " << error.what();
    EXPECT_EQ(error.engine_text(), "unexpected EOF on the disk") << at;
  }
  const std::string long_text(7'000, 'e');
  expect_error([&] { check(half + R"({"message":")" + long_text + "\"}\n", 100); }, ErrorKind::in_stream,
               long_text.substr(0, 100));
}

TEST(TarCheckTest, every_shape_of_error_is_understood) {
  for (const char* text : {R"({"errorDetail":{"message":"x"},"error":"no such image"})",
                           R"({"cause":"no such image","message":"no such image","response":500})"}) {
    expect_error([&] { check(k_archive.substr(0, 700) + text, 10); }, ErrorKind::in_stream, "no such image");
  }
}

TEST(TarCheckTest, a_file_that_holds_such_a_text_is_no_error) {
  EXPECT_NO_THROW(check(checked_archive({{.name = "log", .content = k_json_error}}), 600));
}

TEST(TarCheckTest, what_is_no_archive_or_goes_on_after_its_end_is_refused) {
  expect_error([] { check(std::string(2000, 'x'), 5); }, ErrorKind::protocol, "not a tar archive");
  std::string wrong_checksum = k_archive;
  wrong_checksum[0] = 'b';
  expect_error([&] { check(wrong_checksum, 5); }, ErrorKind::protocol, "not a tar archive");
  expect_error([] { check(k_archive + "more", 5); }, ErrorKind::protocol, "follows the end");
  expect_error([] { check("", 0); }, ErrorKind::truncated, "no archive came");
}

/// A header block with the type and the size field given; the checksum is right.
std::string header(char type, std::string size_field) {
  std::string block = checked_archive({{.name = "x"}}).substr(0, 512);
  block[156] = type;
  block.replace(124, 12, size_field);
  block.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  block.replace(148, 7, std::string_view(digits, 7));
  return block;
}

const std::string k_end(1024, '\0');

TEST(TarCheckTest, a_pax_header_gives_the_size_of_the_next_member_only) {
  std::string pax = "12 size=600\n";
  pax.resize(512, '\0');
  const std::string extended = header('x', std::string("00000000014\0", 12)) + pax;
  const std::string file = header('0', std::string("00000000000\0", 12)) + std::string(1024, 'f');
  const std::string empty = header('0', std::string("00000000000\0", 12));
  EXPECT_NO_THROW(check(extended + file + empty + k_end, 300));
  EXPECT_EQ(expect_error([&] { check(file + k_end, 3); }).kind(), ErrorKind::protocol)
      << "without the pax header the contents are no header";
}

TEST(TarCheckTest, a_binary_size_is_understood_and_an_absurd_one_is_no_archive) {
  const std::string binary = header('0', std::string("\x80\0\0\0\0\0\0\0\0\0\2\x58", 12));
  EXPECT_NO_THROW(check(binary + std::string(1024, 'f') + k_end, 600));
  const std::string absurd = header('0', std::string(12, '\xff'));
  EXPECT_EQ(expect_error([&] { check(absurd + k_end, 600); }).kind(), ErrorKind::protocol);
}

TEST(TarCheckTest, links_have_no_contents_whatever_their_size_says) {
  EXPECT_NO_THROW(check(header('1', std::string("00000000777\0", 12)) + k_end, 100));
}

TEST(TarCheckTest, what_goes_on_behind_the_end_or_is_no_archive_is_not_waited_for) {
  const std::string padding(10'240, '\0');
  const std::string member = header('0', std::string("00000000000\0", 12));
  EXPECT_NO_THROW(check(member + k_end + padding, 512));
  const std::string much(std::size_t{2} << 20, '\0');
  EXPECT_EQ(expect_error([&] { check(member + k_end + much, 4096); }).kind(), ErrorKind::protocol);
  TarChecker endless;
  EXPECT_EQ(expect_error([&] {
              for (int i = 0; i < 1000; ++i) endless.feed(std::string(65'536, 'x'));
            }).kind(),
            ErrorKind::protocol)
      << "without its end";
}

}  // namespace
}  // namespace halcyon::docker_api
