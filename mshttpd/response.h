// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"

namespace posthorn::mshttpd {

struct Response {
  int status = 200;
  std::string_view contentType = "text/plain; charset=utf-8";
  std::string body{};
  std::string extra{};    ///< further header lines, each with CRLF
  bool keepAlive = true;  ///< Connection: close otherwise
};

/// A plain response of one line that names the status; the connection closes behind it.
Response problem(int status);

/// The bytes of a response; without its body for HEAD. Security headers are always there.
std::string print(const Response& response, bool headOnly, Wall now);

}  // namespace posthorn::mshttpd
