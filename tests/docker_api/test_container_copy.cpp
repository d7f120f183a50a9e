#include "docker_api/container_copy.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "docker_api/base64.hpp"
#include "docker_api/tar_reader.hpp"
#include "docker_api/tree_source.hpp"
#include "tests/docker_api/engine_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

namespace fs = std::filesystem;
using halcyon::testing::read_text;
using halcyon::testing::TemporaryDirectory;
using halcyon::testing::write_text;
using test_support::answer;
using test_support::chunked_answer;

struct Member {
  TarMember header;
  std::string content = {};
};

std::string archive_of(std::vector<Member> members) {
  std::string archive;
  for (Member& member : members) {
    member.header.size_bytes = member.content.size();
    append_tar_header(archive, member.header);
    archive += member.content;
    archive.append(padded_to_tar_block(member.content.size()) - member.content.size(), '\0');
  }
  return archive.append(1024, '\0');
}

TarMember directory(std::string name, std::uint32_t mode = 0755) {
  return {.name = std::move(name), .type = TarType::directory, .mode = mode};
}
TarMember file(std::string name, std::uint32_t mode = 0644) {
  return {.name = std::move(name), .mode = mode};
}
TarMember link(std::string name, std::string target, TarType type = TarType::symbolic_link) {
  return {.name = std::move(name), .type = type, .mode = 0777, .link_target = std::move(target)};
}

std::uint32_t mode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

/// What an archive holds, one line for each member.
class Listing final : public TarSink {
 public:
  void begin(const TarMember& member) override {
    line_ = fmt::format("{} {:o} {}", static_cast<char>(member.type), member.mode, member.name);
    if (!member.link_target.empty()) line_ += " -> " + member.link_target;
    if (member.size_bytes > 64) line_ += fmt::format(" ({} bytes)", member.size_bytes);
  }
  void contents(std::string_view bytes) override {
    if (line_.find(" bytes)") == std::string::npos) contents_ += bytes;
  }
  void end() override {
    lines.push_back(contents_.empty() ? line_ : line_ + ' ' + contents_);
    contents_.clear();
  }
  std::vector<std::string> lines;

 private:
  std::string line_;
  std::string contents_;
};

std::vector<std::string> list(std::string_view archive, std::size_t step = 512) {
  Listing listing;
  TarReader reader;
  for (; !archive.empty(); archive.remove_prefix(std::min(step, archive.size())))
    reader.feed(archive.substr(0, step), listing);
  reader.finish();
  return listing.lines;
}

class CopyTest : public EngineFixture {
 protected:
  void serve_archive(const std::string& bytes, const std::string& name = "app", std::uint32_t mode = 0) {
    const std::string stat = encode_base64(fmt::format(R"({{"name":"{}","mode":{}}})", name, mode));
    serve_bytes(chunked_answer({bytes}, "X-Docker-Container-Path-Stat: " + stat + "\r\n"));
  }
  /// What a copy of this archive fails with; nothing may be left of it.
  std::string refusal(std::vector<Member> members, CopyOutOptions options = {}) {
    serve_archive(archive_of(std::move(members)));
    const Error error =
        expect_error([&] { run(copy_out(*engine_, k_id, "/srv/app", here_ / "out", options)); });
    EXPECT_EQ(to_string(error.kind()), "protocol") << error.what();
    EXPECT_EQ(here_.names(), std::vector<std::string>{});
    return error.what();
  }
  void expect_refusal(std::vector<Member> members, const std::string& part) {
    const std::string text = refusal(std::move(members));
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }

  TemporaryDirectory here_;
};

TEST_F(CopyTest, a_tree_is_sent_with_modes_and_links_and_nothing_is_followed) {
  fs::create_directories(here_ / "site/empty");
  write_text(here_ / "site/index.html", "hello");
  write_text(here_ / "site/run.sh", "#!");
  fs::permissions(here_ / "site/run.sh", fs::perms(0750));
  fs::permissions(here_ / "site/empty", fs::perms(0700));
  fs::permissions(here_ / "site", fs::perms(0755));
  fs::permissions(here_ / "site/index.html", fs::perms(0644));
  fs::create_symlink("/etc", here_ / "site/etc");
  serve_bytes(answer(200, ""));
  run(copy_in(*engine_, k_id, here_ / "site", "/srv/www"));
  const auto request = call_seen();
  EXPECT_EQ(request.target, "/v1.41/containers/web/archive?path=%2Fsrv&noOverwriteDirNonDir=1");
  EXPECT_EQ(list(request.body),
            (std::vector<std::string>{"5 755 www", "5 700 www/empty", "2 777 www/etc -> /etc",
                                      "0 644 www/index.html hello", "0 750 www/run.sh #!"}));
}

/// Whose the one member of an archive is.
class FirstOwner final : public TarSink {
 public:
  void begin(const TarMember& member) override { ids = {member.user_id, member.group_id}; }
  void contents(std::string_view) override {}
  void end() override {}
  std::pair<std::uint64_t, std::uint64_t> ids;
};

TEST_F(CopyTest, files_are_roots_or_keep_their_owner_or_become_the_containers) {
  write_text(here_ / "f", "x");
  if (::geteuid() == 0) ASSERT_EQ(::chown((here_ / "f").c_str(), 1234, 3'000'000), 0);
  struct stat here {};
  ASSERT_EQ(::stat((here_ / "f").c_str(), &here), 0);
  const auto sent_as = [&](CopiedOwner owner) {
    serve_bytes(answer(200, ""));
    run(copy_in(*engine_, k_id, here_ / "f", "/f", {.owner = owner}));
    FirstOwner first;
    TarReader().feed(call_seen().body, first);
    return first.ids;
  };
  EXPECT_EQ(sent_as(CopiedOwner::root), std::pair(std::uint64_t{0}, std::uint64_t{0}));
  EXPECT_EQ(call_seen().target.find("copyUIDGID"), std::string::npos);
  EXPECT_EQ(sent_as(CopiedOwner::as_here), std::pair(std::uint64_t{here.st_uid}, std::uint64_t{here.st_gid}));
  EXPECT_EQ(call_seen().target.find("copyUIDGID"), std::string::npos);
  sent_as(CopiedOwner::container_user);
  EXPECT_NE(call_seen().target.find("copyUIDGID=1"), std::string::npos);
}

TEST_F(CopyTest, an_archive_of_names_alone_has_its_limit_too) {
  std::vector<Member> members{{directory("app")}};
  for (int i = 0; i < 1'200; ++i) members.push_back({directory("app/" + std::to_string(i))});
  const std::string text = refusal(std::move(members), {.limit_bytes = 65'536});
  EXPECT_NE(text.find("one name too many for the limit of 65536 bytes"), std::string::npos) << text;
}

TEST_F(CopyTest, headers_of_no_member_are_not_read_for_ever) {
  std::string extension;
  append_tar_header(extension, {.name = std::string(300, 'n')});
  extension.resize(1024);  // without the member's own header
  Listing listing;
  TarReader reader;
  const Error error = expect_error([&] {
    for (int i = 0; i < 100; ++i) reader.feed(extension, listing);
  });
  EXPECT_EQ(error.kind(), ErrorKind::protocol) << error.what();
}

TEST_F(CopyTest, the_final_path_is_always_the_whole_path) {
  write_text(here_ / "f", "x");
  serve_bytes(answer(200, ""));
  run(copy_in(*engine_, k_id, here_ / "f", "/top",
              {.owner = CopiedOwner::container_user, .may_replace_types = true}));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/archive?path=%2F&copyUIDGID=1");
  for (const char* path : {"", "/", "relative", "/a/..", "/.", "//"}) {
    SCOPED_TRACE(path);
    const Error error = expect_error([&] { run(copy_in(*engine_, k_id, here_ / "f", path)); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  }
  EXPECT_EQ(seen().size(), 2U);
}

TEST_F(CopyTest, what_cannot_be_copied_is_named_before_anything_is_sent) {
  serve_bytes(answer(200, ""));
  fs::create_directory(here_ / "d");
  ASSERT_EQ(::mkfifo((here_ / "d/pipe").c_str(), 0600), 0);
  expect_error([&] { run(copy_in(*engine_, k_id, here_ / "d", "/d")); }, ErrorKind::invalid_argument,
               "d/pipe");
  expect_error([&] { run(copy_in(*engine_, k_id, here_ / "none", "/d")); }, ErrorKind::invalid_argument,
               "No such file");
  EXPECT_EQ(seen().size(), 0U);
}

TEST_F(CopyTest, a_file_is_written_from_memory) {
  serve_bytes(answer(200, ""));
  run(write_file(*engine_, k_id, "/etc/app/key", std::string("a\0b", 3), 0600));
  EXPECT_EQ(list(call_seen().body), std::vector<std::string>{std::string("0 600 key a\0b", 13)});
}

TEST_F(CopyTest, names_and_sizes_that_ustar_has_no_room_for_are_sent_all_the_same) {
  const std::string long_name(200, 'n');
  const std::string long_target(300, 't');
  std::string archive;
  append_tar_header(archive, file("d/" + long_name));
  append_tar_header(archive, link("l", long_target));
  append_tar_header(archive, file(std::string(120, 'd') + "/f"));
  TarMember huge = file("huge");
  huge.size_bytes = std::uint64_t{9} << 30;
  append_tar_header(archive, huge);
  Listing listing;
  TarReader reader;
  reader.feed(archive, listing);
  const std::string zeros(std::size_t{1} << 20, '\0');
  for (int i = 0; i < 9 * 1024; ++i) reader.feed(zeros, listing);
  reader.feed(std::string(1024, '\0'), listing);
  reader.finish();
  EXPECT_EQ(listing.lines, (std::vector<std::string>{"0 644 d/" + long_name, "2 777 l -> " + long_target,
                                                     "0 644 " + std::string(120, 'd') + "/f",
                                                     "0 644 huge (9663676416 bytes)"}));
}

TEST_F(CopyTest, the_systems_tar_reads_what_is_written) {
  fs::create_directories(here_ / "t/" + std::string(150, 'd'));
  write_text(here_ / "t/" + std::string(150, 'd') + "/" + std::string(120, 'f'), "deep");
  const auto source = make_tree_source(here_ / "t", "t", true);
  std::string archive;
  for (std::string_view piece = source->read(); !piece.empty(); piece = source->read()) archive += piece;
  write_text(here_ / "a.tar", archive);
  fs::create_directory(here_ / "out");
  ASSERT_EQ(std::system(("tar -xf " + (here_ / "a.tar") + " -C " + (here_ / "out")).c_str()), 0);
  EXPECT_EQ(read_text(here_ / "out/t/" + std::string(150, 'd') + "/" + std::string(120, 'f')), "deep");
}

TEST_F(CopyTest, what_the_systems_tar_writes_is_read_whatever_its_format) {
  fs::create_directories(here_ / "t/" + std::string(150, 'd'));
  write_text(here_ / "t/" + std::string(150, 'd') + "/" + std::string(120, 'f'), "deep");
  fs::create_symlink(std::string(180, 's'), here_ / "t/link");
  for (const char* format : {"gnu", "posix"}) {
    SCOPED_TRACE(format);
    ASSERT_EQ(std::system(("tar --format=" + std::string(format) + " -cf " + (here_ / "a.tar") + " -C " +
                           here_.path() + " t")
                              .c_str()),
              0);
    const std::string archive = read_text(here_ / "a.tar");
    serve_archive(archive);
    const CopyOutResult result =
        run(copy_out(*engine_, k_id, "/srv/t", here_ / (std::string("out-") + format)));
    const std::string out = here_ / (std::string("out-") + format);
    EXPECT_EQ(result.files, 1U);
    EXPECT_EQ(read_text(out + "/" + std::string(150, 'd') + "/" + std::string(120, 'f')), "deep");
    EXPECT_EQ(fs::read_symlink(out + "/link"), std::string(180, 's'));
    EXPECT_EQ(list(archive, 1), list(archive));
  }
}

TEST_F(CopyTest, a_tree_arrives_with_modes_times_and_links) {
  TarMember old = file("app/bin", 0750);
  old.modified_at = {.tv_sec = -2, .tv_nsec = 750'000'000};
  serve_archive(archive_of({{directory("app", 0750)},
                            {directory("app/locked", 0500)},
                            {file("app/locked/key", 0400), "secret"},
                            {old, "binary"},
                            {link("app/outside", "/etc/passwd")},
                            {link("app/same", "app/bin", TarType::hard_link)},
                            {file("app/root", 06755), "x"}}),
                "app", 0x8000'0000U);
  const CopyOutResult result = run(copy_out(*engine_, k_id, "/srv/app", here_ / "out", {.durable = true}));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/archive?path=%2Fsrv%2Fapp");
  EXPECT_TRUE(result.stat.is_directory());
  EXPECT_EQ(result.files, 3U);
  EXPECT_EQ(result.bytes, 13U);
  EXPECT_EQ(read_text(here_ / "out/locked/key"), "secret");
  EXPECT_EQ(mode_of(here_ / "out"), 0750U);
  EXPECT_EQ(mode_of(here_ / "out/locked"), 0500U);
  EXPECT_EQ(mode_of(here_ / "out/locked/key"), 0400U);
  EXPECT_EQ(mode_of(here_ / "out/root"), 0755U) << "without the set-user-id bits";
  EXPECT_EQ(fs::read_symlink(here_ / "out/outside"), "/etc/passwd");
  EXPECT_TRUE(fs::equivalent(here_ / "out/same", here_ / "out/bin"));
  struct stat status {};
  ASSERT_EQ(::stat((here_ / "out/bin").c_str(), &status), 0);
  EXPECT_EQ(status.st_mtim.tv_sec, -2);
  EXPECT_EQ(status.st_mtim.tv_nsec, 750'000'000);
  EXPECT_EQ(here_.names(), std::vector<std::string>{"out"});
  fs::permissions(here_ / "out/locked", fs::perms(0700));
}

TEST_F(CopyTest, a_file_takes_the_place_of_a_file_and_a_directory_of_nothing) {
  write_text(here_ / "out", "old");
  serve_archive(archive_of({{file("app"), "new"}}));
  run(copy_out(*engine_, k_id, "/srv/app", here_ / "out"));
  EXPECT_EQ(read_text(here_ / "out"), "new");
  serve_archive(archive_of({{directory("app")}}));
  expect_error([&] { run(copy_out(*engine_, k_id, "/srv/app", here_ / "out")); }, ErrorKind::invalid_argument,
               "takes no one's place");
  EXPECT_EQ(read_text(here_ / "out"), "new");
  EXPECT_EQ(here_.names(), std::vector<std::string>{"out"});
}

TEST_F(CopyTest, a_container_cannot_write_outside) {
  expect_refusal({{directory("app")}, {file("app/../../evil"), "x"}}, "leaves the directory");
  expect_refusal({{directory("app")}, {file("../evil"), "x"}}, "leaves the directory");
  expect_refusal({{directory("app")}, {file("/etc/evil"), "x"}}, "not below what was asked for");
  expect_refusal({{directory("app")}, {file("apple"), "x"}}, "not below what was asked for");
  expect_refusal({{file("app"), "x"}, {file("app/x"), "x"}}, "not below what was asked for");
  expect_refusal({{directory("app")}, {link("app/l", here_.path())}, {file("app/l/evil"), "x"}},
                 "lies below something that is no directory");
  expect_refusal({{link("app", here_.path())}, {file("app/evil"), "x"}}, "not below what was asked for");
  expect_refusal({{directory("app")}, {link("app/l", here_.path())}, {file("app/l"), "x"}}, "is there twice");
  expect_refusal({{directory("app")}, {link("app/l", "/etc/passwd", TarType::hard_link)}},
                 "not below what was asked for");
  expect_refusal({{directory("app")}, {link("app/l", "app/../../x", TarType::hard_link)}},
                 "leaves the directory");
  expect_refusal({{directory("app")}, {link("app/l", "app/none", TarType::hard_link)}}, "is not there");
  expect_refusal({{directory("app")}, {file("app/f")}, {file("app/f")}}, "is there twice");
  expect_refusal({{directory("app")}, {link("app/null", "", TarType::character_device)}},
                 "a device or a pipe");
  expect_refusal({}, "the archive is empty");
}

TEST_F(CopyTest, a_limit_holds_for_all_files_together) {
  const std::vector<Member> members{{directory("app")}, {file("app/a"), "12345"}, {file("app/b"), "67890"}};
  const std::string text = refusal(members, {.limit_bytes = 9});
  EXPECT_NE(text.find("\"app/b\" in the archive does not fit into the limit of 9 bytes"), std::string::npos)
      << text;
  serve_archive(archive_of(members));
  EXPECT_EQ(run(copy_out(*engine_, k_id, "/srv/app", here_ / "out", {.limit_bytes = 10})).bytes, 10U);
}

TEST_F(CopyTest, a_transfer_that_is_cut_at_any_block_leaves_nothing) {
  const std::string archive =
      archive_of({{directory("app", 0500)}, {file("app/a"), std::string(700, 'a')}, {link("app/l", "a")}});
  for (std::size_t length = 0; length < archive.size() - 512; length += 256) {
    SCOPED_TRACE(length);
    serve_archive(archive.substr(0, length));
    EXPECT_EQ(expect_error([&] { run(copy_out(*engine_, k_id, "/srv/app", here_ / "out")); }).kind(),
              ErrorKind::truncated);
    ASSERT_EQ(here_.names(), std::vector<std::string>{});
  }
}

TEST_F(CopyTest, the_engines_words_in_the_middle_of_an_archive_are_told) {
  const std::string archive = archive_of({{directory("app")}, {file("app/a"), "x"}});
  serve_archive(archive.substr(0, 1024) + R"({"message":"disk on fire"})"
                                          "\n");
  const Error error = expect_error([&] { run(copy_out(*engine_, k_id, "/srv/app", here_ / "out")); });
  EXPECT_EQ(error.engine_text(), "disk on fire");
  EXPECT_EQ(here_.names(), std::vector<std::string>{});
}

TEST_F(CopyTest, the_directory_to_copy_to_must_be_there) {
  serve_archive(archive_of({{file("app"), "x"}}));
  expect_error([&] { run(copy_out(*engine_, k_id, "/srv/app", here_ / "none/out")); },
               ErrorKind::invalid_argument, "none");
  expect_error([&] { run(copy_out(*engine_, k_id, "/srv/app", here_ / "..")); }, ErrorKind::invalid_argument,
               "does not end with a name");
  EXPECT_EQ(seen().size(), 0U);
}

TEST_F(CopyTest, a_file_is_read_into_memory_if_it_is_one_and_fits) {
  serve_archive(archive_of({{file("app"), "hello"}}));
  EXPECT_EQ(run(read_file(*engine_, k_id, "/srv/app", 5)), "hello");
  serve_archive(archive_of({{file("app"), "hello"}}));
  expect_error([&] { run(read_file(*engine_, k_id, "/srv/app", 4)); }, ErrorKind::protocol, "the limit is 4");
  serve_archive(archive_of({{link("app", "/srv/app-2")}}));
  expect_error([&] { run(read_file(*engine_, k_id, "/srv/app")); }, ErrorKind::invalid_argument,
               "is a link to \"/srv/app-2\"");
  serve_archive(archive_of({{directory("app")}}));
  expect_error([&] { run(read_file(*engine_, k_id, "/srv/app")); }, ErrorKind::invalid_argument,
               "is no file");
}

}  // namespace
}  // namespace halcyon::docker_api
