#include "orchestrator/state_directory.hpp"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "backup/durable_file.hpp"
#include "backup/error.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/random_hex.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr mode_t k_passable = 0711;
constexpr mode_t k_private = 0700;
constexpr mode_t k_public = 0755;
constexpr std::size_t k_probe_token_bytes = 16;
constexpr std::array<std::pair<const char*, mode_t>, 6> k_directories{{{"", k_passable},
                                                                       {"/releases", k_private},
                                                                       {"/secrets", k_private},
                                                                       {"/gate", k_public},
                                                                       {"/gate/slots", k_public},
                                                                       {"/logs", k_public}}};
constexpr long k_cifs_magic = 0xFF534D42;
constexpr long k_smb2_magic = 0xFE534D42;

void replace_if_different(const std::string& path, const std::string& content, mode_t mode) {
  if (backup::read_file(path) != content) backup::replace_file(path, content, mode);
}

/// Whatever somebody has put in a flag's place: nginx sees no file there, and none could be made.
void remove_what_is_no_flag(const std::string& path) {
  std::error_code failed;
  const auto status = std::filesystem::symlink_status(path, failed);
  if (failed || !std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) return;
  if (std::filesystem::remove(path, failed) || !failed) return;
  throw Error(Outcome::needs_operator,
              fmt::format("cannot set the flag {}: something else is in its place ({}). Remove it, then run "
                          "the command again",
                          path, failed.message()));
}

/// "p12" of "2026-11-20T10:00:00.123Z p12 promote ..." -> 12; 0 for a line that is not ours.
std::uint64_t promotion_in_line(std::string_view line) {
  const auto at = line.find(" p");
  std::uint64_t number = 0;
  if (at != 24) return 0;
  std::from_chars(line.data() + at + 2, line.data() + line.size(), number);
  return number;
}

std::array<std::pair<const char*, std::string>, 2> cached_releases(const EnvironmentState& state) {
  return {{{"current_release", state.current}, {"previous_release", state.previous}}};
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

/// Adds what is missing at the end; rewrites the file if it is not the beginning of what it should be.
void write_release_lines(const std::string& path, const std::vector<std::string>& lines) {
  const std::string wanted = join_lines(lines);
  const auto existing = backup::read_file(path);
  if (wanted.empty() || existing == wanted) return;
  if (!existing || !wanted.starts_with(*existing)) return backup::replace_file(path, wanted, 0644);
  backup::AppendFile file(path, existing->size(), 0644);
  file.append(std::string_view(wanted).substr(existing->size()));
  file.sync();
}

}  // namespace

std::uint64_t StateDirectory::last_promotion_in_log() const {
  const std::string text = backup::read_file(releases_log()).value_or("");
  std::uint64_t last = 0;
  std::size_t at = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
    last = std::max(last, promotion_in_line(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  return last;
}

bool StateDirectory::exists() const { return ::access(journal().c_str(), F_OK) == 0; }

void StateDirectory::ensure() const {
  backup::ensure_parents(root_, k_passable);
  backup::ensure_directory(root_, k_passable);
  if (const auto fault = find_file_system_fault())
    throw Error(Outcome::usage, fmt::format("cannot keep state in {}: {}", root_, *fault));
  for (const auto& [name, mode] : k_directories) backup::ensure_directory(root_ + name, mode);
  for (const char* name : {"", "/releases", "/secrets", "/gate", "/gate/slots"})
    backup::remove_stale_temporaries(root_ + name);
  backup::create_file(gate() + "/canary", "nginx's workers must be able to see this file\n", 0644);
}

std::optional<std::string> StateDirectory::find_file_system_fault() const {
  struct statfs status {};
  if (::statfs(root_.c_str(), &status) != 0) return std::nullopt;
  const long type = static_cast<long>(status.f_type);
  const bool is_remote =
      type == NFS_SUPER_MAGIC || type == k_cifs_magic || type == k_smb2_magic || type == SMB_SUPER_MAGIC;
  if (!is_remote) return std::nullopt;
  return "it is on a network file system, where neither locks nor fsync can be relied on. Set app.state_dir "
         "to "
         "a local disk";
}

std::vector<std::string> StateDirectory::find_wrong_directories() const {
  std::vector<std::string> wrong;
  for (const auto& [name, mode] : k_directories) {
    const std::string path = root_ + name;
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
      wrong.push_back(path + " is no directory");
    } else if ((status.st_mode & 07777) != mode) {
      wrong.push_back(
          fmt::format("{} has mode {:04o} instead of {:04o}", path, status.st_mode & 07777, mode));
    }
  }
  return wrong;
}

std::vector<std::string> StateDirectory::find_stale_caches(const EnvironmentState& state) const {
  std::vector<std::string> stale;
  for (const auto& [name, release] : cached_releases(state)) {
    const auto text = backup::read_file(root_ + "/" + name);
    if (text != (release.empty() ? std::nullopt : std::optional(release + "\n"))) stale.emplace_back(name);
  }
  const auto log = backup::read_file(releases_log());
  if (log.value_or("") != join_lines(state.lines)) stale.emplace_back("releases.log");
  return stale;
}

Release StateDirectory::read_release(const std::string& release) const {
  const auto text = backup::read_file(release_record(release));
  if (!text) {
    throw Error(Outcome::needs_operator,
                fmt::format("cannot read release {}: {} is not there. Restore it from a backup "
                            "of the state directory, or promote a tag: that writes a new record",
                            release, release_record(release)));
  }
  try {
    return parse_release(*text);
  } catch (const Error& error) {
    throw Error(error.outcome(), fmt::format("{} ({})", error.what(), release_record(release)));
  }
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
  struct stat status {};
  const bool is_file = ::stat(flag(service).c_str(), &status) == 0 && S_ISREG(status.st_mode);
  return is_file ? Slot::green : Slot::blue;
}

void StateDirectory::write_flag(const std::string& service, Slot slot) const {
  remove_what_is_no_flag(flag(service));
  if (slot == Slot::green) {
    backup::create_file(flag(service), "", 0644);
  } else {
    backup::remove_file(flag(service));
  }
}

std::optional<std::string> StateDirectory::find_probe_token() const {
  try {
    const auto token = backup::read_file(root_ + "/secrets/probe_token");
    if (token) return token->substr(0, token->find('\n'));
  } catch (const backup::Error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

std::string StateDirectory::read_probe_token() const {
  const auto token = backup::read_file(root_ + "/secrets/probe_token");
  return token ? token->substr(0, token->find('\n')) : random_hex(k_probe_token_bytes);
}

std::string StateDirectory::ensure_probe_token() const {
  const std::string path = root_ + "/secrets/probe_token";
  if (const auto token = backup::read_file(path)) return token->substr(0, token->find('\n'));
  std::string token = random_hex(k_probe_token_bytes);
  backup::replace_file(path, token + "\n", 0600);
  return token;
}

void StateDirectory::write_caches(const EnvironmentState& state) const {
  for (const auto& [name, release] : cached_releases(state)) {
    const std::string path = root_ + "/" + name;
    if (release.empty()) {
      backup::remove_file(path);
    } else {
      replace_if_different(path, release + "\n", 0644);
    }
  }
  write_release_lines(releases_log(), state.lines);
}

}  // namespace halcyon::orchestrator
