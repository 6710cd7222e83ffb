// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "common/auth/authenticator.h"
#include "common/auth/sasl/mechanism.h"
#include "common/base/bytes.h"
#include "common/imap/parse/cursor.h"
#include "common/net/jobs.h"
#include "common/net/line_reader.h"
#include "common/net/session.h"
#include "common/tls/context.h"

namespace posthorn::imapd {

/// What all sessions of one worker stand on; as popd's. Loop thread unless said otherwise.
struct Shared {
  net::Loop& loop;
  net::Jobs* jobs;  ///< never null once sessions exist
  stats::Slot slot;
  std::shared_ptr<const config::Snapshot> config;
  config::ServiceConfig service;
  std::shared_ptr<const tls::Context> tls;      ///< null when TLS is not offered
  std::shared_ptr<auth::Authenticator> logins;  ///< any thread
};

/// The states of RFC 9051 §3 that there are so far.
struct NotAuthenticated {};
struct Authenticated {
  auth::Login login;
};
struct LoggedOut {};
using State = std::variant<NotAuthenticated, Authenticated, LoggedOut>;

enum class Phase : std::uint8_t { Reading, Literal, Working, Delayed, Handshake, Ended };

/// One client connection speaking IMAP. Owned by the worker's SessionTable; one loop. Commands are taken one
/// at a time; at most one job is in flight.
class Session final : public net::StreamSession {
 public:
  Session(Shared& shared, net::Arrival arrival);
  ~Session() override;

  // What commands do; each ends with exactly one answer.

  /// "<tag> <status> <text>" and the next command.
  void answer(std::string_view status, std::string_view text);
  void untagged(std::string_view text);
  /// The command makes no sense: tagged BAD, counts against maxbadcommands.
  void bad(const Error& error);
  void logIn(auth::Attempt attempt);
  void startTls();
  /// LOGOUT.
  void leave();

  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] auth::sasl::Channel channel() const;
  [[nodiscard]] bool passwordsAllowed() const;
  [[nodiscard]] bool mayStartTls() const;
  [[nodiscard]] auth::Attempt attempt(std::string mechanism) const;

  // net::Session, net::StreamHandler
  void part(net::Parting why) override;
  [[nodiscard]] bool busy() const override { return phase_ == Phase::Working; }
  void onOpen() override;
  void onInput() override { advance(); }
  void onDrained() override { advance(); }
  void onEof() override { advance(); }
  void onClosed(const Status& why) override;

 private:
  void greet();
  void advance();
  bool takeInput();
  bool takeLine();
  bool takeLiteral();
  void awaitLiteral(imap::LiteralMark mark);
  void tooLong();
  void dispatch();
  void judge(auth::Attempt attempt);
  void judged(auth::Attempt attempt, auth::Outcome outcome);
  void after(std::chrono::milliseconds wait, std::function<void()> then);
  void refused(auth::Reason reason);
  void finish();
  void close();

  Shared& shared_;
  net::LineReader lines_;
  State state_;
  Phase phase_ = Phase::Handshake;
  std::string command_;        // the lines so far, with their literals
  std::uint64_t literal_ = 0;  // octets of the literal that are still to come
  std::string tag_ = "*";
  std::unique_ptr<net::Timer> timer_;
  unsigned badCommands_ = 0;
  unsigned failedLogins_ = 0;  // counted apart: nothing but a login makes up for them
  bool greeted_ = false;
  bool skipping_ = false;
  bool advancing_ = false;
  bool leaving_ = false;
  std::string account_;
  bool counted_ = false;
  std::string_view parting_ = "logout";
};

/// One command's row.
struct CommandSpec {
  std::string_view name;  ///< upper case
  /// `in` stands behind the name. An Invalid error becomes a tagged BAD.
  Status (*run)(Session& session, imap::Cursor& in);
};
/// The row of `name` in any case; null for other words. Pure.
const CommandSpec* findCommand(std::string_view name);

/// CAPABILITY's atoms for this session at this moment.
std::string capabilities(const Session& session);

}  // namespace posthorn::imapd
