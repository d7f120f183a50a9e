// An HTTP answer's bytes, parsed. Private to docker_api; only http.cpp includes it, because Beast takes long
// to compile.
#pragma once

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "docker_api/http.hpp"

namespace halcyon::docker_api {

/// Beast's parser without Beast's containers: the head goes straight into our response, the body is handed
/// out in place.
class ResponseParser final : public boost::beast::http::basic_parser<false> {
 public:
  ResponseParser(bool without_body, std::size_t head_limit_bytes) {
    body_limit(boost::none);
    header_limit(static_cast<std::uint32_t>(
        std::min<std::size_t>(head_limit_bytes, std::numeric_limits<std::uint32_t>::max())));
    eager(false);  // one piece of body per put(), so that a view of it is enough
    skip(without_body);
    head.headers.reserve(16);
  }

  HttpResponse head;
  std::string_view piece;

 private:
  void on_request_impl(boost::beast::http::verb, boost::beast::string_view, boost::beast::string_view, int,
                       boost::system::error_code&) override {}
  void on_response_impl(int code, boost::beast::string_view, int, boost::system::error_code&) override {
    head.status = code;
  }
  void on_field_impl(boost::beast::http::field, boost::beast::string_view name,
                     boost::beast::string_view value, boost::system::error_code&) override {
    if (is_header_done()) return;  // a trailer
    head.headers.push_back({std::string(name), std::string(value)});
  }
  void on_header_impl(boost::system::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, boost::system::error_code&) override {}
  std::size_t on_body_impl(boost::beast::string_view body, boost::system::error_code&) override {
    piece = {body.data(), body.size()};
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, boost::system::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view,
                                 boost::system::error_code&) override {
    return 0;
  }
  void on_finish_impl(boost::system::error_code&) override {}
};

}  // namespace halcyon::docker_api
