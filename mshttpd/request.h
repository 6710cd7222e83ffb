// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace posthorn::mshttpd {

/// The head of an HTTP request, as far as it is needed (RFC 9112).
struct Request {
  std::string method{};
  std::string path{};  ///< the target without its query
  bool keepAlive = true;
  bool hasBody = false;
};

/// Takes the lines of a request's head one by one. Bounded: at most kMaxFields header fields; the caller
/// bounds the length of a line. Pure.
class RequestHead {
 public:
  static constexpr std::size_t kMaxFields = 100;

  /// True when `line` (without its end) was the empty one behind the head. Errc::Invalid, Limit (too many
  /// fields) or Unsupported (not HTTP/1.x): nothing more of this connection can be understood.
  Result<bool> take(std::string_view line);
  /// Whether nothing but empty lines has come yet.
  [[nodiscard]] bool untouched() const { return !started_; }
  /// Once take() said true; the head is ready for another request afterwards.
  [[nodiscard]] Request finish();

 private:
  Status requestLine(std::string_view line);
  Status field(std::string_view line);

  Request request_;
  bool started_ = false;
  bool http11_ = true;
  bool sawHost_ = false;
  std::size_t fields_ = 0;
};

}  // namespace posthorn::mshttpd
