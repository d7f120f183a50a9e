// Says what happened in the steps of the demo.
//
//   demo_report step DIRECTORY         the lines of one step
//   demo_report summary DIRECTORY...   a table of all of them
//
// Exit: 0 if all went as it should, 1 if not, 2 if something cannot be read.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string_view>

#include "demo_step.hpp"
#include "demo_text.hpp"

namespace halcyon::demo {
namespace {

constexpr std::size_t k_label_width = 12;

void print_line(std::string_view label, const std::string& text) {
  // Padded before it is painted: colour codes have no width.
  fmt::print("  {}{}\n", paint(fmt::format("{:<10}", label), Colour::dim), text);
}

std::string describe_outcome(const DemoStep& step) {
  if (step.outcome == "deployed" && step.previous_release.empty())
    return "deployed: " + step.release + " serves";
  if (step.outcome == "deployed") {
    return fmt::format("deployed: {} serves, it was {}", step.release, step.previous_release);
  }
  return fmt::format("{}: {} goes on serving", step.outcome, step.release);
}

std::string describe_phases(const DemoStep& step) {
  std::vector<std::string> phases;
  phases.reserve(step.phases.size());
  for (const Phase& phase : step.phases) {
    const std::string suffix = phase.result == "done" ? "" : " " + phase.result;
    phases.push_back(fmt::format("{} {}{}", phase.id, duration(phase.milliseconds), suffix));
  }
  return wrap(phases, ",", k_label_width);
}

std::string describe_times(const DemoStep& step) {
  const std::string all = fmt::format("{} in all", duration(step.milliseconds));
  return step.until_commit_milliseconds == 0 ? all
                                             : fmt::format("{} until the new release serves, {}",
                                                           duration(step.until_commit_milliseconds), all);
}

std::string describe_clients(const Clients& clients) {
  std::vector<std::string> releases;
  releases.reserve(clients.releases.size());
  for (const auto& [release, count] : clients.releases) {
    releases.push_back(fmt::format("{} by release {}", with_commas(count), release));
  }
  return fmt::format("{} answered in {:.1f} s, {} lost, {} wrong, {} cut\n{:{}}{}",
                     with_commas(clients.answered), clients.seconds, clients.lost, clients.wrong,
                     clients.truncated, "", k_label_width, wrap(releases, ",", k_label_width));
}

std::string describe_posts(const Posts& posts) {
  return fmt::format("{} sent, {} answered, {} of them lost, {} done twice", with_commas(posts.sent),
                     with_commas(posts.answered), posts.never_logged, posts.duplicated);
}

int report_step(const DemoStep& step) {
  print_line("outcome", describe_outcome(step));
  if (!step.error.empty()) print_line("it says", wrap_text(step.error, k_label_width));
  print_line("phases", describe_phases(step));
  print_line("time", describe_times(step));
  print_line("requests", step.clients ? describe_clients(*step.clients) : "none: nobody uses it yet");
  if (step.posts) print_line("POSTs", describe_posts(*step.posts));
  const auto fault = find_fault(step);
  print_line("verdict", fault ? paint("NOT as it should: " + *fault, Colour::red)
                              : paint("as it should", Colour::green));
  return fault ? 1 : 0;
}

void print_row(const DemoStep& step) {
  const std::string ready =
      step.until_commit_milliseconds == 0 ? "-" : duration(step.until_commit_milliseconds);
  const auto count = [&step](std::uint64_t Clients::*member) {
    return step.clients ? with_commas((*step.clients).*member) : std::string("-");
  };
  const std::string posts = step.posts ? with_commas(step.posts->never_logged + step.posts->duplicated) : "-";
  const bool is_good = !find_fault(step);
  fmt::print("  {:<26}{}{:>8}{:>8}{:>9}{:>6}{:>6}{:>6}\n", step.title,
             paint(fmt::format("{:<9}", step.outcome), is_good ? Colour::green : Colour::red), ready,
             duration(step.milliseconds), count(&Clients::answered), count(&Clients::lost),
             count(&Clients::wrong), posts);
}

int report_summary(const std::vector<DemoStep>& steps) {
  fmt::print("{}\n", paint(fmt::format("  {:<26}{:<9}{:>8}{:>8}{:>9}{:>6}{:>6}{:>6}", "STEP", "OUTCOME",
                                       "READY", "DONE", "ANSWERED", "LOST", "WRONG", "POSTS"),
                           Colour::dim));
  int faults = 0;
  for (const DemoStep& step : steps) {
    print_row(step);
    if (find_fault(step)) ++faults;
  }
  fmt::print("{}\n",
             paint("  READY: until the new release serves. POSTS: lost, or done twice.", Colour::dim));
  return faults == 0 ? 0 : 1;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2 || (arguments[0] != "step" && arguments[0] != "summary")) {
    fmt::print(stderr, "usage: demo_report step DIRECTORY | summary DIRECTORY...\n");
    return 2;
  }
  std::vector<DemoStep> steps;
  for (std::size_t index = 1; index < arguments.size(); ++index) steps.push_back(read_step(arguments[index]));
  return arguments[0] == "step" ? report_step(steps.front()) : report_summary(steps);
}

}  // namespace
}  // namespace halcyon::demo

int main(int argc, char** argv) {
  try {
    return halcyon::demo::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "demo_report: {}\n", error.what());
    return 2;
  }
}
