// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/auth/secret.h"
#include "common/net/address.h"
#include "mshttpd/context.h"
#include "mshttpd/http/request_reader.h"
#include "mshttpd/http/route.h"
#include "mshttpd/login/web_sessions.h"

namespace posthorn::mshttpd::login {

/// What a request shows of who it is.
struct Credentials {
  enum class Kind : std::uint8_t { None, Cookie, Bearer, Basic };
  Kind kind = Kind::None;
  std::string id;  ///< Cookie, Bearer
  std::string user;
  auth::Secret password;  ///< Basic
};
/// Authorization goes before the cookie. Something that cannot be understood is None. Pure.
Credentials credentialsOf(const http::Head& head, const std::string& cookieName);
/// The value of a cookie; empty when it is not there. Pure.
std::string cookieOf(View header, View name);

/// Who was found to ask.
struct Pass {
  jmap::Caller caller;
  std::string session;
  std::string csrf;
};
Pass passOf(const WebSession& session, const std::string& id, const std::string& client, bool byCookie);
jmap::Caller callerOf(const Context& context, const auth::Account& account, const std::string& client);
/// What he may send from: his addresses in the directory; where it gives none, the one that mail reaches him
/// by, his id in base.defaultdomain.
std::vector<std::string> addressesOf(const Context& context, const auth::Account& account);

/// A session as the store has it, and whether the directory must be asked again: after kRecheck, or when the
/// directory has changed. Job thread.
struct Found {
  WebSession session;
  bool stale = false;
};
Result<std::optional<Found>> look(const Context& context, const std::string& id, const net::Address& client,
                                  WebSessions::Use use);
inline constexpr std::chrono::seconds kRecheck{60};

/// Asks the directory whether those of `session` may still be logged in here; then it is kept fresh,
/// otherwise ended. A directory that does not answer changes nothing. Auth job.
Result<std::optional<WebSession>> recheck(const Context& context, const std::string& id,
                                          const WebSession& session, bool tls);

/// What somebody who wants to log in has sent.
struct Wish {
  std::string user;
  auth::Secret password;
  std::string proxyauth;     ///< whose mail, for administrators
  bool certificate = false;  ///< by the certificate of the connection
  bool form = false;         ///< an HTML form: the answer is a page
};
/// From a JSON object, or a form. Errc::Invalid: neither, or not understood; Unsupported: of another type.
Result<Wish> parseWish(const http::Request& request);

/// Whether a form was sent by a page of ours (Sec-Fetch-Site, Origin): a form of somebody else's page must
/// not log in or out. Pure.
bool fromOurPage(const http::Request& request);

/// The Set-Cookie value that gives, or with an empty id takes away, a session.
std::string setCookie(const Settings& settings, const std::string& id, bool secure);

}  // namespace posthorn::mshttpd::login
