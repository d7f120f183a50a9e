// What an operation is given when nobody watches and nobody interrupts it.
#pragma once

#include <functional>
#include <string>

#include "orchestrator/events.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::orchestrator {

class NoEvents final : public EventSink {
  void on_event(const Event&) override {}
};

class NoInterrupt final : public Interrupt {
 public:
  bool requested() const noexcept override { return false; }
  std::string reason() const override { return {}; }
  void on_request(std::function<void()>) override {}
};

}  // namespace halcyon::orchestrator
