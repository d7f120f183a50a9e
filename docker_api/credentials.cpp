#include "docker_api/credentials.hpp"

#include <algorithm>

#include "docker_api/child_process.hpp"
#include "docker_api/credential_helper.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_docker_hub_key = "https://index.docker.io/v1/";

bool holds_something(const RegistryCredentials& account) {
  return !account.username.empty() || !account.password.empty() || !account.identity_token.empty() ||
         !account.registry_token.empty();
}

bool knows_no_account(const DockerConfig& config) {
  return config.auths.empty() && config.credentials_store.empty() && config.credential_helpers.empty();
}

/// The store that the CLI takes on Linux if nothing is configured: only if its helper is installed.
std::string find_default_store(const Surroundings& surroundings) {
  const std::string search_path = surroundings.variable("PATH");
  const std::string store = find_program(search_path, "pass") ? "pass" : "secretservice";
  return find_program(search_path, "docker-credential-" + store) ? store : "";
}

}  // namespace

std::string credentials_key(std::string_view registry) {
  if (registry == "docker.io" || registry == "index.docker.io") return std::string(k_docker_hub_key);
  return std::string(registry);
}

std::string host_of_stored_key(std::string_view key) {
  const std::size_t scheme = key.find("://");
  if (scheme == std::string_view::npos) return std::string(key.substr(0, key.find('/')));
  std::string_view host = key.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (const std::size_t user = host.rfind('@'); user != std::string_view::npos) host.remove_prefix(user + 1);
  if (host.ends_with(':')) host.remove_suffix(1);
  // Brackets are for telling the port: without one the CLI has the bare address.
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

std::optional<RegistryCredentials> find_stored_credentials(const RegistryAccounts& accounts,
                                                           const std::string& key) {
  auto found = accounts.find(key);
  if (found == accounts.end()) {
    found = std::find_if(accounts.begin(), accounts.end(),
                         [&](const auto& entry) { return host_of_stored_key(entry.first) == key; });
  }
  if (found == accounts.end() || !holds_something(found->second)) return std::nullopt;
  return found->second;
}

std::string choose_credential_helper(const Surroundings& surroundings, const DockerConfig& config,
                                     const std::string& key) {
  if (const auto own = config.credential_helpers.find(key); own != config.credential_helpers.end())
    return own->second;
  if (knows_no_account(config)) return find_default_store(surroundings);
  return config.credentials_store;
}

asio::awaitable<std::optional<RegistryCredentials>> find_credentials(Surroundings surroundings,
                                                                     DockerConfig config,
                                                                     std::string registry,
                                                                     std::chrono::milliseconds deadline) {
  const std::string key = credentials_key(registry);
  if (std::string text = surroundings.variable("DOCKER_AUTH_CONFIG"); !text.empty()) {
    const CleanseAtEnd cleanse_text(text);
    const RegistryAccounts accounts = parse_auth_config(text);
    if (const auto found = accounts.find(key); found != accounts.end()) co_return found->second;
  }
  std::string helper = choose_credential_helper(surroundings, config, key);
  if (helper.empty()) co_return find_stored_credentials(config.auths, key);
  co_return co_await ask_credential_helper(std::move(surroundings), std::move(helper), key, deadline);
}

}  // namespace halcyon::docker_api
