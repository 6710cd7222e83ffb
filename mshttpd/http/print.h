// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/clock.h"
#include "mshttpd/http/route.h"

namespace posthorn::mshttpd::http {

/// How a reply is sent.
struct Framing {
  bool http11 = true;
  bool keepAlive = true;
  bool secure = false;   ///< over TLS
  bool chunked = false;  ///< else with its length, or until the connection closes
};

/// Everything before the body, the empty line included. Each reply forbids to guess its type, to be framed,
/// to be kept, and to run anything; a reply's own header of the same name stands instead. Control characters
/// in values are dropped. Pure.
std::string printHead(const Reply& reply, const Framing& framing, Wall now);

std::string_view reasonOf(int status);

/// "Sat, 21 Nov 2026 10:00:00 GMT" (RFC 9110 5.6.7).
std::string httpDate(Wall time);

/// {"error": words for a person, "code": a word for programs}: what the login's endpoints answer.
Reply jsonError(int status, std::string_view words, std::string_view code);

/// One piece of a chunked body; the last one is empty.
std::string chunk(View bytes);

}  // namespace posthorn::mshttpd::http
