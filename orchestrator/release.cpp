#include "orchestrator/release.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>

#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {
namespace {

using nlohmann::json;

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw Error(Outcome::needs_operator, "cannot compute SHA-256: the OpenSSL library refuses it");
  }
  std::string text;
  for (unsigned int index = 0; index < length; ++index) text += fmt::format("{:02x}", digest.at(index));
  return text;
}

json gate_to_json(const Gate& gate) {
  return {{"path", gate.path},
          {"host", gate.host},
          {"statuses", gate.statuses},
          {"contains", gate.contains},
          {"release_header", gate.release_header},
          {"successes", gate.successes},
          {"interval_ms", gate.interval.count()},
          {"request_timeout_ms", gate.request_timeout.count()},
          {"deadline_ms", gate.deadline.count()}};
}

Gate gate_from_json(const json& from) {
  Gate gate;
  from.at("path").get_to(gate.path);
  from.at("host").get_to(gate.host);
  from.at("statuses").get_to(gate.statuses);
  from.at("contains").get_to(gate.contains);
  from.at("release_header").get_to(gate.release_header);
  from.at("successes").get_to(gate.successes);
  gate.interval = milliseconds(from.at("interval_ms").get<std::int64_t>());
  gate.request_timeout = milliseconds(from.at("request_timeout_ms").get<std::int64_t>());
  gate.deadline = milliseconds(from.at("deadline_ms").get<std::int64_t>());
  return gate;
}

/// What a container is made from. The values of environment variables are kept elsewhere.
json container_to_json(const Service& service) {
  json volumes = json::array();
  for (const VolumeMount& volume : service.volumes) {
    volumes.push_back(
        {{"source", volume.source}, {"target", volume.target}, {"read_only", volume.read_only}});
  }
  return {{"port", service.port},
          {"replicas", service.replicas},
          {"command", service.command},
          {"entrypoint", service.entrypoint},
          {"volumes", volumes},
          {"memory_bytes", service.memory_bytes},
          {"nano_cpus", service.nano_cpus},
          {"pids_limit", service.pids_limit},
          {"user", service.user},
          {"read_only_root", service.read_only_root},
          {"cap_drop", service.cap_drop},
          {"cap_add", service.cap_add},
          {"stop_signal", service.stop_signal},
          {"stop_timeout_s", service.stop_timeout.count()}};
}

void container_from_json(const json& from, Service& service) {
  from.at("port").get_to(service.port);
  from.at("replicas").get_to(service.replicas);
  from.at("command").get_to(service.command);
  from.at("entrypoint").get_to(service.entrypoint);
  for (const json& volume : from.at("volumes")) {
    service.volumes.push_back({volume.at("source").get<std::string>(), volume.at("target").get<std::string>(),
                               volume.at("read_only").get<bool>()});
  }
  from.at("memory_bytes").get_to(service.memory_bytes);
  from.at("nano_cpus").get_to(service.nano_cpus);
  from.at("pids_limit").get_to(service.pids_limit);
  from.at("user").get_to(service.user);
  from.at("read_only_root").get_to(service.read_only_root);
  from.at("cap_drop").get_to(service.cap_drop);
  from.at("cap_add").get_to(service.cap_add);
  from.at("stop_signal").get_to(service.stop_signal);
  service.stop_timeout = seconds(from.at("stop_timeout_s").get<std::int64_t>());
}

json service_to_json(const ReleaseService& entry) {
  return {{"image", entry.reference},
          {"repository", entry.service.image.repository},
          {"pull", to_string(entry.service.pull)},
          {"digest", entry.digest.value},
          {"image_id", entry.image.value},
          {"hash", entry.hash},
          {"container", container_to_json(entry.service)},
          {"gate", gate_to_json(entry.service.gate)},
          {"drain_max_ms", entry.service.drain_max.count()}};
}

ReleaseService service_from_json(const std::string& name, const json& from) {
  const auto parsed_name = Name::parse(name);
  if (!parsed_name) throw std::invalid_argument("bad service name");
  ReleaseService entry{.service = Service{.name = *parsed_name}};
  from.at("image").get_to(entry.reference);
  from.at("repository").get_to(entry.service.image.repository);
  entry.service.pull = from.at("pull").get<std::string>() == to_string(PullPolicy::never)
                           ? PullPolicy::never
                           : PullPolicy::missing;
  from.at("digest").get_to(entry.digest.value);
  from.at("image_id").get_to(entry.image.value);
  from.at("hash").get_to(entry.hash);
  container_from_json(from.at("container"), entry.service);
  entry.service.gate = gate_from_json(from.at("gate"));
  entry.service.drain_max = milliseconds(from.at("drain_max_ms").get<std::int64_t>());
  return entry;
}

}  // namespace

const ReleaseService* Release::find_service(std::string_view name) const {
  const auto found = services.find(std::string(name));
  return found == services.end() ? nullptr : &found->second;
}

std::string hash_release_service(const ReleaseService& service, const EnvironmentValues& values) {
  const json all{{"image", service.image.value},
                 {"container", container_to_json(service.service)},
                 {"environment", values}};
  return sha256_hex(all.dump(-1, ' ', true, json::error_handler_t::replace));
}

std::string to_json_text(const Release& release) {
  json services = json::object();
  for (const auto& [name, entry] : release.services) services[name] = service_to_json(entry);
  return json{{"format", 1},
              {"release", release.id},
              {"created_at", release.created_at},
              {"actor", release.actor},
              {"services", services}}
             .dump(2, ' ', true, json::error_handler_t::replace) +
         "\n";
}

Release parse_release(std::string_view text) {
  try {
    const json from = json::parse(text);
    Release release;
    from.at("release").get_to(release.id);
    from.at("created_at").get_to(release.created_at);
    from.at("actor").get_to(release.actor);
    for (const auto& [name, entry] : from.at("services").items()) {
      release.services.emplace(name, service_from_json(name, entry));
    }
    return release;
  } catch (const std::exception& wrong) {
    throw Error(Outcome::needs_operator,
                fmt::format("cannot read a release record: {}. Restore the file from a backup "
                            "of the state directory, or promote a tag: that writes a new record",
                            wrong.what()));
  }
}

std::string to_json_text(const EnvironmentValues& values) {
  return json(values).dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
}

EnvironmentValues parse_environment_values(std::string_view text) {
  try {
    return json::parse(text).get<EnvironmentValues>();
  } catch (const std::exception&) {
    // The parser's own text could show a value.
    throw Error(Outcome::needs_operator,
                "cannot read a release's environment values: the file is damaged. Restore it "
                "from a backup of the state directory, or promote by tag instead");
  }
}

}  // namespace halcyon::orchestrator
