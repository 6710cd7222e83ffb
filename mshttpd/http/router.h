// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "mshttpd/context.h"
#include "mshttpd/http/route.h"
#include "mshttpd/http/target.h"

namespace posthorn::mshttpd::http {

/// Answers that need more than Services: sessions, logins, options.
using DeskRun = Reply (*)(const Context& context, Request& request);

/// What the loop itself does.
enum class LoopAct : std::uint8_t {
  LogIn,        ///< POST /login
  EventStream,  ///< GET /jmap/eventsource
};

/// A row of everything but static files.
struct Entry {
  std::string_view method;
  std::string_view path;
  Login login = Login::None;
  Body body = Body::None;
  std::variant<decltype(Route::run), DeskRun, LoopAct> act;
};

/// routeTable() and this server's own. Made once.
std::span<const Entry> entries();

struct Match {
  const Entry* entry = nullptr;
  std::size_t index = 0;  ///< of entry
  Parameters values;      ///< of the path
  std::string allowed;    ///< no entry, but the path has others: "GET, HEAD, POST"
};
/// HEAD finds GET. Pure.
Match match(View method, const Target& target);

}  // namespace posthorn::mshttpd::http
