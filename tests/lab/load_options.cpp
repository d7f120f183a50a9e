// The command line of the load generator.
#include "load_options.h"

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace halcyon::lab {
namespace {

namespace asio = boost::asio;
using Milliseconds = std::chrono::milliseconds;

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Only literal addresses: a name would bring the resolver's own delays and failures into the figures.
asio::ip::tcp::endpoint parse_url(const std::string& url) {
  constexpr std::string_view k_scheme = "http://";
  const std::string_view text = url;
  if (text.starts_with(k_scheme)) {
    std::string_view authority = text.substr(k_scheme.size());
    authority = authority.substr(0, authority.find('/'));
    const auto colon = authority.rfind(':');
    const auto port = colon == std::string_view::npos
                          ? std::optional<std::uint16_t>{80}
                          : whole_number<std::uint16_t>(authority.substr(colon + 1));
    boost::system::error_code problem;
    const auto address = asio::ip::make_address(std::string{authority.substr(0, colon)}, problem);
    if (!problem && port.has_value()) return {address, *port};
  }
  throw std::invalid_argument{"--url " + url + " is not http://ADDRESS:PORT with a literal address"};
}

void parse_think(const std::string& range, LoadOptions& options) {
  const auto dash = range.find('-');
  const std::string_view text = range;
  const auto low = whole_number<std::uint32_t>(text.substr(0, dash));
  const auto high = dash == std::string::npos ? low : whole_number<std::uint32_t>(text.substr(dash + 1));
  if (!low.has_value() || !high.has_value() || *low > *high) {
    throw std::invalid_argument{"--think " + range + " is not MIN-MAX in milliseconds"};
  }
  options.think_min = Milliseconds{*low};
  options.think_max = Milliseconds{*high};
}

void parse_expectation(const std::string& text, LoadOptions& options) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw std::invalid_argument{"--expect-header " + text + " is not NAME=VALUE[,VALUE...]"};
  }
  options.expected_header = text.substr(0, equals);
  for (std::size_t begin = equals + 1; begin <= text.size();) {
    const auto comma = std::min(text.find(',', begin), text.size());
    options.expected_values.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
}

}  // namespace

std::optional<CommandLine> parse_command_line(int count, const char* const* arguments) {
  CommandLine line;
  LoadOptions& load = line.load;
  CheckPostsOptions check;
  std::string url;
  std::string think = "0-20";
  std::string expectation;
  double seconds = 0;
  unsigned slow_ms = 300;
  unsigned upload_ms = 300;
  unsigned timeout_ms = 30'000;

  CLI::App app{"Open-loop HTTP load that never retries and counts every request that was not answered."};
  app.add_option("--url", url, "http://ADDRESS:PORT");
  app.add_option("--host", load.host, "Host header");
  app.add_option("--keepalive", load.keepalive_clients, "clients that each keep one connection");
  app.add_option("--think", think, "MIN-MAX ms between the requests of a keep-alive client (0-20)");
  app.add_option("--fresh", load.fresh_rate, "GET / a second, each on a new connection");
  app.add_option("--post", load.post_rate, "POST /echo a second, bodies of 0-64 KiB");
  app.add_option("--slow", load.slow_rate, "GET /slow a second");
  app.add_option("--slow-ms", slow_ms, "how long a slow answer takes (300)");
  app.add_option("--slow-bytes", load.slow_bytes, "how long a slow answer is (20000)");
  app.add_option("--upload", load.upload_rate, "POST /echo a second whose bodies are sent slowly");
  app.add_option("--upload-ms", upload_ms, "how long sending such a body takes (300)");
  app.add_option("--websocket", load.websockets, "WebSocket clients, one message a second each");
  app.add_option("--seconds", seconds, "ends after this time");
  app.add_flag("--until-stdin-closes", load.until_stdin_closes, "ends when the standard input is closed");
  app.add_option("--timeout-ms", timeout_ms, "of one request (30000)");
  app.add_option("--seed", load.seed, "of think times and bodies (1)");
  app.add_option("--expect-header", expectation, "NAME=VALUE[,VALUE...]; any other answer is wrong");
  app.add_option("--report", load.report_file, "write the report here too");
  app.add_option("--posts", load.posts_file, "write a line `id outcome` for each POST");
  app.add_option("--record-lost", load.record_lost_file, "write a line for each request that failed");
  app.add_flag("--progress", load.shows_progress, "a JSON line on stderr each second");
  CLI::App* check_posts = app.add_subcommand("check-posts", "compares posts sent with posts logged");
  check_posts->add_option("--sent", check.sent_file, "the file of --posts")->required();
  check_posts->add_option("--logged", check.logged_files, "logs of the sample application")->required();

  try {
    app.parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help("", CLI::AppFormatMode::All);
    return std::nullopt;
  } catch (const CLI::Error& problem) {
    throw std::invalid_argument{problem.what()};
  }
  if (check_posts->parsed()) {
    line.check_posts = check;
    return line;
  }
  if (url.empty()) throw std::invalid_argument{"--url is missing"};
  load.target = parse_url(url);
  if (load.host.empty()) load.host = url.substr(std::string_view{"http://"}.size());
  parse_think(think, load);
  if (!expectation.empty()) parse_expectation(expectation, load);
  if (seconds > 0) load.duration = Milliseconds{static_cast<std::int64_t>(seconds * 1000)};
  if (!load.duration.has_value() && !load.until_stdin_closes) {
    throw std::invalid_argument{"--seconds or --until-stdin-closes is missing: when does it end?"};
  }
  load.slow_duration = Milliseconds{slow_ms};
  load.upload_duration = Milliseconds{upload_ms};
  load.timeout = Milliseconds{timeout_ms};
  const double rates = load.fresh_rate + load.post_rate + load.slow_rate + load.upload_rate;
  if (load.keepalive_clients + load.websockets == 0 && rates <= 0) {
    throw std::invalid_argument{
        "nothing to send: give --keepalive, --fresh, --post, --slow, --upload or --websocket"};
  }
  return line;
}

}  // namespace halcyon::lab
