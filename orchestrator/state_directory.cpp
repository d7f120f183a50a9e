#include "orchestrator/state_directory.hpp"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "backup/durable_file.hpp"
#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr mode_t k_passable = 0711;
constexpr mode_t k_private = 0700;
constexpr mode_t k_public = 0755;
constexpr std::size_t k_probe_token_bytes = 16;
constexpr long k_cifs_magic = 0xFF534D42;
constexpr long k_smb2_magic = 0xFE534D42;

void refuse_network_file_system(const std::string& path) {
  struct statfs status {};
  if (::statfs(path.c_str(), &status) != 0) return;
  const long type = static_cast<long>(status.f_type);
  if (type == NFS_SUPER_MAGIC || type == k_cifs_magic || type == k_smb2_magic || type == SMB_SUPER_MAGIC) {
    throw Error(Outcome::usage,
                fmt::format("cannot keep state in {}: it is on a network file system, where neither "
                            "locks nor fsync can be relied on. Set app.state_dir to a local disk",
                            path));
  }
}

std::string random_hex(std::size_t bytes) {
  std::array<unsigned char, 32> buffer{};
  if (::getrandom(buffer.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
    throw Error(Outcome::needs_operator,
                fmt::format("cannot get random bytes from the kernel: {}", std::strerror(errno)));
  }
  std::string text;
  for (std::size_t index = 0; index < bytes; ++index) text += fmt::format("{:02x}", buffer.at(index));
  return text;
}

void replace_if_different(const std::string& path, const std::string& content, mode_t mode) {
  if (backup::read_file(path) != content) backup::replace_file(path, content, mode);
}

/// Adds what is missing at the end; rewrites the file if it is not the beginning of what it should be.
void write_release_lines(const std::string& path, const std::vector<std::string>& lines) {
  std::string wanted;
  for (const std::string& line : lines) wanted += line + '\n';
  const auto existing = backup::read_file(path);
  if (wanted.empty() || existing == wanted) return;
  if (!existing || !wanted.starts_with(*existing)) return backup::replace_file(path, wanted, 0644);
  backup::AppendFile file(path, existing->size(), 0644);
  file.append(std::string_view(wanted).substr(existing->size()));
  file.sync();
}

}  // namespace

bool StateDirectory::exists() const { return ::access(journal().c_str(), F_OK) == 0; }

void StateDirectory::ensure() const {
  backup::ensure_parents(root_, k_passable);
  backup::ensure_directory(root_, k_passable);
  refuse_network_file_system(root_);
  for (const char* name : {"releases", "secrets"}) backup::ensure_directory(root_ + "/" + name, k_private);
  for (const char* name : {"gate", "gate/slots", "logs"})
    backup::ensure_directory(root_ + "/" + name, k_public);
  for (const char* name : {"", "/releases", "/secrets", "/gate", "/gate/slots"})
    backup::remove_stale_temporaries(root_ + name);
  backup::create_file(gate() + "/canary", "nginx's workers must be able to see this file\n", 0644);
}

Release StateDirectory::read_release(const std::string& release) const {
  const auto text = backup::read_file(release_record(release));
  if (!text) {
    throw Error(Outcome::needs_operator,
                fmt::format("cannot read release {}: {} is not there. Restore it from a backup "
                            "of the state directory, or promote by tag instead",
                            release, release_record(release)));
  }
  return parse_release(*text);
}

void StateDirectory::write_release(const Release& release) const {
  replace_if_different(release_record(release.id), to_json_text(release), 0600);
}

EnvironmentValues StateDirectory::read_environment_values(const std::string& release,
                                                          const std::string& service) const {
  const auto text = backup::read_file(environment_values(release, service));
  return text ? parse_environment_values(*text) : EnvironmentValues{};
}

void StateDirectory::write_environment_values(const std::string& release, const std::string& service,
                                              const EnvironmentValues& values) const {
  if (!values.empty()) backup::replace_file(environment_values(release, service), to_json_text(values), 0600);
}

void StateDirectory::remove_release(const std::string& release) const {
  const auto text = backup::read_file(release_record(release));
  if (text) {
    for (const auto& [name, entry] : parse_release(*text).services) {
      backup::remove_file(environment_values(release, name));
    }
  }
  backup::remove_file(release_record(release));
}

Slot StateDirectory::read_flag(const std::string& service) const {
  return ::access(flag(service).c_str(), F_OK) == 0 ? Slot::green : Slot::blue;
}

void StateDirectory::write_flag(const std::string& service, Slot slot) const {
  if (slot == Slot::green) {
    backup::create_file(flag(service), "", 0644);
  } else {
    backup::remove_file(flag(service));
  }
}

std::string StateDirectory::read_probe_token() const {
  const auto token = backup::read_file(root_ + "/secrets/probe_token");
  return token ? token->substr(0, token->find('\n')) : random_hex(k_probe_token_bytes);
}

std::string StateDirectory::ensure_probe_token() const {
  const std::string path = root_ + "/secrets/probe_token";
  if (const auto token = backup::read_file(path)) return token->substr(0, token->find('\n'));
  const std::string token = random_hex(k_probe_token_bytes);
  backup::replace_file(path, token + "\n", 0600);
  return token;
}

void StateDirectory::write_caches(const EnvironmentState& state) const {
  for (const auto& [name, release] :
       {std::pair{"current_release", state.current}, {"previous_release", state.previous}}) {
    const std::string path = root_ + "/" + name;
    if (release.empty()) {
      backup::remove_file(path);
    } else {
      replace_if_different(path, release + "\n", 0644);
    }
  }
  write_release_lines(root_ + "/releases.log", state.lines);
}

}  // namespace halcyon::orchestrator
