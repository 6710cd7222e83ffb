// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "mshttpd/backend/connection.h"

namespace posthorn::mshttpd::backend {

using imap::CommandName;

Status Connection::judgeLogin(const Reply& reply, const Client& client) {
  if (reply.ok()) {
    user_ = client.user;
    loggedInAt_ = clock_.steady();
    return okStatus();
  }
  Error error = refusal(reply.done);
  const std::string what = wire_->peer() + " refuses a login for " + ascii::printable(client.user) + ": ";
  if (error.code == Errc::Unavailable) {
    error.text = what + error.text;
    return error;
  }
  return makeError(Errc::Denied, what + error.text);
}

Status Connection::logIn(const ProxyAdmin& admin, const Client& client) {
  const bool again = !user_.empty();
  if (again && !can("UNAUTHENTICATE"))
    return makeError(Errc::Unsupported, "the server keeps to one user a connection");
  if (!can("AUTH=PLAIN") && !again)
    return makeError(Errc::Denied,
                     wire_->peer() + " does not take passwords (AUTH=PLAIN) on this connection");
  const std::string message = client.user + '\0' + admin.name + '\0' + admin.password;
  const bool initial = can("SASL-IR");
  std::vector<Request> requests;
  if (can("ID"))
    requests.push_back(
        {.name = CommandName::Id,
         .args = imap::IdArgs{
             {{"name", "Posthorn mshttpd"},
              {"x-originating-ip", client.address.empty() ? std::nullopt : std::optional(client.address)}}}});
  if (again) requests.push_back({.name = CommandName::Unauthenticate, .args = imap::NoArgs{}});
  user_.clear();
  selected.clear();
  if (!initial) {
    PH_TRY(const auto before, askAll(std::move(requests)));
    if (again && !before.back().ok())
      return fail(makeError(Errc::Unavailable, "it does not take a user back"));
    PH_CHECK(begin());
    const std::string tag = nextTag();
    PH_CHECK(send(tag + " AUTHENTICATE PLAIN\r\n"));
    Reply reply;
    PH_TRY(const bool go, awaitGo(tag, reply));
    if (go) {
      PH_CHECK(send(base64::encode(message) + "\r\n"));
      PH_CHECK(collect(tag, reply));
    }
    end();
    if (!go && reply.ok()) return fail(makeError(Errc::Unavailable, "it lets somebody in without a name"));
    PH_CHECK(judgeLogin(reply, client));
    PH_TRY(reply, ask({.name = CommandName::Capability, .args = imap::NoArgs{}}));
    return expectOk(reply);
  }
  requests.push_back({.name = CommandName::Authenticate, .args = imap::AuthenticateArgs{"PLAIN", message}});
  requests.push_back({.name = CommandName::Capability, .args = imap::NoArgs{}});
  PH_TRY(const auto replies, askAll(std::move(requests)));
  if (again && !replies[replies.size() - 3].ok())
    return fail(makeError(Errc::Unavailable, "it does not take a user back"));
  return judgeLogin(replies[replies.size() - 2], client);
}

}  // namespace posthorn::mshttpd::backend
