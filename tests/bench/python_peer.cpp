#include "python_peer.hpp"

#include <sstream>

#include "processes.hpp"

namespace halcyon::bench {

std::map<std::string, double> run_python_peer(const LabEnvironment& lab, const std::string& docker_host,
                                              const std::vector<std::string>& arguments) {
  // Debian's python, which Debian's python3-docker is for.
  std::vector<std::string> command{
      "/usr/bin/env", "DOCKER_HOST=" + docker_host, "/usr/bin/python3", "-I", lab.python_peer(), docker_host};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::map<std::string, double> figures;
  std::istringstream lines(run_or_throw(lab, command).output);
  std::string name;
  double value = 0;
  while (lines >> name >> value) figures[name] = value;
  return figures;
}

}  // namespace halcyon::bench
