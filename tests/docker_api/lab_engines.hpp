// The engines of the lab, for the life-cycle suite and what is built on it.
#pragma once

#include "tests/docker_api/life_cycle_suite.hpp"

namespace halcyon::docker_api {

/// The engine's own socket; plain TCP; TLS with certificates on both sides; ssh to localhost. Addresses and
/// files are read only when a test runs, so that tests can be listed without a lab.
EngineUnderTest unix_engine();
EngineUnderTest tcp_engine();
EngineUnderTest tls_engine();
EngineUnderTest ssh_engine();
EngineUnderTest podman_engine();

/// Where the lab's certificates are: ca.pem, cert.pem, key.pem.
TlsSettings certificates_in(const std::string& directory);

}  // namespace halcyon::docker_api
