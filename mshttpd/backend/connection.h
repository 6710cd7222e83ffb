// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/imap/types/command.h"
#include "common/imap/types/response.h"
#include "mshttpd/backend/mail_host.h"
#include "mshttpd/backend/wire.h"

namespace posthorn::mshttpd::backend {

/// As whom mshttpd logs in at a back end.
struct ProxyAdmin {
  std::string name;
  std::string password;
};

/// For whom.
struct Client {
  std::string user;     ///< authzid: canonical id
  std::string address;  ///< of the user's own client, told to the server; empty: unknown
};

/// What came for one command.
struct Reply {
  imap::StatusResponse done;         ///< tagged
  std::vector<imap::Response> data;  ///< untagged, in order

  [[nodiscard]] bool ok() const { return done.condition == imap::Condition::Ok; }
};

/// A command without its tag.
struct Request {
  imap::CommandName name = imap::CommandName::Noop;
  imap::Args args = {};
  bool uid = false;
};

/// How long a server may take. Each octet that comes begins `silence` anew.
struct Patience {
  std::chrono::milliseconds login{10'000};
  std::chrono::milliseconds silence{60'000};
};

/// A connection to an IMAP server, logged in on behalf of one user after the other. Blocks; one thread at a
/// time. Errors of the connection (the server is gone, speaks no IMAP, is too slow, sends too much) are
/// Unavailable or Timeout: it is dead() then. What the server refuses leaves it usable.
class Connection {
 public:
  /// Waits for the greeting and learns what the server can.
  static Result<std::unique_ptr<Connection>> open(std::unique_ptr<Wire> wire, const Patience& patience,
                                                  const Clock& clock = Clock::system());

  /// Logs in for `client`; instead of whom it was logged in for, if the server can do that. Unsupported: it
  /// cannot, another connection is needed. Denied: the server does not let `admin` in or act for this user.
  Status logIn(const ProxyAdmin& admin, const Client& client);
  /// For whom; empty: nobody.
  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] Steady loggedInAt() const { return loggedInAt_; }

  /// "LITERAL+", in capitals.
  [[nodiscard]] bool can(View capability) const { return capabilities_.contains(std::string(capability)); }
  [[nodiscard]] const std::set<std::string>& capabilities() const { return capabilities_; }

  /// One command and all that comes for it. Whether the server said OK is for the caller to see.
  Result<Reply> ask(Request request);
  /// Several, sent at once where that is possible; as many replies. None may depend on another's success.
  Result<std::vector<Reply>> askAll(std::vector<Request> requests);
  /// APPEND of one message of exactly `octets`; its text is asked for when the server wants it.
  Result<Reply> append(const std::string& mailbox, const imap::AppendMessage& message, std::uint64_t octets,
                       const Source& text);

  [[nodiscard]] bool dead() const { return dead_; }
  /// False while the server has said nothing since the last command began: it may have been dead before.
  [[nodiscard]] bool heard() const { return heard_; }
  /// Nothing has come unasked but notices, and the server is there as far as can be seen without asking.
  [[nodiscard]] bool fresh() const { return clean() && wire_->quiet(); }
  /// Every command has had its whole answer and nothing lies behind the last one. A connection of which that
  /// is not certain may be nobody else's.
  [[nodiscard]] bool clean() const { return !dead_ && !inside_ && at_ == in_.size(); }
  /// The selected mailbox, for who uses it; forgotten with the user.
  std::string selected;

 private:
  Connection(std::unique_ptr<Wire> wire, const Patience& patience, const Clock& clock);

  Status greet();
  std::string nextTag();
  Status begin();
  void end() { inside_ = false; }
  Status dropNotices();
  Status checkStatus(const imap::StatusResponse& status);
  Status fail(Error why);
  Status send(View bytes);
  Status sendParts(View bytes, const std::string& tag, Reply& into, bool& done);
  Result<imap::Response> next();
  Status collect(const std::string& tag, Reply& into);
  Result<bool> awaitGo(const std::string& tag, Reply& into);
  Status stream(std::uint64_t octets, const Source& text);
  void learn(const Reply& reply);
  Status judgeLogin(const Reply& reply, const Client& client);

  std::unique_ptr<Wire> wire_;
  Patience patience_;
  const Clock& clock_;
  std::string in_;
  std::size_t at_ = 0;
  std::uint64_t taken_ = 0;  // octets of responses for the command that runs
  std::set<std::string> capabilities_;
  Steady loggedInAt_{};
  std::string user_;
  unsigned tags_ = 0;
  bool dead_ = false;
  bool inside_ = false;  // a command has begun and not had its answer
  bool heard_ = false;
};

/// The Error that a server's NO or BAD is: by its response code.
Error refusal(const imap::StatusResponse& done);
/// Its Error, unless it is OK.
Status expectOk(const Reply& reply);

}  // namespace posthorn::mshttpd::backend
