// What a Dockerfile says, as far as nothing has to be run for it. Private to docker_api/testing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "docker_api/testing/image.hpp"

namespace halcyon::docker_api::fake {

struct Instruction {
  std::string word;       ///< "COPY"
  std::string arguments;  ///< the rest of the line
  std::string line;       ///< as it stands there
};

/// Lines, with continuations joined, without comments.
std::vector<Instruction> parse_dockerfile(const std::string& text);

/// Applies one instruction other than FROM and COPY. RUN changes nothing here. Errors: Refusal for unknown
/// ones.
void apply_instruction(const Instruction& instruction, Image& image);
/// COPY and ADD of single files and whole directories of the context. Errors: Refusal with the builder's
/// words.
void copy_files(const Instruction& instruction, const std::map<std::string, File>& context, Image& image);

}  // namespace halcyon::docker_api::fake
