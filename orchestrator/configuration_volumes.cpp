// Volumes and bind mounts: how they are written, and which host paths a container must never be given.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "orchestrator/configuration_check.hpp"
#include "orchestrator/configuration_parts.hpp"

namespace halcyon::orchestrator {
namespace {

struct Forbidden {
  std::string_view path;
  std::string_view why;
};

// Each stands for itself and everything below it; a directory above one is refused with it. After Docker's
// CIS benchmark 5.6 and 5.32.
constexpr std::array k_forbidden = {
    Forbidden{"/proc", "/proc leads to every process of the host"},
    Forbidden{"/sys", "/sys changes the host's kernel"},
    Forbidden{"/dev", "/dev holds the host's disks"},
    Forbidden{"/etc", "/etc holds the host's users, keys and start-up files"},
    Forbidden{"/boot", "/boot holds the host's kernel"},
    Forbidden{"/run/docker.sock", "whoever reaches the engine's socket is root on the host"},
    Forbidden{"/run/docker", "/run/docker belongs to the engine"},
    Forbidden{"/run/containerd", "/run/containerd belongs to the engine"},
    Forbidden{"/var/lib/docker", "/var/lib/docker holds every container and volume of the host"},
    Forbidden{"/var/lib/containerd", "/var/lib/containerd holds every container of the host"},
};

// Read by many images, the same on every host, and no secret: allowed, but not for writing.
constexpr std::array<std::string_view, 4> k_harmless = {"/etc/localtime", "/etc/timezone", "/etc/ssl/certs",
                                                        "/etc/ca-certificates"};

bool is_at_or_below(std::string_view path, std::string_view directory) noexcept {
  if (directory == "/") return true;
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

/// Collects what is wrong with one entry of `volumes`.
class VolumeReader {
 public:
  VolumeReader(const TomlNode& node, const ReadingPlace& place, std::vector<Problem>& problems)
      : node_(node), place_(place), problems_(problems) {}

  std::optional<VolumeMount> read();

 private:
  bool split(VolumeMount& mount);
  bool read_source(VolumeMount& mount);
  bool read_bind_source(VolumeMount& mount);
  bool complain(std::string rule, std::string remedy) {
    problems_.push_back({node_.path, shown_value(node_), std::move(rule), std::move(remedy), node_.line});
    return false;
  }

  const TomlNode& node_;
  const ReadingPlace& place_;
  std::vector<Problem>& problems_;
};

std::optional<VolumeMount> VolumeReader::read() {
  VolumeMount mount;
  if (!split(mount) || !read_source(mount)) return std::nullopt;
  if (!is_mount_target(mount.target)) {
    complain("must be mounted at an absolute path other than '/', without '..'",
             R"(write it as "data:/var/lib/data")");
    return std::nullopt;
  }
  while (mount.target.ends_with('/')) mount.target.pop_back();
  return mount;
}

bool VolumeReader::split(VolumeMount& mount) {
  const std::string_view text = node_.text;
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
  const std::string_view mode = second == std::string_view::npos ? "rw" : text.substr(second + 1);
  if (node_.kind != TomlKind::string || first == std::string_view::npos || (mode != "ro" && mode != "rw"))
    return complain("must be SOURCE:TARGET or SOURCE:TARGET:ro",
                    R"(write it as "data:/var/lib/data" or "./files:/files:ro")");
  mount.source = text.substr(0, first);
  mount.target = text.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
  mount.read_only = mode == "ro";
  return true;
}

bool VolumeReader::read_source(VolumeMount& mount) {
  if (mount.source.starts_with('/') || mount.source.starts_with('.')) return read_bind_source(mount);
  if (is_volume_short_name(mount.source)) return true;
  return complain("must begin with a volume's name of [a-z0-9][a-z0-9_-]{0,40}, or with a path",
                  R"(write a name such as "data", or a path beginning with "/" or "./")");
}

bool VolumeReader::read_bind_source(VolumeMount& mount) {
  if (!is_printable(mount.source))
    return complain("must be a path without control characters", R"(write it as "/srv/files:/files:ro")");
  mount.source = (std::filesystem::path(place_.base_directory) / mount.source).lexically_normal().string();
  while (mount.source.size() > 1 && mount.source.ends_with('/')) mount.source.pop_back();
  if (!mount.source.starts_with('/') || mount.source.starts_with("//"))
    return complain("must be absolute on the host", R"(write it as "/srv/files:/files:ro")");
  if (mount.source.find(':') != std::string::npos)
    return complain("must not have ':' in the path on the host", "rename the directory");
  if (const std::string_view why = dangerous_bind(mount.source, mount.read_only); !why.empty())
    return complain(fmt::format("would give the host away: {}", why),
                    "mount a directory of its own, such as \"/srv/shop/files:/files\"");
  if (is_at_or_below(mount.source, place_.state_directory) ||
      is_at_or_below(place_.state_directory, mount.source))
    return complain(fmt::format("would give Halcyon's own records in {} away", place_.state_directory),
                    "mount a directory of its own, such as \"/srv/shop/files:/files\"");
  return true;
}

}  // namespace

std::string_view dangerous_bind(std::string_view path, bool read_only) noexcept {
  constexpr std::string_view k_var_run = "/var/run";  // a link to /run on every distribution of this decade
  if (is_at_or_below(path, k_var_run)) path.remove_prefix(k_var_run.size() - std::string_view("/run").size());
  if (read_only && std::any_of(k_harmless.begin(), k_harmless.end(),
                               [&](std::string_view harmless) { return is_at_or_below(path, harmless); }))
    return {};
  for (const Forbidden& forbidden : k_forbidden)
    if (is_at_or_below(path, forbidden.path) || is_at_or_below(forbidden.path, path)) return forbidden.why;
  return {};
}

std::vector<VolumeMount> read_volumes(const TomlNode* array, const ReadingPlace& place,
                                      std::vector<Problem>& problems) {
  std::vector<VolumeMount> mounts;
  if (array == nullptr) return mounts;
  if (array->kind != TomlKind::array) {
    problems.push_back({array->path, shown_value(*array), "must be an array of texts",
                        R"(write it as ["data:/var/lib/data"])", array->line});
    return mounts;
  }
  for (const TomlNode& item : array->children) {
    const auto mount = VolumeReader(item, place, problems).read();
    if (!mount) continue;
    const bool is_taken = std::any_of(mounts.begin(), mounts.end(), [&](const VolumeMount& other) {
      return other.target == mount->target;
    });
    if (is_taken)
      problems.push_back({item.path, shown_value(item), "must not be mounted where another volume is",
                          "give each volume a target of its own", item.line});
    mounts.push_back(*mount);
  }
  return mounts;
}

}  // namespace halcyon::orchestrator
