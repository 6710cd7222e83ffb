// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "common/auth/nobody.h"
#include "common/base/ascii.h"
#include "common/events/session_event.h"
#include "mshttpd/http/connection.h"
#include "mshttpd/messages.h"

// POST /login.

namespace posthorn::mshttpd::http {
namespace {

constexpr std::string_view kAnonymous = "anonymous";

struct LoginRefusal {
  int status;
  std::string_view words;
  std::string_view code;
};

LoginRefusal refusalOf(auth::Reason reason) {
  if (reason == auth::Reason::Throttled)
    return {429, "Too many attempts have failed. Wait a little, then try again.", "throttled"};
  switch (auth::classOf(reason)) {
    case auth::RefusalClass::AuthFailed:
      return {401, "The user name or the password is not right.", "auth-failed"};
    case auth::RefusalClass::Denied:
      return {403, "You may not log in here. Ask your administrator.", "denied"};
    case auth::RefusalClass::Unavailable:
      break;
  }
  return {503, "Nobody can log in at the moment. Try again later.", "unavailable"};
}

// What an FTP server took for an address.
bool looksLikeAddress(View text) {
  const std::size_t at = text.find('@');
  return at != View::npos && at > 0 && at + 1 < text.size() && text.find(' ') == View::npos;
}

}  // namespace

void Connection::logIn() {
  phase_ = Phase::Judging;
  auto wish = login::parseWish(*request_);
  auth::wipe(request_->body);
  if (!wish.ok()) {
    const bool type = wish.error().code == Errc::Unsupported;
    return answer(jsonError(type ? 415 : 400, "This is no login.", type ? "type" : "invalid"));
  }
  auto held = std::make_shared<login::Wish>(std::move(*wish));
  if (held->form && !login::fromOurPage(*request_))
    return refuseLogin(*held, 403, "This request did not come from our page.", "csrf");
  if (held->certificate) return logInByCertificate(held);
  if (!passwordsAllowed())
    return refuseLogin(*held, 403, "Passwords are taken over TLS only. Use the https address.",
                       "tls-required");
  if (!held->proxyauth.empty() && !context_->settings.adminProxy)
    return refuseLogin(*held, 403, "Nobody may log in here for somebody else.", "denied");
  if (context_->settings.anonymous && ascii::equal(held->user, kAnonymous)) return logInNobody(held);
  judgeLogin(held, {.service = config::Service::Http,
                    .tls = sender_.secure,
                    .address = sender_.client.address.text(),
                    .mechanism = "LOGIN",
                    .login = held->user,
                    .authzid = held->proxyauth,
                    .password = std::move(held->password)});
}

void Connection::logInByCertificate(const std::shared_ptr<login::Wish>& wish) {
  // What a proxy shows us is its own.
  const net::SecureInfo* secure = sender_.forwarded ? nullptr : stream().secure();
  if (secure == nullptr || secure->peerAddresses.empty())
    return refuseLogin(*wish, 401, "Your browser has shown no certificate with an e-mail address.",
                       "no-certificate");
  // Several addresses could be several users: then nobody knows who came.
  if (secure->peerAddresses.size() > 1)
    return refuseLogin(*wish, 401, "Your certificate has more than one e-mail address.", "no-certificate");
  auth::Attempt attempt{.service = config::Service::Http,
                        .tls = true,
                        .address = sender_.client.address.text(),
                        .mechanism = "EXTERNAL",
                        .login = secure->peerAddresses.front(),
                        .authzid = {},
                        .password = {}};
  attempt.certified = secure->peerAddresses.front();
  judgeLogin(wish, std::move(attempt));
}

void Connection::judgeLogin(const std::shared_ptr<login::Wish>& wish, auth::Attempt attempt) {
  auth::logIn(context_->logins, std::move(attempt),
              hooks(
                  [this, wish](const auth::Login& login) {
                    login::WebSession session;
                    session.user = login.account.id;
                    session.by = login.by;
                    session.name = login.account.displayName;
                    session.addresses = login::addressesOf(*context_, login.account);
                    beginSession(wish, std::move(session));
                  },
                  [this, wish](auth::Reason reason) {
                    const LoginRefusal refusal = refusalOf(reason);
                    refuseLogin(*wish, refusal.status, refusal.words, refusal.code);
                  }));
}

// FTP's way, for archives that everybody may read: he has no mail of his own, and sees what is shared with
// anyone.
void Connection::logInNobody(const std::shared_ptr<login::Wish>& wish) {
  if (!looksLikeAddress(wish->password.view()))
    return refuseLogin(*wish, 401, "Give your e-mail address as password.", "auth-failed");
  login::WebSession session;
  session.user = session.by = auth::kNobody;
  session.name = kAnonymous;
  session.anonymous = true;
  beginSession(wish, std::move(session));
}

void Connection::beginSession(const std::shared_ptr<login::Wish>& wish, login::WebSession session) {
  session.address = sender_.client.address;
  const std::string old = login::cookieOf(head_.header("cookie"), context_->settings.cookieName);
  const bool certificate = wish->certificate;
  const auto made = [wish, certificate, user = session.user, by = session.by](Connection& to,
                                                                              Result<std::string> id) {
    if (to.phase_ != Phase::Judging) return;
    if (!id.ok() && !id.error().client.empty()) {
      log::write(messages::kNoBackEnd, {{"user", user}, {"error", id.error().describe()}});
      return to.refuseLogin(*wish, 503, id.error().client, "unavailable");
    }
    if (!id.ok()) {
      log::write(messages::kSessionsFailed, {{"error", id.error().describe()}});
      return to.refuseLogin(*wish, 503, "The server cannot begin a session now. Try again later.",
                            "unavailable");
    }
    events::tellLogin(to.context_->notifier.get(), to.stream(), {user, by, to.sender_.client},
                      certificate ? "EXTERNAL" : "LOGIN");
    log::write(messages::kLogin, {{"session", std::to_string(to.id().number())},
                                  {"client", to.sender_.client.text()},
                                  {"user", user},
                                  {"how", certificate ? "certificate" : "password"}});
    to.countUser(user);
    Reply reply;
    reply.mayCompress = false;
    reply.headers.emplace_back("Set-Cookie",
                               login::setCookie(to.context_->settings, *id, to.request_->secure));
    if (wish->form) {
      reply.status = 303;
      reply.headers.emplace_back("Location", "/plain/");
    } else {
      reply.body =
          jmap::Json{{"ok", true}, {"csrf", login::WebSessions::csrfOf(*id)}, {"user", user}}.dump() + '\n';
    }
    to.answer(std::move(reply));
  };
  const Status posted = shared_.jobs->post<Connection>(
      net::JobKind::Store, id(), {},
      [context = context_, old, session = std::move(session)]() -> Result<std::string> {
        PH_CHECK(context->services->hosts.check(session.user));
        // Whoever logs in anew in the same browser leaves.
        if (login::WebSessions::looksLikeId(old)) PH_CHECK(context->sessions->end(old));
        return context->sessions->begin(session);
      },
      made);
  if (!posted.ok()) refuseLogin(*wish, 503, "The server is busy. Try again later.", "unavailable");
}

void Connection::refuseLogin(const login::Wish& wish, int status, std::string_view words,
                             std::string_view code) {
  Reply refused = wish.form ? login::refusedPage(status, words) : jsonError(status, words, code);
  answer(std::move(refused));
}

}  // namespace posthorn::mshttpd::http
