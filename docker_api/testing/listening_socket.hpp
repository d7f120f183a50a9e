// The fake engine's listening socket and what it accepts. Private to docker_api/testing.
#pragma once

#include <cstdint>
#include <string>

#include "docker_api/engine_address.hpp"
#include "docker_api/file_descriptor.hpp"
#include "docker_api/testing/fake_engine.hpp"

namespace halcyon::docker_api::fake {

/// Owns: the socket, and for a unix socket its directory.
class ListeningSocket {
 public:
  explicit ListeningSocket(Transport transport);
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  /// Listens, again after close(), at the same address. Errors: std::system_error.
  void open();
  /// Connecting is refused from now on; a unix socket's file stays, as after a kill.
  void close();
  int fd() const noexcept { return socket_.get(); }
  /// The next connection, not blocking; -1 if there is none.
  int accept();
  EngineAddress address() const;

 private:
  void open_unix();
  void open_tcp();

  Transport transport_;
  FileDescriptor socket_;
  std::string directory_;
  std::uint16_t port_ = 0;
};

}  // namespace halcyon::docker_api::fake
