// thread_writer FILE: a thread that is not the first one creates the file. For the driver's own test.
#include <fstream>
#include <thread>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::thread([argv] { std::ofstream(argv[1]) << "written"; }).join();
  return 0;
}
