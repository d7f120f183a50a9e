// The parts nginx's files are put together from. Private to orchestrator/nginx_files*.cpp.
#pragma once

#include <string>
#include <string_view>

#include "orchestrator/nginx_files.hpp"

namespace halcyon::orchestrator {

/// Text in nginx's syntax, indented by its blocks.
class NginxText {
 public:
  /// One directive or comment, complete with its ';'.
  void line(std::string_view text);
  void open(std::string_view head);
  void close();
  void blank() { text_ += '\n'; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t depth_ = 0;
};

/// The names of everything of one environment that is global in nginx. They cannot meet another
/// environment's: the parts of a name hold no '_' of their own but single ones between letters, so "__" only
/// ever separates.
class NginxVariables {
 public:
  explicit NginxVariables(const NginxDeclaration& declaration) : declaration_(declaration) {}

  std::string log_format() const;                              ///< not a variable, and not bounded in length
  std::string upgrade() const { return variable("upgrade"); }  ///< Upgrade as it is passed on
  std::string connection() const { return variable("connect"); }  ///< Connection as it is passed on
  std::string port() const { return variable("port"); }           ///< ":8080" if the client wrote one
  std::string probe() const { return variable("probe"); }         ///< the X-Halcyon header, or nothing
  std::string logged() const { return variable("logged"); }       ///< 0 for our own probes
  std::string again() const { return variable("again"); }  ///< what becomes of a request without an answer
  std::string gate() const { return variable("gate"); }    ///< 1 if the canary can be seen
  std::string slot() const { return variable("slot"); }    ///< slot of the service that answers
  std::string slot(const Name& service) const { return variable("slot", &service); }

 private:
  std::string variable(std::string_view what, const Name* service = nullptr) const;

  const NginxDeclaration& declaration_;
};

/// What stands at http level: upstreams, maps, the log's format. `generation` is compiled into the probe's
/// answer.
void write_http_part(const NginxDeclaration& declaration, std::string_view generation, NginxText& text);
/// What stands in the server block before its locations: flags, the canary, the log, the probe's header.
void write_server_part(const NginxDeclaration& declaration, NginxText& text);
/// What stands inside each location of one service.
void write_location_body(const NginxDeclaration& declaration, const NginxService& service, NginxText& text);
/// The locations themselves, for a server block that is ours.
void write_locations(const NginxDeclaration& declaration, NginxText& text);

/// 16 hex digits of SHA-256.
std::string short_digest(std::string_view text);
/// A duration as nginx reads it: `250ms`.
std::string nginx_time(milliseconds duration);

/// Throws Error usage at the first value that is outside its grammar.
void check_declaration(const NginxDeclaration& declaration);

}  // namespace halcyon::orchestrator
