// Which images are brought to an engine, and which of them are taken away again.
#include "orchestrator/pulled_images.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "docker_api/error.hpp"
#include "tests/orchestrator/quiet_run.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using namespace test_support;
using Strings = std::vector<std::string>;

std::string digest(char letter) { return "sha256:" + std::string(64, letter); }

Release release(const std::string& id, char letter) {
  Release made;
  made.id = id;
  ReleaseService entry{.service = {.name = *Name::parse("web")}};
  entry.service.image = docker_api::parse_image_reference("shop/web");
  entry.reference = "shop/web:" + id;
  entry.digest = docker_api::Digest(digest(letter));
  made.services.emplace("web", entry);
  return made;
}

/// An engine that has the images of a list, some of them in use.
class PulledImages : public ::testing::Test {
 protected:
  PulledImages() { directory.ensure(); }

  std::string name(char letter) const {
    return docker_api::parse_image_reference("shop/web").repository + "@" + digest(letter);
  }

  std::string reply(const SeenRequest& request) {
    const std::lock_guard lock(mutex);
    for (const std::string& image : present) {
      if (request.target.find(image.substr(image.find("@sha256:") + 8)) == std::string::npos) continue;
      if (request.method == "GET") return answer(200, R"({"Id":"sha256:0"})");
      if (used.contains(image)) return answer(409, R"({"message":"image is being used"})");
      if (broken.contains(image)) return answer(500, R"({"message":"disk on fire"})");
      removed.push_back(image);
      present.erase(image);
      return answer(200, "[]");
    }
    return answer(404, R"({"message":"no such image"})");
  }

  /// Runs one of the two on a promotion of `wanted`; gives its notes.
  Strings act(asio::awaitable<void> (*what)(Promotion&), Release wanted = {}) {
    const ScriptedServer server(engine_script([this](const SeenRequest& seen) { return reply(seen); }));
    docker_api::Engine engine(io.get_executor(), server.address());
    Promotion promotion{.session = {engine, environment, events, interrupt, "anna"},
                        .directory = directory,
                        .journal = nullptr,
                        .state = state};
    promotion.release = std::move(wanted);
    run(io, what(promotion));
    return promotion.notes;
  }

  void commit(const Release& committed) {
    directory.write_release(committed);
    state.previous = state.current;
    state.current = committed.id;
    state.releases.push_back({committed.id, "", ""});
  }

  const halcyon::testing::TemporaryDirectory root;
  const StateDirectory directory{root / "production"};
  Environment environment{
      .app = *Name::parse("shop"), .name = *Name::parse("production"), .keep_releases = 2};
  EnvironmentState state;
  std::mutex mutex;
  std::set<std::string> present;
  std::set<std::string> used;
  std::set<std::string> broken;
  Strings removed;
  asio::io_context io;
  NoEvents events;
  NoInterrupt interrupt;
};

TEST_F(PulledImages, of_a_release_that_does_not_come_about_go_again) {
  act(note_images_to_pull, release("r1", 'a'));
  EXPECT_EQ(halcyon::testing::read_text(directory.pulled_images()), name('a') + "\n");
  present = {name('a')};  // pulled
  act(remove_unneeded_images);
  EXPECT_EQ(removed, Strings{name('a')});
  EXPECT_FALSE(std::filesystem::exists(directory.pulled_images()));
}

TEST_F(PulledImages, are_not_those_that_were_there_before) {
  present = {name('a')};
  act(note_images_to_pull, release("r1", 'a'));
  act(remove_unneeded_images);
  EXPECT_EQ(removed, Strings());
}

TEST_F(PulledImages, are_remembered_by_a_second_attempt_although_the_image_is_there_by_then) {
  act(note_images_to_pull, release("r1", 'a'));
  present = {name('a')};
  act(note_images_to_pull, release("r1", 'a'));
  act(remove_unneeded_images);
  EXPECT_EQ(removed, Strings{name('a')});
}

TEST_F(PulledImages, that_a_kept_release_needs_stay_and_go_when_it_leaves_the_window) {
  for (const auto& [id, letter] : {std::pair{"r1", 'a'}, {"r2", 'b'}, {"r3", 'c'}}) {
    act(note_images_to_pull, release(id, letter));
    present.insert(name(letter));
    commit(release(id, letter));
    act(remove_unneeded_images);
  }
  EXPECT_EQ(removed, Strings{name('a')});
  EXPECT_EQ(halcyon::testing::read_text(directory.pulled_images()), name('b') + "\n" + name('c') + "\n");
}

TEST_F(PulledImages, in_use_by_a_container_are_left_and_tried_again) {
  act(note_images_to_pull, release("r1", 'a'));
  present = used = {name('a')};
  EXPECT_EQ(act(remove_unneeded_images), Strings());
  EXPECT_EQ(removed, Strings());
  used.clear();
  act(remove_unneeded_images);
  EXPECT_EQ(removed, Strings{name('a')});
}

TEST_F(PulledImages, that_cannot_be_removed_are_told_and_fail_nothing) {
  act(note_images_to_pull, release("r1", 'a'));
  present = broken = {name('a')};
  const Strings notes = act(remove_unneeded_images);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].starts_with("the image " + name('a') +
                                   ", which no release needs any more, could not be "
                                   "removed: "))
      << notes[0];
  EXPECT_NE(notes[0].find("disk on fire"), std::string::npos) << notes[0];
  EXPECT_TRUE(std::filesystem::exists(directory.pulled_images()));
}

TEST_F(PulledImages, all_stay_when_a_kept_releases_record_cannot_be_read) {
  act(note_images_to_pull, release("r1", 'a'));
  present = {name('a')};
  state.current = "r9";
  act(remove_unneeded_images);
  EXPECT_EQ(removed, Strings());
}

}  // namespace
}  // namespace halcyon::orchestrator
