// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/login/session_routes.h"

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "common/events/event.h"
#include "mshttpd/http/print.h"
#include "mshttpd/http/target.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/login/access.h"
#include "mshttpd/messages.h"

namespace posthorn::mshttpd::login {
namespace {

http::Reply failed(const Error& error) {
  log::write(messages::kSessionsFailed, {{"error", error.describe()}});
  return http::jsonError(503, "The server cannot keep sessions now. Try again later.", "unavailable");
}

http::Reply jsonReply(const jmap::Json& body) {
  http::Reply reply;
  reply.body = body.dump(-1, ' ', false, jmap::Json::error_handler_t::replace) + '\n';
  reply.mayCompress = false;  // it holds a secret beside what a client can choose
  return reply;
}

// The session at hand; a request by Basic has none.
Result<std::optional<WebSession>> current(const Context& context, const http::Request& request) {
  if (request.session.empty()) return std::optional<WebSession>();
  const auto client = net::Address::parse(request.caller->client);
  return context.sessions->find(request.session, client.value_or(net::Address()), WebSessions::Use::Look);
}

}  // namespace

http::Reply sessionRoute(const Context& context, http::Request& request) {
  const jmap::Caller& caller = *request.caller;
  const jmap::Limits& limits = context.services->limits;
  return jsonReply({{"ok", true},
                    {"user", caller.user},
                    {"name", caller.name},
                    {"email", caller.email},
                    {"csrf", request.csrf},
                    {"sessionTimeout", context.settings.sessions.timeout.count()},
                    {"maxMessageSize", limits.maxMessageSize},
                    {"maxSizeAttachmentsPerEmail", limits.maxSizeAttachmentsPerEmail}});
}

http::Reply tokenRoute(const Context& context, http::Request& request) {
  auto session = current(context, request);
  if (!session.ok()) return failed(session.error());
  WebSession wanted;
  if (*session) {
    wanted = **session;
  } else {
    wanted.user = wanted.by = request.caller->user;
    wanted.name = request.caller->name;
    wanted.addresses = request.caller->addresses;
    wanted.address = net::Address::parse(request.caller->client).value_or(net::Address());
  }
  const auto id = context.sessions->begin(std::move(wanted));
  if (!id.ok()) return failed(id.error());
  return jsonReply({{"token", *id},
                    {"tokenType", "Bearer"},
                    {"sessionTimeout", context.settings.sessions.timeout.count()}});
}

http::Reply logoutRoute(const Context& context, http::Request& request) {
  const auto type = request.headers.find("content-type");
  const bool form =
      type != request.headers.end() && ascii::startsWith(type->second, "application/x-www-form-urlencoded");
  bool everywhere = false;
  std::string csrf;
  if (form) {
    auto fields = http::parseForm(request.body);
    if (fields.ok()) {
      csrf = (*fields)["csrf"];
      everywhere = (*fields)["everywhere"] == "1";
    }
  } else {
    const auto shown = request.headers.find("x-csrf-token");
    if (shown != request.headers.end()) csrf = shown->second;
    const auto body = jmap::parseJson(request.body);
    everywhere =
        body.ok() && body->is_object() && body->value("everywhere", jmap::Json(false)) == jmap::Json(true);
  }
  if (!request.csrf.empty() && !constantTimeEqual(csrf, request.csrf))
    return http::jsonError(403, "This request did not come from our page.", "csrf");
  const Status ended = everywhere ? [&]() -> Status {
    PH_CHECK(context.sessions->endAll(request.caller->user));
    return okStatus();
  }()
      : [&]() -> Status {
          PH_CHECK(context.sessions->end(request.session));
          return okStatus();
        }();
  if (!ended.ok()) return failed(ended.error());
  http::Reply reply = jsonReply({{"ok", true}});
  reply.headers.emplace_back("Set-Cookie", setCookie(context.settings, {}, request.secure));
  reply.headers.emplace_back("Clear-Site-Data", "\"cache\", \"storage\"");
  if (form) {
    reply.status = 303;
    reply.body.clear();
    reply.headers.emplace_back("Location", "/plain/login");
  }
  return reply;
}

}  // namespace posthorn::mshttpd::login
