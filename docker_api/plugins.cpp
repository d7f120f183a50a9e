#include "docker_api/plugins.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// Types come as text from some engines and as {"Prefix","Capability","Version"} from others.
std::string parse_type(const json& type) {
  if (type.is_string()) return type.get<std::string>();
  return get_string(type, "Prefix") + '.' + get_string(type, "Capability") + '/' +
         get_string(type, "Version");
}

PluginDetails parse_plugin(const json& body) {
  const json& config = get_field(body, "Config");
  const json& interface = get_field(config, "Interface");
  PluginDetails plugin{.id = get_string(body, "Id"),
                       .name = get_string(body, "Name"),
                       .enabled = get_bool(body, "Enabled"),
                       .reference = get_string(body, "PluginReference"),
                       .description = get_string(config, "Description"),
                       .interface_socket = get_string(interface, "Socket")};
  for (const json& type : get_list(interface, "Types")) plugin.interface_types.push_back(parse_type(type));
  return plugin;
}

}  // namespace

asio::awaitable<std::vector<PluginDetails>> list_plugins(Engine& engine, Filters filters) {
  co_return co_await list_for(engine, {.path = "/plugins", .query = filter_query(filters)}, parse_plugin);
}

}  // namespace halcyon::docker_api
