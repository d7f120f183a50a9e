#include "docker_api/tar_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

namespace fs = std::filesystem;

class TarStreamTest : public ::testing::Test {
 protected:
  TarStreamTest() {
    char name[] = "/tmp/halcyon-tar-XXXXXX";
    directory_ = ::mkdtemp(name);
  }
  ~TarStreamTest() override { fs::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ / name, std::ios::binary) << content;
    return directory_ / name;
  }

  /// What the system's tar says about an archive.
  std::string ask_tar(const std::string& arguments, const std::string& archive) const {
    const std::string path = write("archive.tar", archive);
    std::FILE* pipe = ::popen(("TZ=UTC tar " + arguments + " -f " + path + " 2>&1").c_str(), "r");
    std::string text;
    std::array<char, 4096> bytes;
    for (std::size_t count = 0; (count = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;) {
      text.append(bytes.data(), count);
    }
    EXPECT_EQ(::pclose(pipe), 0) << text;
    return text;
  }

  fs::path directory_;
};

std::string read_source(BodySource& source) {
  std::string bytes;
  for (;;) {
    const std::string_view piece = source.read();
    if (piece.empty()) return bytes;
    bytes += piece;
  }
}

std::string tar_of(std::vector<TarEntry> entries) {
  return read_source(*make_tar_source(std::move(entries)));
}

TEST_F(TarStreamTest, one_member_is_written_byte_by_byte_as_posix_says) {
  const std::string archive = tar_of({{.name = "Dockerfile", .content = "FROM scratch\n"}});
  ASSERT_EQ(archive.size(), 4 * 512U);
  std::string header(512, '\0');
  header.replace(0, 10, "Dockerfile");
  header.replace(100, 7, "0000644");
  header.replace(108, 7, "0000000");
  header.replace(116, 7, "0000000");
  header.replace(124, 11, "00000000015");
  header.replace(136, 11, "00000000000");
  header.replace(148, 8, std::string("007733\0 ", 8));  // as Python's tarfile computes it
  header.replace(156, 1, "0");
  header.replace(257, 8, std::string("ustar\00000", 8));
  EXPECT_EQ(archive.substr(0, 512), header);
  EXPECT_EQ(archive.substr(512, 512), "FROM scratch\n" + std::string(499, '\0'));
  EXPECT_EQ(archive.substr(1024), std::string(1024, '\0'));
}

TEST_F(TarStreamTest, the_systems_tar_lists_what_was_written) {
  const std::string big(200'000, 'x');
  const std::string long_name = std::string(120, 'd') + "/" + std::string(90, 'f');
  const std::string archive = tar_of({{.name = "Dockerfile", .content = "FROM scratch\n"},
                                      {.name = "bin/app", .source_path = write("app", big), .mode = 0755},
                                      {.name = "empty"},
                                      {.name = "block", .content = std::string(512, 'b')},
                                      {.name = long_name, .content = "deep"}});
  EXPECT_EQ(ask_tar("--numeric-owner -tv", archive),
            "-rw-r--r-- 0/0              13 1970-01-01 00:00 Dockerfile\n"
            "-rwxr-xr-x 0/0          200000 1970-01-01 00:00 bin/app\n"
            "-rw-r--r-- 0/0               0 1970-01-01 00:00 empty\n"
            "-rw-r--r-- 0/0             512 1970-01-01 00:00 block\n"
            "-rw-r--r-- 0/0               4 1970-01-01 00:00 " +
                long_name + "\n");
  EXPECT_EQ(ask_tar("-xO bin/app", archive), big);
  EXPECT_EQ(ask_tar("-xO " + long_name, archive), "deep");
}

TEST_F(TarStreamTest, the_same_entries_give_the_same_bytes) {
  const std::vector<TarEntry> entries = {{.name = "a", .content = "1"},
                                         {.name = "b", .source_path = write("b", "2")}};
  EXPECT_EQ(tar_of(entries), tar_of(entries));
}

TEST_F(TarStreamTest, an_archive_without_members_is_two_empty_blocks) {
  EXPECT_EQ(tar_of({}), std::string(1024, '\0'));
}

TEST_F(TarStreamTest, bad_names_are_refused_when_the_source_is_made) {
  for (const std::string& name :
       {std::string(), std::string("/etc/passwd"), std::string("../x"), std::string("a/../b"),
        std::string("a/.."), std::string("dir/"), std::string("a\0b", 3), std::string(101, 'n'),
        std::string(156, 'd') + "/f", std::string(60, 'd') + "/" + std::string(101, 'f')}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(expect_error([&] { make_tar_source({{.name = name}}); }).kind(), ErrorKind::invalid_argument);
  }
  EXPECT_NO_THROW(make_tar_source({{.name = "..a/b.."}, {.name = std::string(100, 'n')}}));
}

TEST_F(TarStreamTest, a_file_that_shrinks_or_grows_while_it_is_read_is_an_error) {
  for (const std::size_t new_size : {std::size_t{10}, std::size_t{300'000}}) {
    const std::string path = write("moving", std::string(200'000, 'x'));
    const auto source = make_tar_source({{.name = "moving", .source_path = path}});
    source->read();
    fs::resize_file(path, new_size);
    expect_error([&] { read_source(*source); }, ErrorKind::protocol, "changed its size");
  }
}

TEST_F(TarStreamTest, files_that_cannot_be_read_are_refused) {
  expect_error([&] { tar_of({{.name = "x", .source_path = directory_ / "absent"}}); },
               ErrorKind::invalid_argument, "cannot be opened: No such file or directory");
  expect_error([&] { tar_of({{.name = "x", .source_path = directory_}}); }, ErrorKind::invalid_argument,
               "is not a regular file");
  expect_error([&] { make_file_source(directory_ / "absent"); }, ErrorKind::invalid_argument,
               "cannot be opened");
}

TEST_F(TarStreamTest, a_file_source_yields_the_files_bytes) {
  const std::string bytes = std::string(150'000, 'y') + "end";
  EXPECT_EQ(read_source(*make_file_source(write("file", bytes))), bytes);
  EXPECT_EQ(read_source(*make_file_source(write("empty", ""))), "");
}

}  // namespace
}  // namespace halcyon::docker_api
