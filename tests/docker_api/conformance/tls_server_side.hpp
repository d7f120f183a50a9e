// The server's half of TLS as a thing that turns bytes into bytes; whoever has it moves them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tests/support/tls_front.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace halcyon::docker_api {

class TlsServerContext {
 public:
  TlsServerContext(const test_support::Certificates& certificates, test_support::TlsVersion version);
  ssl_ctx_st* get() const noexcept { return context_.get(); }

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

class TlsServerSide {
 public:
  explicit TlsServerSide(const TlsServerContext& context);

  /// Takes what came from the client; gives back what it said in plain. What is to be sent then waits in
  /// take_output().
  std::string decrypt(std::string_view from_client);
  /// Nothing more will come: the client has sent its close_notify, or something that is no TLS.
  bool has_ended() const noexcept { return ended_; }
  /// Each call makes records of its own.
  std::string encrypt(std::string_view plain);
  std::string take_output();
  /// Our close_notify.
  std::string end();

 private:
  std::shared_ptr<ssl_st> ssl_;
  bool ended_ = false;
};

}  // namespace halcyon::docker_api
