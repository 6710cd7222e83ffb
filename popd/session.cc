// SPDX-License-Identifier: Apache-2.0
#include "popd/session.h"

#include <ctime>

#include "common/base/ascii.h"
#include "common/base/assert.h"
#include "common/events/session_event.h"
#include "common/proc/banner.h"
#include "popd/messages.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

// More than this that the client has not taken: its further commands wait (a client may pipeline without
// reading).
constexpr std::uint64_t kMostPending = 64UL * 1024;
constexpr std::size_t kCommandLimit = kMaxCommandLine - 2;
constexpr std::size_t kBannerLimit = kMaxReply - 8;

std::size_t indexOf(const CommandSpec& command) {
  return static_cast<std::size_t>(&command - commandTable().data());
}

View farewell(net::Parting why) {
  switch (why) {
    case net::Parting::Crowded:
      return "Too many connections, try again later";
    case net::Parting::Kicked:
      return "Disconnected by the operator";
    default:
      return "The server is going down, try again later";
  }
}

}  // namespace

Session::Session(Shared& shared, net::Arrival arrival)
    : StreamSession(std::move(arrival)), shared_(shared), lines_(stream().input(), kCommandLimit) {}

Session::~Session() {
  if (counted_) shared_.slot.uncountUser(account_);
}

void Session::enter(State next) {
  PH_ASSERT(mayFollow(state_.index(), next.index()));
  state_ = std::move(next);
  log::write(messages::kState,
             {{"session", std::to_string(id().number())}, {"state", std::string(nameOf(state_))}});
}

Maildrop& Session::maildrop() {
  auto* transaction = std::get_if<Transaction>(&state_);
  PH_ASSERT(transaction != nullptr && transaction->maildrop != nullptr);
  return *transaction->maildrop;
}

auth::sasl::Channel Session::channel() const {
  const net::SecureInfo* secure = stream().secure();
  return secure != nullptr ? auth::sasl::Channel{true, secure->bits} : auth::sasl::Channel{};
}

bool Session::passwordsAllowed() const {
  return auth::sasl::passwordsAllowed(shared_.service.plaintextmincipher, channel());
}

bool Session::mayStartTls() const {
  const auto* authorization = std::get_if<Authorization>(&state_);
  return authorization != nullptr && !authorization->utf8 && shared_.tls && stream().secure() == nullptr;
}

// The greeting, or the new beginning after STLS.
void Session::onOpen() {
  phase_ = Phase::Reading;
  enter(Authorization{});
  if (!greeted_) greet();
  advance();
}

void Session::greet() {
  greeted_ = true;
  const proc::BannerFacts facts{.host = shared_.config->hostname(), .protocol = "POP3"};
  stream().write(
      okReply(proc::banner(shared_.service.banner, facts, shared_.loop.clock().wall(), kBannerLimit)));
}

void Session::onDrained() {
  if (phase_ == Phase::Sending) return moreOf();
  advance();
}

void Session::advance() {
  if (advancing_) return;
  advancing_ = true;
  while (phase_ == Phase::Reading && stream().pending() <= kMostPending && takeLine()) {
  }
  advancing_ = false;
  // What stays behind a half-closed connection's last line is no command.
  if (phase_ == Phase::Reading && stream().eof() && stream().pending() <= kMostPending) {
    parting_ = "lost";
    close();
  }
}

bool Session::takeLine() {
  if (skipping_ && !lines_.skipLongLine()) return false;
  skipping_ = false;
  const auto line = lines_.next();
  if (!line.ok()) {
    lineTooLong();
    return true;
  }
  if (!*line) return false;
  std::string text(**line);
  lines_.consume();
  dispatch(std::move(text));
  return true;
}

void Session::lineTooLong() {
  skipping_ = true;
  holder_ = nullptr;
  lines_.setLimit(kCommandLimit);
  refuse(Error{Errc::Limit, "line too long", "Line too long"});
}

void Session::dispatch(std::string line) {
  if (holder_) {
    const auto holder = std::exchange(holder_, nullptr);
    lines_.setLimit(kCommandLimit);
    phase_ = Phase::Working;
    return holder(*this, std::move(line));
  }
  const auto split = splitLine(line);
  if (!split.ok()) return refuse(split.error());
  const CommandSpec* command = findCommand(split->keyword);
  if (command == nullptr) return refuse(Error{Errc::Invalid, "unknown command", "Unknown command"});
  if ((command->states & bitOf(state_)) == 0) {
    const bool early = std::holds_alternative<Authorization>(state_);
    return refuse(
        Error{Errc::Invalid, "wrong state", early ? "Log in first" : "Not possible after the login"});
  }
  beginCommand(*command, Arguments(split->arguments));
  auth::wipe(line);
}

void Session::beginCommand(const CommandSpec& command, Arguments arguments) {
  command_ = &command;
  commandBegan_ = shared_.loop.now();
  phase_ = Phase::Working;
  command.run(*this, arguments);
}

void Session::finish(bool ok) {
  if (command_ != nullptr) {
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(shared_.loop.now() - commandBegan_);
    shared_.slot.command(indexOf(*command_), took, ok);
    command_ = nullptr;
  }
  if (ok) badCommands_ = 0;
  if (phase_ == Phase::Ended) return;
  phase_ = Phase::Reading;
  if (leaving_) return part(net::Parting::Stopping);
  advance();
}

void Session::answer(std::string reply) {
  const bool ok = reply.starts_with("+OK");
  stream().write(std::move(reply));
  finish(ok);
}

void Session::answerAndClose(std::string reply) {
  const bool ok = reply.starts_with("+OK");
  stream().write(std::move(reply));
  close();
  finish(ok);
}

void Session::fail(const Error& error) {
  if (error.code != Errc::NotFound && error.code != Errc::Invalid && error.code != Errc::Busy) {
    log::write(messages::kCommandFailed,
               {{"session", std::to_string(id().number())},
                {"user", account_},
                {"command", std::string(command_ != nullptr ? command_->name : "-")},
                {"error", error.describe()}});
  }
  answer(errReply(error));
}

void Session::refuse(const Error& error) {
  shared_.slot.add(stats::Counter::BadCommands);
  if (++badCommands_ < shared_.service.maxbadcommands) return answer(errReply({}, error.client));
  log::write(
      messages::kBadCommands,
      {{"session", std::to_string(id().number())}, {"client", stream().peer().text()}, {"user", account_}});
  parting_ = "bad-commands";
  answerAndClose(errReply({}, error.client));
}

void Session::send(Opening opening) {
  stream().write(std::move(opening.head));
  transfer_ = std::move(opening.transfer);
  deliver(std::move(opening.first));
}

void Session::deliver(Window window) {
  net::write(stream(), std::move(window.pieces));
  phase_ = Phase::Sending;
  if (!window.last) return;
  transfer_.reset();
  finish(true);
}

// The client has taken the last window.
void Session::moreOf() {
  const auto went = [](Session& to, Result<Window> window) {
    // The status line said +OK: the only way left to say that the rest is missing is to hang up.
    if (!window.ok()) return to.stream().abort(window.error());
    to.deliver(std::move(*window));
  };
  if (!transfer_->blocks()) return went(*this, transfer_->more(maildrop()));
  onMaildrop([transfer = transfer_](Maildrop& box) { return transfer->more(box); }, went);
}

void Session::holdInput(std::function<void(Session&, std::string line)> handler) {
  holder_ = std::move(handler);
  lines_.setLimit(shared_.service.maxlinelength);
  phase_ = Phase::Reading;
}

void Session::startTls() {
  auto layer = shared_.tls->newLayer();
  if (!layer) return fail(makeError(Errc::Unavailable, "no memory for TLS"));
  phase_ = Phase::Handshake;
  const Status started = stream().startTls(std::move(layer), okReply("Begin TLS"),
                                           errReply({}, "Nothing may follow STLS before TLS is active"));
  if (!started.ok()) {
    parting_ = "injection";
    phase_ = Phase::Ended;
  }
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(shared_.loop.now() - commandBegan_);
  shared_.slot.command(indexOf(*command_), took, started.ok());
  command_ = nullptr;
}

void Session::enterUpdate() {
  const auto ended = [](Session& session, const Maildrop::Removal& removal) {
    // The maildrop and its lock go before the answer: who has read it may log in again at once.
    session.enter(Update{});
    session.removed_ = removal.removed;
    const std::string count = std::to_string(removal.removed);
    if (removal.status.ok())
      return session.answerAndClose(okReply(removal.removed == 0 ? "Bye" : "Bye, " + count + " deleted"));
    log::write(messages::kCommandFailed, {{"session", std::to_string(session.id().number())},
                                          {"user", session.account_},
                                          {"command", "QUIT"},
                                          {"deleted", count},
                                          {"error", removal.status.error().describe()}});
    // RFC 1939 section 6: the client must not take for deleted what is still there.
    session.answerAndClose(errReply("[SYS/TEMP]", removal.removed == 0
                                                      ? "Nothing was deleted"
                                                      : "Not everything was deleted, only " + count));
  };
  if (maildrop().markedMessages() == 0) return ended(*this, {});
  onMaildrop([](Maildrop& box) -> Result<Maildrop::Removal> { return box.removeMarked(); },
             [ended](Session& session, const Result<Maildrop::Removal>& removal) {
               ended(session, removal.ok() ? *removal : Maildrop::Removal{0, removal.error()});
             });
}

void Session::part(net::Parting why) {
  if (phase_ == Phase::Ended) return;
  parting_ = net::toString(why);
  // A message that is on its way is sent to its end, as far as the time for stopping allows.
  const bool unhurried = why == net::Parting::Stopping || why == net::Parting::Drained;
  if (phase_ == Phase::Working || (phase_ == Phase::Sending && unhurried)) {
    leaving_ = true;
    return;
  }
  // RFC 1939 §3: an autologout removes nothing and says nothing.
  const bool silent = why == net::Parting::Idle || why == net::Parting::LoginTimeout;
  if (!silent && greeted_ && (phase_ == Phase::Reading || phase_ == Phase::Delayed))
    stream().write(errReply("[SYS/TEMP]", farewell(why)));
  if (phase_ == Phase::Handshake) {
    phase_ = Phase::Ended;
    return stream().abort(makeError(Errc::Cancelled, "asked to leave"));
  }
  close();
}

void Session::close() {
  phase_ = Phase::Ended;
  timer_.reset();
  stream().close();
}

void Session::onClosed(const Status& why) {
  phase_ = Phase::Ended;
  timer_.reset();
  logClose(why);
  if (!account_.empty())
    events::tellLogout(shared_.store->notifier(), stream(), {account_, by_}, why.ok() ? parting_ : "abort",
                       std::chrono::duration_cast<std::chrono::seconds>(shared_.loop.now() - loggedIn_));
  StreamSession::onClosed(why);
}

void Session::logClose(const Status& why) const {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(shared_.loop.now() - net::Session::began());
  const std::time_t from =
      std::chrono::system_clock::to_time_t(shared_.loop.clock().wall() - std::chrono::seconds(seconds));
  std::tm local{};
  ::localtime_r(&from, &local);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y/%m/%d %H:%M:%S", &local);
  const auto count = seconds.count();
  char duration[32];
  std::snprintf(duration, sizeof duration, "%lld:%02lld:%02lld", static_cast<long long>(count / 3600),
                static_cast<long long>(count / 60 % 60), static_cast<long long>(count % 60));
  const bool orderly = why.ok();
  log::write(messages::kClose, {{"session", std::to_string(id().number())},
                                {"client", stream().peer().text()},
                                {"user", account_.empty() ? "unauthenticated" : account_},
                                {"began", std::string(text, length)},
                                {"duration", duration},
                                {"in", std::to_string(stream().bytesIn())},
                                {"out", std::to_string(stream().bytesOut())},
                                {"deleted", std::to_string(removed_)},
                                {"reason", orderly ? std::string(parting_) : why.error().describe()}});
}

}  // namespace posthorn::popd
