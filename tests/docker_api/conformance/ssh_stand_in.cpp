// Stands for the ssh program: hands its standard input, one end of the client's socket pair, to the test that
// waits at the socket HALCYON_TEST_WIRE, and lives as long as the test's end of that does.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

int connect_to_test() {
  const char* const path = std::getenv("HALCYON_TEST_WIRE");
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (path == nullptr || std::strlen(path) >= sizeof where.sun_path) return -1;
  std::strcpy(where.sun_path, path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 ? fd : -1;
}

bool hand_over(int control, int fd) {
  char byte = 0;
  iovec bytes{&byte, 1};
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return ::sendmsg(control, &message, MSG_NOSIGNAL) == 1;
}

}  // namespace

int main() {
  const int control = connect_to_test();
  if (control < 0 || !hand_over(control, STDIN_FILENO)) return 255;
  ::close(STDIN_FILENO);
  ::close(STDOUT_FILENO);
  char byte = 0;
  while (::read(control, &byte, 1) > 0) {
  }
  ::_exit(0);  // at once, as ssh does: no look for leaks
}
