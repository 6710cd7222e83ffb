// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/auth/login.h"
#include "common/auth/sasl/mechanism.h"
#include "common/net/line_reader.h"
#include "common/net/session.h"
#include "popd/command_table.h"
#include "popd/maildrop.h"
#include "popd/session_state.h"
#include "popd/shared.h"
#include "popd/transfer.h"

namespace posthorn::popd {

/// One client connection speaking POP3, from greeting to close. Owned by the worker's SessionTable; lives on
/// one loop, other threads know it only by SessionId. Commands are taken one at a time and in order; at most
/// one job is in flight.
class Session final : public net::StreamSession {
 public:
  Session(Shared& shared, net::Arrival arrival);
  ~Session() override;

  // How commands end; each calls exactly one of these. All of them may be called from a job's completion.

  /// The command is done and this is its answer, with CRLF.
  void answer(std::string reply);
  /// The command failed; the session goes on.
  void fail(const Error& error);
  /// The line made no sense: counts against maxbadcommands.
  void refuse(const Error& error);
  /// A multi-line response begins.
  void send(Opening opening);
  /// The last word, then the connection closes.
  void answerAndClose(std::string reply);

  // How commands go on.

  /// Runs `work(Maildrop&)` in a job, then `done(session, result)` on the loop. The maildrop is the job's
  /// meanwhile. TRANSACTION or UPDATE only.
  template <typename Work, typename Done>
  void onMaildrop(Work work, Done done);
  /// The lines from here on belong to `handler` until it is taken away by an answer.
  void holdInput(std::function<void(Session&, std::string line)> handler);
  /// Judges a login and opens the maildrop; answers the command.
  void logIn(auth::Attempt attempt);
  /// STLS: answers and negotiates.
  void startTls();
  /// QUIT behind a login.
  void enterUpdate();

  // What commands look at.

  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] State& state() { return state_; }
  /// The opening view; TRANSACTION only, and no job may have it.
  [[nodiscard]] Maildrop& maildrop();
  [[nodiscard]] auth::sasl::Channel channel() const;
  [[nodiscard]] bool passwordsAllowed() const;
  /// True when STLS would work now.
  [[nodiscard]] bool mayStartTls() const;
  /// A login attempt of this connection, without its credentials.
  [[nodiscard]] auth::Attempt attempt(std::string mechanism) const;

  // net::Session, net::StreamHandler
  void part(net::Parting why) override;
  [[nodiscard]] bool busy() const override { return phase_ == Phase::Working; }
  void onOpen() override;
  void onInput() override { advance(); }
  void onDrained() override;
  void onEof() override { advance(); }
  void onClosed(const Status& why) override;

 private:
  void enter(State next);
  void greet();
  void advance();
  bool takeLine();
  void lineTooLong();
  void dispatch(std::string line);
  void beginCommand(const CommandSpec& command, Arguments arguments);
  void finish(bool ok);
  void deliver(Window window);
  void moreOf();
  void close();

  // Login (login.cc).
  void refused(auth::Reason reason);
  void openMaildrop(const auth::Login& login, std::string mechanism);
  void opened(auth::Login login, const std::string& mechanism, Result<std::unique_ptr<Maildrop>> maildrop);
  void after(std::chrono::milliseconds wait, std::function<void()> then);
  [[nodiscard]] std::optional<std::string> tooSoon(const auth::Login& login) const;

  void logClose(const Status& why) const;

  Shared& shared_;
  net::LineReader lines_;
  State state_;
  Phase phase_ = Phase::Handshake;
  std::function<void(Session&, std::string)> holder_;
  std::shared_ptr<Transfer> transfer_;  // shared with the job that fills the next window
  std::unique_ptr<net::Timer> timer_;
  const CommandSpec* command_ = nullptr;  // the one that is at work
  Steady commandBegan_{};
  unsigned badCommands_ = 0;
  unsigned failedLogins_ = 0;  // counted apart: nothing but a login makes up for them
  bool greeted_ = false;
  bool skipping_ = false;   // the rest of a line that was too long
  bool advancing_ = false;  // advance() is on the stack
  bool leaving_ = false;    // part() came while a command was at work
  std::string account_;     // canonical id once logged in, for the log and the counts
  std::string by_;          // who showed the password
  bool counted_ = false;    // account_ is counted in the scoreboard
  Steady loggedIn_{};
  MessageNumber removed_ = 0;
  std::string_view parting_ = "logout";
};

template <typename Work, typename Done>
void Session::onMaildrop(Work work, Done done) {
  auto* transaction = std::get_if<Transaction>(&state_);
  PH_ASSERT(transaction != nullptr && transaction->maildrop != nullptr);
  // Held by both closures, so that it comes back also when the job throws or is not taken.
  auto held = std::make_shared<std::unique_ptr<Maildrop>>(std::move(transaction->maildrop));
  const auto takeBack = [held](Session& session) {
    std::get<Transaction>(session.state_).maildrop = std::move(*held);
  };
  phase_ = Phase::Working;
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Store, id(), account_, [held, work = std::move(work)]() mutable { return work(**held); },
      [takeBack, done = std::move(done)](Session& session, auto result) mutable {
        takeBack(session);
        done(session, std::move(result));
      });
  if (posted.ok()) return;
  takeBack(*this);
  // In the middle of a response a status line would become part of the message.
  if (transfer_) return stream().abort(posted.error());
  fail(posted.error());
}

}  // namespace posthorn::popd
