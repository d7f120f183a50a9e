// The program halcyon. The commands are in commands.cpp.
#include "cli/program.hpp"

int main(int argc, char** argv) {
  halcyon::cli::prepare_process();
  halcyon::cli::DescriptorOutput standard_output(1);
  halcyon::cli::DescriptorOutput standard_error(2);
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return halcyon::cli::run_program(words, halcyon::cli::read_surroundings(), standard_output, standard_error);
}
