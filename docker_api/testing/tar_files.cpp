#include "docker_api/testing/tar_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace halcyon::docker_api::fake {
namespace {

constexpr std::size_t k_block = 512;

std::string field(std::string_view block, std::size_t at, std::size_t size) {
  const std::string_view raw = block.substr(at, size);
  return std::string(raw.substr(0, std::min(raw.find('\0'), raw.size())));
}

std::uint64_t octal(std::string_view block, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (const char digit : block.substr(at, size)) {
    if (digit >= '0' && digit <= '7') value = value * 8 + static_cast<std::uint64_t>(digit - '0');
  }
  return value;
}

std::size_t padded(std::size_t size) { return (size + k_block - 1) / k_block * k_block; }

bool is_header(std::string_view block) {
  std::uint64_t sum = std::uint64_t{8} * ' ';
  for (std::size_t i = 0; i < k_block; ++i) {
    if (i < 148 || i >= 156) sum += static_cast<unsigned char>(block[i]);
  }
  return sum == octal(block, 148, 8);
}

std::string header_block(const std::string& name, std::size_t size, std::uint32_t mode) {
  std::string block(k_block, '\0');
  const auto put = [&block](std::size_t at, const std::string& text) {
    block.replace(at, text.size(), text);
  };
  put(0, name.substr(0, 100));
  put(100, fmt::format("{:07o}", mode & 07777U));
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", size));
  put(136, "00000000000");
  put(148, "        ");
  block[156] = '0';
  put(257, std::string("ustar\0"
                       "00",
                       8));
  const unsigned sum = std::accumulate(block.begin(), block.end(), 0U, [](unsigned total, char byte) {
    return total + static_cast<unsigned char>(byte);
  });
  put(148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return block;
}

}  // namespace

std::optional<std::map<std::string, File>> read_tar(std::string_view bytes) {
  std::map<std::string, File> files;
  std::string long_name;
  while (bytes.size() >= k_block) {
    const std::string_view block = bytes.substr(0, k_block);
    if (block.find_first_not_of('\0') == std::string_view::npos) return files;
    if (!is_header(block)) return std::nullopt;
    const std::size_t size = octal(block, 124, 12);
    if (bytes.size() < k_block + size) return std::nullopt;
    const std::string content(bytes.substr(k_block, size));
    const char type = block[156];
    if (type == 'L') {
      long_name = content.substr(0, content.find('\0'));
    } else {
      std::string name = long_name.empty() ? field(block, 0, 100) : std::exchange(long_name, "");
      const std::string prefix =
          block.substr(257, 6) == std::string_view("ustar\0", 6) ? field(block, 345, 155) : "";
      if (!prefix.empty()) name.insert(0, prefix + "/");
      if (type == '0' || type == '\0') {
        files[absolute_path(name)] = {content, static_cast<std::uint32_t>(octal(block, 100, 8))};
      }
    }
    bytes.remove_prefix(std::min(bytes.size(), k_block + padded(size)));
  }
  return std::nullopt;
}

std::string write_tar(const std::map<std::string, File>& files) {
  std::string archive;
  for (const auto& [name, file] : files) {
    archive += header_block(name, file.content.size(), file.mode) + file.content;
    archive.resize(padded(archive.size()), '\0');
  }
  return archive.append(2 * k_block, '\0');
}

std::string absolute_path(std::string_view name) {
  std::string path;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('/'));
    name.remove_prefix(std::min(name.size(), part.size() + 1));
    if (!part.empty() && part != ".") path.append("/").append(part);
  }
  return path.empty() ? "/" : path;
}

}  // namespace halcyon::docker_api::fake
