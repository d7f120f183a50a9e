// POST /build with a tar context: an image that says what its Dockerfile says.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/testing/dockerfile.hpp"
#include "docker_api/testing/handlers.hpp"
#include "docker_api/testing/image_names.hpp"
#include "docker_api/testing/message_lines.hpp"
#include "docker_api/testing/tar_files.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

std::string stream_line(const std::string& text) { return message_line({{"stream", text}}); }

void begin_from(Core& core, const Instruction& instruction, Image& image) {
  if (instruction.arguments == "scratch") return;
  const StoredImage* base = core.find_image(instruction.arguments);
  if (base == nullptr) {
    throw Refusal{404, fmt::format("manifest for {} not found: manifest unknown: manifest unknown",
                                   familiar(instruction.arguments))};
  }
  image = base->image;
}

void run_instruction(Core& core, const Instruction& instruction, const std::map<std::string, File>& context,
                     Image& image) {
  if (instruction.word == "FROM") {
    begin_from(core, instruction, image);
  } else if (instruction.word == "COPY" || instruction.word == "ADD") {
    copy_files(instruction, context, image);
  } else {
    apply_instruction(instruction, image);
  }
}

std::vector<std::string> read_names(const Request& request) {
  std::vector<std::string> names;
  for (const auto& [key, value] : request.query) {
    if (key != "t") continue;
    names.push_back(familiar(value));
    if (names.back().empty()) throw Refusal{400, "invalid reference format"};
  }
  return names;
}

}  // namespace

Answer build_image(Core& core, const Call& call) {
  if (call.request.parameter("version") == "2") throw Refusal{501, "the fake engine has no BuildKit"};
  if (call.request.has_parameter("remote")) throw Refusal{501, "the fake engine builds from a context only"};
  const auto names = read_names(call.request);
  const auto context = read_tar(call.request.body);
  if (!context) throw Refusal{500, "archive/tar: invalid tar header"};
  const std::string file =
      call.request.has_parameter("dockerfile") ? call.request.parameter("dockerfile") : "Dockerfile";
  const auto found = context->find(absolute_path(file));
  if (found == context->end())
    throw Refusal{500, fmt::format("Cannot locate specified Dockerfile: {}", file)};

  Answer answer{.headers = {{"Content-Type", "application/json"}}};
  const auto instructions = parse_dockerfile(found->second.content);
  Image image;
  for (std::size_t step = 0; step < instructions.size(); ++step) {
    answer.messages.push_back(
        stream_line(fmt::format("Step {}/{} : {}", step + 1, instructions.size(), instructions[step].line)));
    answer.messages.push_back(stream_line("\n"));
    try {
      run_instruction(core, instructions[step], *context, image);
    } catch (const Refusal& refusal) {
      answer.messages.push_back(error_line(refusal.message));
      return answer;
    }
    answer.messages.push_back(stream_line(fmt::format(" ---> {}\n", short_id(id_of(image).value))));
  }
  const json labels = json::parse(call.request.parameter("labels"), nullptr, false);
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) image.labels[key] = value;
  }
  core.effect("image.build", names.empty() ? id_of(image).value : names.front());
  StoredImage& stored = store_image(core, image);
  for (const std::string& name : names) give_name(core, stored, name);
  answer.messages.push_back(message_line({{"aux", {{"ID", stored.id}}}}));
  answer.messages.push_back(stream_line(fmt::format("Successfully built {}\n", short_id(stored.id))));
  for (const std::string& name : names) {
    answer.messages.push_back(stream_line(fmt::format("Successfully tagged {}\n", name)));
  }
  return answer;
}

}  // namespace halcyon::docker_api::fake
