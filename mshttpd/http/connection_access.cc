// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "common/auth/nobody.h"
#include "common/auth/sasl/mechanism.h"
#include "common/base/ids.h"
#include "mshttpd/http/connection.h"

namespace posthorn::mshttpd::http {

using login::Credentials;

bool Connection::passwordsAllowed() const {
  // How strong a proxy's TLS is, is the proxy's to say.
  if (sender_.forwarded && sender_.secure) return true;
  if (sender_.forwarded)
    return auth::sasl::passwordsAllowed(context_->settings.plaintextMinCipher, auth::sasl::Channel{});
  const net::SecureInfo* secure = stream().secure();
  const auto channel = secure != nullptr ? auth::sasl::Channel{true, secure->bits} : auth::sasl::Channel{};
  return auth::sasl::passwordsAllowed(context_->settings.plaintextMinCipher, channel);
}

void Connection::judge() {
  phase_ = Phase::Judging;
  Credentials credentials = login::credentialsOf(head_, context_->settings.cookieName);
  const bool page = match_.entry->login == Login::Page;
  const bool changes = head_.method != "GET" && head_.method != "HEAD";
  switch (credentials.kind) {
    case Credentials::Kind::None:
      return notLoggedIn(401, "Log in first.", "login-needed");
    case Credentials::Kind::Basic:
      if (page) return notLoggedIn(401, "Log in first.", "login-needed");
      // A browser that keeps a password sends it with what other sites' pages ask for as well.
      if (changes && !login::fromOurPage(*request_))
        return notLoggedIn(403, "This request did not come from our page.", "csrf");
      return judgeBasic(std::move(credentials));
    case Credentials::Kind::Cookie:
      // Judged before anything is looked up; what it must be follows from the cookie.
      if (changes && !page &&
          !constantTimeEqual(head_.header("x-csrf-token"), login::WebSessions::csrfOf(credentials.id)))
        return notLoggedIn(403, "This request did not come from our page.", "csrf");
      break;
    case Credentials::Kind::Bearer:
      break;
  }
  judgeSession(std::move(credentials));
}

void Connection::judgeSession(Credentials credentials) {
  const bool byCookie = credentials.kind == Credentials::Kind::Cookie;
  const Status posted = shared_.jobs->post<Connection>(
      net::JobKind::Store, id(), {},
      [context = context_, id = credentials.id, client = sender_.client.address]() {
        return login::look(*context, id, client, login::WebSessions::Use::Request);
      },
      [id = credentials.id, byCookie](Connection& to, Result<std::optional<login::Found>> found) {
        if (to.phase_ != Phase::Judging) return;
        if (!found.ok()) return to.notLoggedIn(503, "The server cannot look up sessions now.", "unavailable");
        if (!*found) return to.notLoggedIn(401, "Your session has timed out. Log in again.", "session-over");
        if ((*found)->stale) return to.recheck(id, std::move((*found)->session), byCookie);
        to.passed(login::passOf((*found)->session, id, to.sender_.client.address.text(), byCookie));
      });
  if (!posted.ok()) notLoggedIn(503, "The server is busy. Try again later.", "unavailable");
}

void Connection::recheck(const std::string& id, login::WebSession session, bool byCookie) {
  const bool secure = sender_.secure;
  const Status posted = shared_.jobs->post<Connection>(
      net::JobKind::Auth, this->id(), {},
      [context = context_, id, session = std::move(session), secure] {
        return login::recheck(*context, id, session, secure);
      },
      [id, byCookie](Connection& to, Result<std::optional<login::WebSession>> still) {
        if (to.phase_ != Phase::Judging) return;
        if (!still.ok()) return to.notLoggedIn(503, "The server cannot look up sessions now.", "unavailable");
        if (!*still) return to.notLoggedIn(401, "Your session has ended. Log in again.", "session-over");
        to.passed(login::passOf(**still, id, to.sender_.client.address.text(), byCookie));
      });
  if (!posted.ok()) notLoggedIn(503, "The server is busy. Try again later.", "unavailable");
}

auth::LoginHooks Connection::hooks(std::function<void(const auth::Login&)> onPassed,
                                   std::function<void(auth::Reason)> onRefused) {
  auth::LoginHooks made;
  made.wait = [this](std::chrono::milliseconds wait, std::function<void()> then) {
    after(wait, std::move(then));
  };
  made.job = [this](std::function<Result<auth::Judged>()> work,
                    std::function<void(Result<auth::Judged>)> done) -> Status {
    return shared_.jobs->post<Connection>(
        net::JobKind::Auth, id(), {}, std::move(work),
        [done = std::move(done)](Connection& to, Result<auth::Judged> judged) {
          if (to.phase_ == Phase::Judging) done(std::move(judged));
        });
  };
  made.passed = [passed = std::move(onPassed)](const auth::Login& login, const std::string&) {
    passed(login);
  };
  made.refused = std::move(onRefused);
  return made;
}

void Connection::after(std::chrono::milliseconds wait, std::function<void()> then) {
  if (wait.count() <= 0) return then();
  wait_ = std::make_unique<net::Timer>(shared_.loop, [this, then = std::move(then)] {
    if (phase_ == Phase::Judging) then();
  });
  wait_->start(wait);
}

void Connection::judgeBasic(Credentials credentials) {
  if (!passwordsAllowed()) return notLoggedIn(403, "Passwords are taken over TLS only.", "tls-required");
  auth::Attempt attempt{.service = config::Service::Http,
                        .tls = sender_.secure,
                        .address = sender_.client.address.text(),
                        .mechanism = "BASIC",
                        .login = credentials.user,
                        .authzid = {},
                        .password = std::move(credentials.password)};
  auth::logIn(
      context_->logins, std::move(attempt),
      hooks(
          [this](const auth::Login& login) {
            passed({login::callerOf(*context_, login.account, sender_.client.address.text()), {}, {}});
          },
          [this](auth::Reason reason) {
            const auto kind = auth::classOf(reason);
            if (reason == auth::Reason::Throttled)
              return notLoggedIn(429, "Too many attempts. Try again later.", "throttled");
            const int status = kind == auth::RefusalClass::AuthFailed ? 401
                               : kind == auth::RefusalClass::Denied   ? 403
                                                                      : 503;
            notLoggedIn(status, auth::clientText(kind), "refused");
          }));
}

void Connection::passed(login::Pass pass) {
  countUser(pass.caller.user);
  request_->caller = std::move(pass.caller);
  request_->session = std::move(pass.session);
  request_->csrf = std::move(pass.csrf);
  if (match_.entry->body == Body::Spool && request_->caller->user == auth::kNobody)
    return answerAndClose(problem(403, {}, "Log in with a name and a password to upload something."));
  if (match_.entry->body == Body::Spool) {
    uploading_ = shared_.uploads->enter(user_, context_->services->limits.maxConcurrentUpload);
    if (!uploading_)
      return answer(problem(400, "urn:ietf:params:jmap:error:limit", "You have other uploads on their way.",
                            "maxConcurrentUpload"));
  }
  startBody();
}

void Connection::countUser(const std::string& user) {
  if (user == user_) return;
  if (counted_) shared_.slot.uncountUser(user_);
  user_ = user;
  counted_ = shared_.slot.countUser(user_);
}

void Connection::notLoggedIn(int status, std::string_view words, std::string_view code) {
  const bool reads = head_.method == "GET" || head_.method == "HEAD";
  if (status == 401 && match_.entry->login == Login::Page && reads) {
    Reply lead;
    lead.status = 303;
    lead.headers.emplace_back("Location", "/plain/login");
    return answer(std::move(lead));
  }
  Reply refused = jsonError(status, words, code);
  if (status == 401) {
    refused.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"mail\"");
    // A browser's own password window must not come before our page.
    if (!head_.headers.contains("sec-fetch-mode"))
      refused.headers.emplace_back("WWW-Authenticate", "Basic realm=\"mail\", charset=\"UTF-8\"");
  }
  answer(std::move(refused));
}

void Connection::lookForSession(bool sessionsTimeIsOver) {
  if (request_->session.empty()) {
    if (sessionsTimeIsOver) endEvents();
    return;
  }
  const Status posted = shared_.jobs->post<Connection>(
      net::JobKind::Store, id(), {},
      [context = shared_.context, id = request_->session, client = sender_.client.address]() {
        return login::look(*context, id, client, login::WebSessions::Use::Look);
      },
      [](Connection& to, const Result<std::optional<login::Found>>& found) {
        if (to.phase_ != Phase::Streaming || !found.ok()) return;
        if (!*found) return to.endEvents();
        if ((*found)->stale) to.lookForUser((*found)->session);
      });
  static_cast<void>(posted);  // the next look will do
}

// A stream is one request, however long it is: who may not log in any more hears nothing more.
void Connection::lookForUser(const login::WebSession& session) {
  const Status posted = shared_.jobs->post<Connection>(
      net::JobKind::Auth, id(), {},
      [context = shared_.context, id = request_->session, session, secure = request_->secure] {
        return login::recheck(*context, id, session, secure);
      },
      [](Connection& to, const Result<std::optional<login::WebSession>>& still) {
        if (to.phase_ == Phase::Streaming && still.ok() && !*still) to.endEvents();
      });
  static_cast<void>(posted);
}

}  // namespace posthorn::mshttpd::http
