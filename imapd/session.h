// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/auth/login_way.h"
#include "common/auth/sasl/mechanism.h"
#include "common/events/watcher.h"
#include "common/imap/parse/command.h"
#include "common/net/line_reader.h"
#include "common/net/session.h"
#include "imapd/answer.h"
#include "imapd/command_table.h"
#include "imapd/mail.h"
#include "imapd/shared.h"
#include "imapd/transfer.h"

namespace posthorn::imapd {

class Append;

/// One client connection speaking IMAP, from greeting to close. Owned by the worker's SessionTable; lives on
/// one loop, other threads know it only by SessionId. Commands are taken one at a time and in order; at most
/// one job is in flight, and it has the session's Mail meanwhile.
class Session final : public net::StreamSession {
 public:
  enum class Phase : std::uint8_t {
    Reading,    ///< awaits a line
    Literal,    ///< awaits octets of a literal inside a command
    Message,    ///< awaits octets of a message of APPEND
    Discard,    ///< throws away a literal of a refused command
    Working,    ///< a job is in flight, or a command is on the stack
    Sending,    ///< awaits that the client takes a window
    Delayed,    ///< a refused login waits
    Handshake,  ///< TLS, or before the greeting
    Ended,
  };
  using LineHandler = std::function<void(Session&, std::string line)>;
  using Work = std::function<Result<Window>(Mail&)>;

  Session(Shared& shared, net::Arrival arrival);
  ~Session() override;

  // How commands end; each calls exactly one of these.

  /// The command is done.
  void answer(const Answer& answer);
  /// The command failed; the session goes on.
  void fail(const Error& error);
  /// What came is no command: tagged BAD, counts against maxbadcommands.
  void bad(std::string_view text);
  /// "* BYE text", the tagged answer if there is one, and the connection closes.
  void bye(std::string_view text, std::string_view tagged = {});

  // How commands go on.

  /// Runs `work(mail)` in a job; its window is sent, and when it has an end, what others have changed is told
  /// as the command's row allows, and the command is over. An error ends the command. Logged in only.
  void inJob(Work work);
  /// As inJob() with the transfer's windows, each when the client has taken the one before.
  void send(std::shared_ptr<Transfer> transfer);
  /// Runs `work(mail)` in a job, then `done(session, status)` on the loop, with nothing sent.
  void onMail(std::function<Status(Mail&)> work, const std::function<void(Session&, const Status&)>& done);
  /// Runs sync() in a job, sends what there is to tell, then calls `done`. Between the lines of IDLE.
  void tellChanges(std::function<void(Session&)> done);
  /// The client has not taken what it was sent: it should be told no more for now.
  [[nodiscard]] bool congested() const;
  /// Calls `then` when it has, unless the command ends before.
  void whenDrained(std::function<void(Session&)> then);
  /// The lines from here on belong to `handler`, one call for each line asked for.
  void holdInput(LineHandler handler);
  /// APPEND: its first message has been announced.
  void beginAppend();
  /// The octets of an APPEND from here on.
  void holdMessage(std::shared_ptr<Append> append, std::uint64_t octets);
  /// Throws away what is left of a refused command, then answers it.
  void discard(std::uint64_t octets, Answer answer);
  void logIn(auth::Attempt attempt);
  /// PROXYAUTH: the session goes on as `user`, or as it is when that is refused.
  void switchUser(std::string user);
  /// UNAUTHENTICATE: the client is a stranger again and the connection as it was after TLS.
  void unauthenticate();
  /// ID: the client says that it acts for somebody at `from` (nothing: for nobody). Only a proxy user is
  /// believed, and for the next login; for the present one when nothing was said before it.
  void claim(std::optional<net::Endpoint> from);
  /// A login was refused.
  void refused(auth::Reason reason);
  void startTls();

  // What commands look at.

  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] const Shared& shared() const { return shared_; }
  [[nodiscard]] States state() const;
  /// Logged in, and no job has it.
  [[nodiscard]] Mail& mail();
  [[nodiscard]] const auth::Login& login() const { return login_; }
  /// Whose session it is: the peer, or whom a proxy user has named.
  [[nodiscard]] const net::Endpoint& client() const { return client_ ? *client_ : stream().peer(); }
  [[nodiscard]] const std::string& tag() const { return tag_; }
  [[nodiscard]] auth::sasl::Channel channel() const;
  [[nodiscard]] bool passwordsAllowed() const;
  [[nodiscard]] bool mayStartTls() const;
  /// A proxy user may give up his login, where that is announced.
  [[nodiscard]] bool mayUnauthenticate() const;
  [[nodiscard]] auth::Attempt attempt(std::string mechanism) const;
  /// Calls `onChange` whenever the account of the selected mailbox, or without one the user's own, may have
  /// changed, until the interest ends.
  [[nodiscard]] events::Interest watch(std::function<void()> onChange);
  [[nodiscard]] Phase phase() const { return phase_; }

  // net::Session, net::StreamHandler
  void part(net::Parting why) override;
  [[nodiscard]] bool busy() const override { return phase_ == Phase::Working; }
  void onOpen() override;
  void onInput() override { advance(); }
  void onDrained() override;
  void onEof() override { advance(); }
  void onClosed(const Status& why) override;

 private:
  struct Ran;
  /// Runs `work(mail)` in a job, then `done(session, result)` on the loop, with an error when the job is not
  /// taken or throws.
  template <typename Task, typename Then>
  void lend(Task work, Then done);
  void greet();
  void finish(bool ok);
  void close();
  void deliver(Window window, const std::string& changes);
  /// What inJob() does in its job.
  static Result<Ran> run(Mail& mail, const Work& work, SyncPolicy policy, bool uid, bool looks);
  void ran(Ran ran);
  void nextWindow();
  void failed(const Error& error);
  void gone(const Error& why);
  void logFailure(const Error& error) const;
  [[nodiscard]] SyncPolicy policy() const;

  // input.cc
  void advance();
  bool takeInput();
  bool takeLine();
  bool takeOctets(bool keep);
  bool takeMessage();
  void tooLong();
  void took(std::string_view line);
  void parse();
  void parseTail();
  void want(imap::LiteralWanted wanted);
  void refuse(const imap::Bad& bad);
  void refusedEnd();
  void dispatch(imap::Command command);
  [[nodiscard]] imap::ParseOptions parseOptions() const;

  // login.cc
  void after(std::chrono::milliseconds wait, std::function<void()> then);
  void openAccount(const auth::Login& login, std::string mechanism);
  void opened(auth::Login login, const std::string& mechanism, Result<store::AccountHandle> account);
  void beginUser(auth::Login login, const std::string& mechanism, store::AccountHandle account);
  /// Nothing of the user is left behind; the selected mailbox was left before.
  void endUser(std::string_view why);
  /// Leaves the selected mailbox in a job, then calls `then` whatever came of that.
  void leaveMailbox(std::function<void(Session&)> then);
  [[nodiscard]] auth::LoginHooks loginHooks();
  /// False: connlimits do not let that address have one more.
  [[nodiscard]] bool countForClient();

  Shared& shared_;
  net::LineReader lines_;
  Phase phase_ = Phase::Handshake;
  /// For the jobs: false when nobody waits for them any more.
  std::shared_ptr<std::atomic<bool>> alive_ = std::make_shared<std::atomic<bool>>(true);
  std::unique_ptr<Mail> mail_;  // null while a job has it, and before the login
  auth::Login login_;
  std::optional<net::Endpoint> claimed_;  // by ID, not yet believed
  std::optional<net::Endpoint> client_;   // believed, of this login

  std::string command_;       // the lines so far, with their literals
  std::uint64_t octets_ = 0;  // of a literal or message that are still to come
  std::string tag_ = "*";
  const CommandSpec* row_ = nullptr;  // the command at work
  bool uid_ = false;                  // it is a UID command
  bool begins_ = false;               // none of its jobs has run
  Steady commandBegan_{};
  LineHandler holder_;
  std::shared_ptr<Append> append_;
  std::function<void(Session&)> drained_;
  std::shared_ptr<Transfer> transfer_;
  bool midResponse_ = false;  // what was sent last ends inside a response
  Answer refused_;            // told when the rest of the command has been thrown away

  std::unique_ptr<net::Timer> timer_;
  unsigned badCommands_ = 0;
  unsigned failedLogins_ = 0;  // counted apart: nothing but a login makes up for them
  bool greeted_ = false;
  bool discarding_ = false;  // lines belong to a refused command
  bool advancing_ = false;
  bool leaving_ = false;
  std::string account_;
  bool counted_ = false;
  Steady userBegan_{};
  std::string_view parting_ = "logout";
};

}  // namespace posthorn::imapd
