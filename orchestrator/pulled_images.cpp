#include "orchestrator/pulled_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "backup/durable_file.hpp"
#include "docker_api/error.hpp"
#include "docker_api/images.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using ImageNames = std::set<std::string>;

constexpr mode_t k_list_mode = 0644;

ImageNames read_pulled(const StateDirectory& directory) {
  ImageNames names;
  const std::string text = backup::read_file(directory.pulled_images()).value_or("");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) names.insert(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

void write_pulled(const StateDirectory& directory, const ImageNames& names) {
  if (names.empty()) {
    backup::remove_file(directory.pulled_images());
  } else {
    backup::replace_file(directory.pulled_images(), fmt::format("{}\n", fmt::join(names, "\n")), k_list_mode);
  }
}

std::string pulled_name(const ReleaseService& entry) {
  return entry.service.image.repository + "@" + entry.digest.value;
}

/// What the releases need that a rollback can still mean; nothing if that cannot be found out.
std::optional<ImageNames> find_needed(const Promotion& promotion) {
  const auto& releases = promotion.state.releases;
  const auto keep = static_cast<std::size_t>(promotion.environment().keep_releases);
  std::set<std::string> kept{promotion.state.current, promotion.state.previous};
  for (std::size_t index = releases.size() - std::min(keep, releases.size()); index < releases.size();
       ++index)
    kept.insert(releases[index].id);
  kept.erase("");
  ImageNames needed;
  try {
    for (const std::string& id : kept) {
      for (const auto& [name, entry] : promotion.directory.read_release(id).services)
        needed.insert(pulled_name(entry));
    }
  } catch (const Error&) {
    return std::nullopt;  // a record cannot be read: better keep an image too many
  }
  return needed;
}

/// False if it must be tried again.
asio::awaitable<bool> remove_pulled(Promotion& promotion, std::string name) {
  try {
    co_await docker_api::remove_image(promotion.engine(), name);
  } catch (const docker_api::Error& error) {
    if (error.kind() == docker_api::ErrorKind::cancelled) throw;
    if (error.kind() != docker_api::ErrorKind::conflict)
      promotion.note(
          fmt::format("the image {}, which no release needs any more, could not be removed: {}. The next "
                      "promotion tries again",
                      name, error.what()));
    co_return false;
  }
  co_return true;
}

}  // namespace

asio::awaitable<void> note_images_to_pull(Promotion& promotion) {
  const ImageNames noted = read_pulled(promotion.directory);
  ImageNames names = noted;
  for (const auto& [service, entry] : promotion.release.services) {
    if (entry.digest.empty()) continue;
    const auto image = co_await docker_api::find_image(promotion.engine(), pulled_name(entry));
    if (!image) names.insert(pulled_name(entry));
  }
  if (names != noted) write_pulled(promotion.directory, names);
}

asio::awaitable<void> remove_unneeded_images(Promotion& promotion) {
  const ImageNames noted = read_pulled(promotion.directory);
  if (noted.empty()) co_return;
  const auto needed = find_needed(promotion);
  if (!needed) co_return;
  ImageNames left = noted;
  for (const std::string& name : noted) {
    if (!needed->contains(name) && co_await remove_pulled(promotion, name)) left.erase(name);
  }
  if (left != noted) write_pulled(promotion.directory, left);
}

}  // namespace halcyon::orchestrator
