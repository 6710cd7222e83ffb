// SPDX-License-Identifier: Apache-2.0
#include "imapd/session.h"

#include "common/base/assert.h"
#include "common/events/session_event.h"
#include "common/proc/banner.h"
#include "imapd/append.h"
#include "imapd/capabilities.h"
#include "imapd/messages.h"

namespace posthorn::imapd {
namespace {

constexpr std::size_t kBannerLimit = 400;
// A client that idles and takes nothing is told no more than this.
constexpr std::uint64_t kMostUntaken = 64UL * 1024;

std::string_view farewell(net::Parting why) {
  switch (why) {
    case net::Parting::Idle:
    case net::Parting::LoginTimeout:
      return "Idle for too long";
    case net::Parting::Crowded:
      return "[UNAVAILABLE] Too many connections, try again later";
    case net::Parting::Kicked:
      return "Disconnected by the operator";
    case net::Parting::Stopping:
    case net::Parting::Drained:
      break;
  }
  return "[UNAVAILABLE] The server ends this session";
}

}  // namespace

/// What a job brings back.
struct Session::Ran {
  Result<Window> window;
  std::string before;   ///< untagged, ahead of the window
  std::string changes;  ///< untagged, behind the window's own
  Status told;          ///< whether what others did could be told
};

Session::Session(Shared& shared, net::Arrival arrival)
    : StreamSession(std::move(arrival)),
      shared_(shared),
      lines_(stream().input(), shared.service.maxlinelength) {}

Session::~Session() {
  if (counted_) shared_.slot.uncountUser(account_);
  auth::wipe(command_);
}

States Session::state() const {
  if (!mail_) return kNotAuthenticated;
  return mail_->selected ? kSelected : kAuthenticated;
}

Mail& Session::mail() {
  PH_ASSERT(mail_ != nullptr);
  return *mail_;
}

auth::sasl::Channel Session::channel() const {
  const net::SecureInfo* secure = stream().secure();
  return secure != nullptr ? auth::sasl::Channel{true, secure->bits} : auth::sasl::Channel{};
}

bool Session::passwordsAllowed() const {
  return auth::sasl::passwordsAllowed(shared_.service.plaintextmincipher, channel());
}

bool Session::mayStartTls() const {
  return state() == kNotAuthenticated && shared_.tls && stream().secure() == nullptr;
}

bool Session::mayUnauthenticate() const {
  return login_.proxyUser && shared_.config->get<"imap.capability.unauthenticate">();
}

events::Interest Session::watch(std::function<void()> onChange) {
  // A selected mailbox may be another user's.
  const bool selected = mail_ && mail_->selected;
  return shared_.watcher->watch(selected ? mail_->selected->box.account().id() : account_,
                                std::move(onChange));
}

void Session::onOpen() {
  phase_ = Phase::Reading;
  if (!greeted_) greet();
  advance();
}

void Session::greet() {
  greeted_ = true;
  const proc::BannerFacts facts{.host = shared_.config->hostname(), .protocol = "IMAP4"};
  const std::string text =
      proc::banner(shared_.service.banner, facts, shared_.loop.clock().wall(), kBannerLimit);
  stream().write("* OK [CAPABILITY " + capabilities(*this) + "] " + text + "\r\n");
}

void Session::onDrained() {
  if (phase_ == Phase::Sending) return nextWindow();
  if (phase_ == Phase::Reading && drained_) return std::exchange(drained_, nullptr)(*this);
  advance();
}

SyncPolicy Session::policy() const {
  if (row_ == nullptr) return SyncPolicy::None;
  return uid_ && row_->sync == SyncPolicy::KeepNumbers ? SyncPolicy::Full : row_->sync;
}

Result<Session::Ran> Session::run(Mail& mail, const Work& work, SyncPolicy policy, bool uid, bool looks) {
  Ran ran{Window{}, {}, {}, {}};
  ran.told = recheck(mail);
  if (!ran.told.ok()) return ran;
  // UIDs are learned in other ways than from this session: it must know of all that can be meant. Flags are
  // told behind the command alone: a FETCH response to STORE.SILENT must hold what has come of it.
  if (looks) ran.told = sync(mail, SyncPolicy::Arrivals, uid, ran.before);
  if (!ran.told.ok()) return ran;
  ran.window = work(mail);
  if (!ran.window.ok() || ran.window->end) ran.told = sync(mail, policy, uid, ran.changes);
  return ran;
}

template <typename Task, typename Then>
// NOLINTNEXTLINE(performance-unnecessary-value-param): clang-tidy does not see it moved in a template
void Session::lend(Task work, Then done) {
  PH_ASSERT(mail_ != nullptr);
  phase_ = Phase::Working;
  // Held by both closures, so that it comes back also when the job throws or is not taken.
  auto held = std::make_shared<std::unique_ptr<Mail>>(std::move(mail_));
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Store, id(), account_, [held, work = std::move(work)]() { return work(**held); },
      [held, done](Session& session, auto result) {
        session.mail_ = std::move(*held);
        if (session.phase_ != Phase::Ended) done(session, std::move(result));
      });
  if (posted.ok()) return;
  mail_ = std::move(*held);
  done(*this, posted.error());
}

void Session::inJob(Work work) {
  const bool looks = std::exchange(begins_, false) && uid_;
  lend([work = std::move(work), policy = policy(), uid = uid_,
        looks](Mail& mail) { return run(mail, work, policy, uid, looks); },
       [](Session& session, Result<Ran> done) {
         if (!done.ok()) return session.failed(done.error());
         session.ran(std::move(*done));
       });
}

void Session::ran(Ran ran) {
  stream().write(std::move(ran.before));
  // What is done is done: it is told whatever becomes of the rest.
  if (ran.window.ok() && (ran.told.ok() || ran.window->end)) {
    deliver(std::move(*ran.window), ran.changes);
  } else {
    if (!midResponse_) stream().write(std::move(ran.changes));
    failed(ran.window.ok() ? ran.told.error() : ran.window.error());
  }
  if (!ran.told.ok() && phase_ != Phase::Ended) gone(ran.told.error());
}

/// Ends the command at work with an error, or the connection where no words can be said.
void Session::failed(const Error& error) {
  transfer_.reset();
  if (midResponse_) {
    phase_ = Phase::Ended;
    return stream().abort(error);
  }
  fail(error);
}

/// The session cannot be told any more what happens in its mailbox.
void Session::gone(const Error& why) {
  const bool removed = why.code == Errc::Conflict || why.code == Errc::NotFound;
  if (!removed) logFailure(why);
  parting_ = removed ? "mailbox-gone" : "store-failed";
  bye(removed ? "The selected mailbox was removed" : "[UNAVAILABLE] Try again later");
}

void Session::deliver(Window window, const std::string& changes) {
  const bool silent = window.pieces.empty();
  net::write(stream(), std::move(window.pieces));
  if (window.end) {
    transfer_.reset();
    window.end->untagged.append(changes);
    return answer(*window.end);
  }
  midResponse_ = transfer_ && transfer_->inLiteral();
  phase_ = Phase::Sending;
  // Nothing was sent, so nothing will be taken that could ask for more.
  if (silent) nextWindow();
}

void Session::send(std::shared_ptr<Transfer> transfer) {
  transfer_ = std::move(transfer);
  nextWindow();
}

void Session::nextWindow() {
  inJob([transfer = transfer_](Mail& mail) { return transfer->more(mail); });
}

void Session::onMail(std::function<Status(Mail&)> work,
                     const std::function<void(Session&, const Status&)>& done) {
  lend(std::move(work), done);
}

void Session::tellChanges(std::function<void(Session&)> done) {
  auto text = std::make_shared<std::string>();
  onMail([text](Mail& mail) { return sync(mail, SyncPolicy::Full, false, *text); },
         [text, done = std::move(done)](Session& session, const Status& status) {
           session.stream().write(std::move(*text));
           if (!status.ok()) return session.gone(status.error());
           if (session.leaving_) return session.part(net::Parting::Stopping);
           done(session);
         });
}

void Session::holdInput(LineHandler handler) {
  holder_ = std::move(handler);
  if (leaving_) return part(net::Parting::Stopping);
  phase_ = Phase::Reading;
  advance();
}

bool Session::congested() const {
  return stream().pending() > kMostUntaken;
}

void Session::whenDrained(std::function<void(Session&)> then) {
  drained_ = std::move(then);
}

void Session::beginAppend() {
  append_->begin(*this, append_);
}

void Session::holdMessage(std::shared_ptr<Append> append, std::uint64_t octets) {
  if (leaving_) return part(net::Parting::Stopping);
  append_ = std::move(append);
  octets_ = octets;
  phase_ = octets == 0 ? Phase::Reading : Phase::Message;
  advance();
}

void Session::answer(const Answer& answer) {
  stream().write(answer.untagged + tag_ + " " + std::string(answer.status) + " " + answer.text + "\r\n");
  finish(answer.status == "OK");
}

void Session::fail(const Error& error) {
  logFailure(error);
  answer(refusal(error));
}

void Session::logFailure(const Error& error) const {
  const bool ours = error.code == Errc::Corrupt || error.code == Errc::Internal || error.code == Errc::Io ||
                    error.code == Errc::NoSpace;
  if (!ours) return;
  log::write(messages::kCommandFailed,
             {{"session", std::to_string(id().number())},
              {"user", account_},
              {"command", std::string(row_ != nullptr ? imap::toString(row_->name) : "-")},
              {"error", error.describe()}});
}

void Session::bad(std::string_view text) {
  auth::wipe(command_);
  command_.clear();
  shared_.slot.add(stats::Counter::BadCommands);
  if (++badCommands_ < shared_.service.maxbadcommands) return answer(badAnswer(std::string(text)));
  log::write(messages::kBadCommands,
             {{"session", std::to_string(id().number())}, {"client", client().text()}, {"user", account_}});
  parting_ = "bad-commands";
  bye("Too many bad commands");
}

void Session::bye(std::string_view text, std::string_view tagged) {
  stream().write("* BYE " + std::string(text) + "\r\n");
  if (!tagged.empty()) stream().write(tag_ + " " + std::string(tagged) + "\r\n");
  close();
  finish(true);
}

void Session::finish(bool ok) {
  if (row_ != nullptr) {
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(shared_.loop.now() - commandBegan_);
    shared_.slot.command(static_cast<std::size_t>(row_ - commandTable().data()), took, ok);
    row_ = nullptr;
    if (ok) badCommands_ = 0;
  }
  holder_ = nullptr;
  drained_ = nullptr;
  append_.reset();
  transfer_.reset();
  midResponse_ = false;
  discarding_ = false;
  uid_ = false;
  if (phase_ == Phase::Ended) return;
  phase_ = Phase::Reading;
  if (leaving_) return part(net::Parting::Stopping);
  advance();
}

void Session::startTls() {
  auto layer = shared_.tls->newLayer();
  if (!layer) return fail(makeError(Errc::Unavailable, "no memory for TLS"));
  phase_ = Phase::Handshake;
  row_ = nullptr;
  const Status started = stream().startTls(std::move(layer), tag_ + " OK Begin TLS\r\n",
                                           "* BYE Nothing may follow STARTTLS before TLS is active\r\n");
  if (started.ok()) return;
  parting_ = "injection";
  phase_ = Phase::Ended;
}

void Session::part(net::Parting why) {
  if (phase_ == Phase::Ended) return;
  parting_ = net::toString(why);
  if (phase_ == Phase::Working || phase_ == Phase::Sending) {
    leaving_ = true;
    // A client that does not take what it asked for holds nobody up.
    if (phase_ == Phase::Sending && why != net::Parting::Stopping)
      stream().abort(makeError(Errc::Timeout, "the client takes nothing"));
    return;
  }
  if (phase_ == Phase::Handshake) {
    phase_ = Phase::Ended;
    return stream().abort(makeError(Errc::Cancelled, "asked to leave"));
  }
  stream().write("* BYE " + std::string(farewell(why)) + "\r\n");
  close();
}

void Session::close() {
  phase_ = Phase::Ended;
  timer_.reset();
  holder_ = nullptr;
  stream().close();
}

void Session::onClosed(const Status& why) {
  *alive_ = false;
  phase_ = Phase::Ended;
  timer_.reset();
  holder_ = nullptr;
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(shared_.loop.now() - net::Session::began());
  log::write(messages::kClose, {{"session", std::to_string(id().number())},
                                {"client", client().text()},
                                {"user", account_.empty() ? "unauthenticated" : account_},
                                {"duration", std::to_string(seconds.count())},
                                {"in", std::to_string(stream().bytesIn())},
                                {"out", std::to_string(stream().bytesOut())},
                                {"reason", why.ok() ? std::string(parting_) : why.error().describe()}});
  if (!account_.empty())
    events::tellLogout(shared_.store->notifier(), stream(), {account_, login_.by, client_},
                       why.ok() ? parting_ : "abort",
                       std::chrono::duration_cast<std::chrono::seconds>(shared_.loop.now() - userBegan_));
  StreamSession::onClosed(why);
}

}  // namespace posthorn::imapd
