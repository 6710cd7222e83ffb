// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/routes.h"

#include "common/base/ascii.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/request.h"
#include "mshttpd/jmap/session_resource.h"

namespace posthorn::mshttpd::jmap {
namespace {

bool isJson(const http::Request& request) {
  const auto type = request.headers.find("content-type");
  if (type == request.headers.end()) return false;
  std::string_view name = std::string_view(type->second).substr(0, type->second.find(';'));
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  return ascii::equal(name, "application/json");
}

}  // namespace

http::Reply apiRoute(const Services& services, http::Request& request) {
  if (!isJson(request))
    return http::problem(400, "urn:ietf:params:jmap:error:notJSON", "Content-Type must be application/json");
  Outcome outcome = runRequest(services, *request.caller, request.body);
  if (outcome.problem)
    return http::problem(outcome.problem->status, outcome.problem->type, outcome.problem->detail,
                         outcome.problem->limit);
  http::Reply reply;
  reply.headers = {{"Cache-Control", "no-store"}};
  reply.body = std::move(outcome.body);
  return reply;
}

http::Reply sessionRoute(const Services& services, http::Request& request) {
  http::Reply reply;
  reply.headers = {{"Cache-Control", "no-cache, no-store, must-revalidate"}};
  reply.body = printJson(sessionResource(services, *request.caller, request.origin));
  return reply;
}

}  // namespace posthorn::mshttpd::jmap
