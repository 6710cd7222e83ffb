// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/login/access.h"

#include <fmt/format.h>

#include "common/auth/login_name.h"
#include "common/auth/service_access.h"
#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "mshttpd/http/target.h"
#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::login {
namespace {

constexpr std::size_t kMostLoginText = 2048;

Credentials basicOf(View encoded) {
  Credentials shown;
  auto text = base64::decode(encoded);
  const std::size_t colon = text ? text->find(':') : std::string::npos;
  if (colon != std::string::npos) {
    shown.kind = Credentials::Kind::Basic;
    shown.user = text->substr(0, colon);
    shown.password = auth::Secret(text->substr(colon + 1));
  }
  if (text) auth::wipe(*text);
  return shown;
}

View mediaType(const http::Request& request) {
  const auto found = request.headers.find("content-type");
  if (found == request.headers.end()) return {};
  return ascii::trim(View(found->second).substr(0, found->second.find(';')));
}

std::string textOf(const jmap::Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<Wish> wishOfJson(const http::Request& request) {
  PH_TRY(const jmap::Json object, jmap::parseJson(request.body));
  if (!object.is_object()) return makeError(Errc::Invalid, "not a JSON object");
  Wish wish;
  wish.user = textOf(object, "user");
  wish.password = auth::Secret(textOf(object, "password"));
  wish.proxyauth = textOf(object, "proxyauth");
  wish.certificate = object.value("certificate", jmap::Json(false)) == jmap::Json(true);
  return wish;
}

Result<Wish> wishOfForm(const http::Request& request) {
  PH_TRY(http::Parameters form, http::parseForm(request.body));
  Wish wish;
  wish.form = true;
  wish.user = form["user"];
  wish.password = auth::Secret(std::move(form["password"]));
  wish.proxyauth = form["proxyauth"];
  wish.certificate = form["certificate"] == "1";
  return wish;
}

// Whether the directory lets `user` in here; nothing when it does not answer.
std::optional<bool> mayStay(const Context& context, const std::string& user, bool tls, auth::Account* found) {
  const auto settings = context.logins->settings();
  const auto name = auth::splitLogin(user, settings->loginSeparator, settings->defaultDomain);
  if (!name) return false;
  auto account = context.logins->directory().find(*name);
  if (!account.ok()) {
    const Errc code = account.error().code;
    if (code == Errc::NotFound || code == Errc::Conflict || code == Errc::Corrupt) return false;
    return std::nullopt;
  }
  const bool may = !auth::reasonFor(account->status.deciding()) &&
                   auth::judgeAccess(*account, config::Service::Http, tls) == auth::Access::Allowed;
  if (found != nullptr) *found = *std::move(account);
  return may;
}

}  // namespace

std::string cookieOf(View header, View name) {
  for (const View item : ascii::split(header, ';')) {
    const View pair = ascii::trim(item);
    const std::size_t equals = pair.find('=');
    if (equals != View::npos && pair.substr(0, equals) == name) return std::string(pair.substr(equals + 1));
  }
  return {};
}

Credentials credentialsOf(const http::Head& head, const std::string& cookieName) {
  const View authorization = head.header("authorization");
  if (ascii::startsWith(authorization, "basic ")) return basicOf(ascii::trim(authorization.substr(6)));
  Credentials shown;
  if (ascii::startsWith(authorization, "bearer ")) {
    shown.id = ascii::trim(authorization.substr(7));
    shown.kind = Credentials::Kind::Bearer;
  } else if (authorization.empty()) {
    shown.id = cookieOf(head.header("cookie"), cookieName);
    shown.kind = Credentials::Kind::Cookie;
  }
  if (!WebSessions::looksLikeId(shown.id)) shown.kind = Credentials::Kind::None;
  return shown;
}

std::vector<std::string> addressesOf(const Context& context, const auth::Account& account) {
  if (!account.mail.empty()) return account.mail;
  if (account.id.find('@') != std::string::npos) return {account.id};
  const std::string domain = context.logins->settings()->defaultDomain;
  return domain.empty() ? std::vector<std::string>() : std::vector<std::string>{account.id + "@" + domain};
}

jmap::Caller callerOf(const Context& context, const auth::Account& account, const std::string& client) {
  const std::vector<std::string> addresses = addressesOf(context, account);
  return {.user = account.id,
          .name = account.displayName,
          .email = addresses.empty() ? std::string() : addresses.front(),
          .addresses = addresses,
          .client = client};
}

Pass passOf(const WebSession& session, const std::string& id, const std::string& client, bool byCookie) {
  Pass pass;
  pass.caller = {.user = session.user,
                 .name = session.name,
                 .email = session.addresses.empty() ? std::string() : session.addresses.front(),
                 .addresses = session.addresses,
                 .client = client};
  pass.session = id;
  if (byCookie) pass.csrf = WebSessions::csrfOf(id);
  return pass;
}

Result<std::optional<Found>> look(const Context& context, const std::string& id, const net::Address& client,
                                  WebSessions::Use use) {
  PH_TRY(auto session, context.sessions->find(id, client, use));
  if (!session) return std::optional<Found>();
  if (session->anonymous) {
    if (!context.settings.anonymous) return std::optional<Found>();
    return std::optional(Found{*std::move(session), false});
  }
  const bool old = context.services->clock.wall() - session->checked >= kRecheck;
  return std::optional(Found{*std::move(session), old});
}

Result<std::optional<WebSession>> recheck(const Context& context, const std::string& id,
                                          const WebSession& session, bool tls) {
  WebSession fresh = session;
  auth::Account account;
  const auto user = mayStay(context, session.user, tls, &account);
  const auto by = session.by == session.user ? user : mayStay(context, session.by, tls, nullptr);
  if (!user || !by) return std::optional(fresh);
  if (!*user || !*by) {
    PH_CHECK(context.sessions->endAll(session.user));
    return std::optional<WebSession>();
  }
  fresh.name = account.displayName;
  fresh.addresses = addressesOf(context, account);
  PH_CHECK(context.sessions->keepFresh(id, fresh));
  return std::optional(fresh);
}

Result<Wish> parseWish(const http::Request& request) {
  const View type = mediaType(request);
  const bool json = ascii::equal(type, "application/json");
  if (!json && !ascii::equal(type, "application/x-www-form-urlencoded"))
    return makeError(Errc::Unsupported, "neither JSON nor a form");
  PH_TRY(Wish wish, json ? wishOfJson(request) : wishOfForm(request));
  if (wish.user.size() > kMostLoginText || wish.password.size() > kMostLoginText ||
      wish.proxyauth.size() > kMostLoginText)
    return makeError(Errc::Invalid, "too long");
  return wish;
}

bool fromOurPage(const http::Request& request) {
  const auto site = request.headers.find("sec-fetch-site");
  if (site != request.headers.end()) return site->second == "same-origin" || site->second == "none";
  const auto origin = request.headers.find("origin");
  return origin == request.headers.end() || origin->second == request.origin;
}

std::string setCookie(const Settings& settings, const std::string& id, bool secure) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}{}", settings.cookieName, id,
                     secure ? "; Secure" : "", id.empty() ? "; Max-Age=0" : "");
}

}  // namespace posthorn::mshttpd::login
