// Images of the fake engine and of the registries that it pulls from.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/ids.hpp"
#include "docker_api/image_reference.hpp"

namespace halcyon::docker_api::fake {

/// A file in an image or container.
struct File {
  std::string content;
  std::uint32_t mode = 0644;
};

/// An image's configuration. Its id and digest follow from it: the same image has the same in every test.
struct Image {
  std::vector<std::string> command;
  std::vector<std::string> entrypoint;
  std::vector<std::string> environment;  ///< "KEY=value"
  std::map<std::string, std::string> labels;
  std::string user;
  std::string working_dir;
  std::string stop_signal;
  std::vector<std::string> exposed_ports;  ///< "8000/tcp"
  std::vector<std::string> healthcheck;    ///< {"CMD", "/app", "check"}; empty: none
  std::string content;  ///< anything: what makes it differ from another one with the same configuration
  std::uint64_t size_bytes = 1'000'000;
  std::string architecture = "amd64";
  std::map<std::string, File> files;  ///< absolute path -> file
};

ImageId id_of(const Image& image);
/// The digest of its manifest, which every registry that has it gives it.
Digest digest_of(const Image& image);

/// How a registry fails.
struct RegistryFailure {
  int status = 500;
  std::string text;
  /// Nothing: an error status. Otherwise so many progress messages come first, under status 200.
  std::optional<int> after_messages;
};

/// The registries that the engine can reach: repositories, tags and digests.
class Registries {
 public:
  /// Stores an image under "HOST/PATH:TAG". Errors: Error invalid_argument for a malformed reference.
  Digest put(const std::string& reference, Image image);
  /// Takes a tag away; what it named can still be pulled by digest.
  void remove_tag(const std::string& reference);

  /// What every pull, push and question about a registry ("127.0.0.1:5000"), a repository
  /// ("127.0.0.1:5000/shop/web") or one tag of it fails with until clear_failures().
  void fail(const std::string& registry_or_repository, RegistryFailure failure);
  void clear_failures();
  /// From now on this registry answers nobody else.
  void require_login(const std::string& registry, std::string user, std::string password);

  // What the engine asks.
  const Image* find(const ImageReference& reference) const;
  bool is_reachable(const std::string& registry) const;
  const RegistryFailure* find_failure(const ImageReference& reference) const;
  /// `auth_header` is X-Registry-Auth as sent.
  bool may_enter(const std::string& registry, const std::string& auth_header) const;

 private:
  struct Repository {
    std::map<std::string, std::string> tags;  // tag -> digest
    std::map<std::string, Image> by_digest;
  };
  struct Login {
    std::string user;
    std::string password;
  };
  std::map<std::string, Repository> repositories_;
  std::map<std::string, RegistryFailure> failures_;
  std::map<std::string, Login> logins_;
};

}  // namespace halcyon::docker_api::fake
