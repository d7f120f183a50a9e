// One application for one test: its configuration, its state, and everything of it removed at the end.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness_lab.hpp"

namespace halcyon::lab_tests {

/// Lines `key = value` of one table; the values are TOML.
using Keys = std::map<std::string, std::string>;

/// What differs from the smallest configuration with short times.
struct Settings {
  Keys app;
  Keys nginx;
  Keys web;
  Keys gate;
  Keys environment;
  std::string more;  ///< further tables, as they are
};

std::string quoted(const std::string& text);

class Project {
 public:
  explicit Project(Settings settings = {}, const Lab& lab = the_lab());
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;
  /// Removes containers, network, volumes, our part of nginx and the directory, also after a failure.
  ~Project();

  const std::string& app() const noexcept { return app_; }
  const Lab& lab() const noexcept { return lab_; }
  const EngineApi& engine() const noexcept { return engine_; }
  std::string host() const { return app_ + ".test"; }
  const std::string& directory() const noexcept { return directory_; }
  std::string state(const std::string& name = "") const;  ///< the environment's directory, or something in it
  std::string nginx_link() const;
  std::string file() const { return directory_ + "/halcyon.toml"; }

  /// Writes halcyon.toml anew.
  void configure(const Settings& settings) const;

  /// halcyon with --json, for who runs it in a way of his own.
  Program program(std::vector<std::string> words, const std::map<std::string, std::string>& variables) const;
  /// Runs halcyon with --json.
  Finished halcyon(std::vector<std::string> words,
                   const std::map<std::string, std::string>& variables = {}) const;
  /// The same in the background.
  std::unique_ptr<Running> begin(std::vector<std::string> words,
                                 const std::map<std::string, std::string>& variables = {}) const;
  Finished install(const std::string& image) const { return halcyon({"install", "production", image}); }
  Finished promote(const std::string& image) const { return halcyon({"promote", "production", image}); }
  Finished rollback() const { return halcyon({"rollback", "production"}); }
  Finished resume() const { return halcyon({"resume", "production"}); }
  json status() const;                        ///< of the environment
  json plan(const std::string& image) const;  ///< of `promote --dry-run`

  Reply get(const std::string& path = "/") const { return get_from_loopback(lab_.nginx_port, host(), path); }
  std::unique_ptr<SteadyClient> client(std::set<std::string> releases) const;

  /// "web green r2 running", sorted; accessories as "db accessory running".
  std::vector<std::string> containers() const;
  /// The container's inspection; by the short form that containers() has, without its last word.
  json inspect(const std::string& short_form) const;
  std::vector<std::string> files_of_state() const;

  /// At rest and in agreement: what halcyon says, nginx answers, the journal, the files and the engine hold
  /// is the same, and nothing else is there.
  testing::AssertionResult is_settled() const;
  /// is_settled(), and `tag` is what serves (X-Release and the image's tag).
  testing::AssertionResult serves(const std::string& tag) const;

 private:
  std::vector<std::string> find_disagreements() const;

  const Lab lab_;
  const EngineApi engine_;
  const std::string app_;
  const std::string directory_;
};

/// It ended with this exit code and this word for it.
testing::AssertionResult ended(const Finished& finished, int exit_code, std::string_view outcome);
/// Its error has all these words.
testing::AssertionResult says(const Finished& finished, std::initializer_list<std::string_view> words);
/// Ends the client; it was answered, and always rightly.
testing::AssertionResult lost_nothing(const std::unique_ptr<SteadyClient>& client);

}  // namespace halcyon::lab_tests
