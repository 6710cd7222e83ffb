// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/router.h"

#include "mshttpd/http/blob_routes.h"
#include "mshttpd/jmap/routes.h"
#include "mshttpd/jmap/session_resource.h"
#include "mshttpd/login/plain_login.h"
#include "mshttpd/login/session_routes.h"
#include "mshttpd/plain/pages.h"

namespace posthorn::mshttpd::http {
namespace {

constexpr Route kRoutes[] = {
    {"GET", jmap::kSessionPath, Login::Needed, Body::None, jmap::sessionRoute},
    {"POST", jmap::kApiPath, Login::Needed, Body::Memory, jmap::apiRoute},
    {"POST", jmap::kUploadPath, Login::Needed, Body::Spool, uploadRoute},
    {"GET", jmap::kDownloadPath, Login::Needed, Body::None, downloadRoute},
};

// What is not a job on Services alone.
const Entry kOwn[] = {
    {"POST", "/login", Login::None, Body::Form, LoopAct::LogIn},
    {"GET", "/session", Login::Needed, Body::None, login::sessionRoute},
    {"POST", "/session/token", Login::Needed, Body::Form, login::tokenRoute},
    {"POST", "/logout", Login::Page, Body::Form, login::logoutRoute},
    {"GET", "/plain", Login::None, Body::None, plain::leadRoute},
    {"GET", "/plain/", Login::Page, Body::None, plain::listRoute},
    {"GET", "/plain/read", Login::Page, Body::None, plain::readRoute},
    {"GET", "/plain/login", Login::None, Body::None, login::loginPage},
    {"GET", "/plain/style.css", Login::None, Body::None, plain::styleRoute},
    {"GET", jmap::kEventSourcePath, Login::Needed, Body::None, LoopAct::EventStream},
};

std::vector<Entry> made() {
  std::vector<Entry> all;
  for (const Route& route : routeTable())
    all.push_back({route.method, route.path, route.login, route.body, route.run});
  all.insert(all.end(), std::begin(kOwn), std::end(kOwn));
  return all;
}

bool fitsMethod(const Entry& entry, View method) {
  return entry.method == method || (method == "HEAD" && entry.method == "GET");
}

}  // namespace

std::span<const Route> routeTable() {
  return kRoutes;
}

std::span<const Entry> entries() {
  static const std::vector<Entry> kAll = made();
  return kAll;
}

Match match(View method, const Target& target) {
  Match found;
  const auto all = entries();
  for (std::size_t i = 0; i < all.size(); ++i) {
    Parameters values;
    if (!fits(all[i].path, target.segments, values)) continue;
    if (fitsMethod(all[i], method)) {
      found.entry = &all[i];
      found.index = i;
      found.values = std::move(values);
      return found;
    }
    if (!found.allowed.empty()) found.allowed += ", ";
    found.allowed += all[i].method;
    if (all[i].method == "GET") found.allowed += ", HEAD";
  }
  return found;
}

}  // namespace posthorn::mshttpd::http
