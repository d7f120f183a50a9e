// The advice follows what registry and engine say.
#include "orchestrator/registry_advice.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>
#include <utility>

namespace halcyon::orchestrator {
namespace {

using docker_api::ErrorKind;

struct SaidByRegistry {
  ErrorKind kind;
  std::optional<int> status;
  std::string engine_text;
  RegistryRefusal refusal;
};

TEST(RegistryAdvice, a_refusal_is_known_by_status_and_words) {
  const SaidByRegistry cases[] = {
      {ErrorKind::unauthorized, 401, "", RegistryRefusal::wants_credentials},
      {ErrorKind::refused, 500, "Get \"https://r.io/v2/\": no basic auth credentials",
       RegistryRefusal::wants_credentials},
      {ErrorKind::not_found, 404,
       "pull access denied for r.io/web, repository does not exist or may require 'docker login': denied: "
       "requested access to the resource is denied",
       RegistryRefusal::wants_credentials},
      {ErrorKind::refused, 429, "", RegistryRefusal::limits_requests},
      {ErrorKind::in_stream,
       {},
       "toomanyrequests: You have reached your pull rate limit.",
       RegistryRefusal::limits_requests},
      {ErrorKind::refused, 500, "received unexpected HTTP status: 429 Too Many Requests",
       RegistryRefusal::limits_requests},
      {ErrorKind::not_found, 404, "no such image", RegistryRefusal::has_no_such_image},
      {ErrorKind::in_stream,
       {},
       "manifest for r.io/web:2 not found: manifest unknown: manifest unknown",
       RegistryRefusal::has_no_such_image},
      {ErrorKind::timeout, {}, "", RegistryRefusal::silent},
      {ErrorKind::refused, 500, "dial tcp: lookup r.io: no such host", RegistryRefusal::other},
      {ErrorKind::in_stream,
       {},
       "write /var/lib/docker/tmp/x: no space left on device",
       RegistryRefusal::other},
  };
  for (const SaidByRegistry& one : cases) {
    const docker_api::Error error(
        {.kind = one.kind, .http_status = one.status, .engine_text = one.engine_text});
    EXPECT_EQ(judge_registry(error), one.refusal) << error.what();
  }
}

TEST(RegistryAdvice, says_what_to_do_about_that_registry) {
  const auto reference = docker_api::parse_image_reference("r.io:5000/web:2");
  const std::pair<RegistryRefusal, std::string_view> cases[] = {
      {RegistryRefusal::wants_credentials, "docker login r.io:5000"},
      {RegistryRefusal::limits_requests, "wait some minutes"},
      {RegistryRefusal::has_no_such_image, "was that tag pushed?"},
      {RegistryRefusal::silent, "pull_idle"},
      {RegistryRefusal::other, "Is r.io:5000/web:2 right, can this host reach the registry r.io:5000"},
  };
  for (const auto& [refusal, words] : cases) {
    const std::string advice = advise_on_registry(refusal, reference);
    EXPECT_NE(advice.find(words), std::string::npos) << advice;
  }
}

}  // namespace
}  // namespace halcyon::orchestrator
