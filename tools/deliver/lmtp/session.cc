// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/session.h"

#include <cstdio>
#include <utility>

#include "common/base/assert.h"
#include "tools/deliver/lmtp/messages.h"
#include "tools/deliver/lmtp/parse/command_line.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {
namespace {

// More than this that the client has not taken: its further commands wait (a client may pipeline without
// reading).
constexpr std::uint64_t kMostPending = 64UL * 1024;

std::size_t indexOf(const CommandSpec& command) {
  return static_cast<std::size_t>(&command - commandTable().data());
}

std::string farewell(net::Parting why) {
  switch (why) {
    case net::Parting::Idle:
    case net::Parting::LoginTimeout:
      return reply(421, "4.4.2", "Silent for too long, closing");
    case net::Parting::Crowded:
      return reply(421, "4.3.2", "Too many connections, try again later");
    case net::Parting::Kicked:
      return reply(421, "4.3.2", "Disconnected by the operator");
    default:
      return reply(421, "4.3.2", "The service is going down, try again later");
  }
}

}  // namespace

// Only CRLF ends a line, as in the text: what one of two servers takes for a line and the other does not is
// how mail is smuggled in.
Session::Session(Shared& shared, net::Arrival arrival)
    : StreamSession(std::move(arrival)),
      shared_(shared),
      lines_(stream().input(), shared.service.maxlinelength, net::LineEnd::CrLf) {}

void Session::enter(State next) {
  PH_ASSERT(mayFollow(state_.index(), next.index()));
  state_ = std::move(next);
}

std::string Session::clientName() const {
  const bool local = stream().peer() == net::Endpoint{};
  return local ? "unix" : stream().peer().text();
}

bool Session::welcome() const {
  return stream().peer() == net::Endpoint{} ||
         net::containsAny(shared_.limits.clients, stream().peer().address);
}

// The greeting, or the new beginning after STARTTLS.
void Session::onOpen() {
  phase_ = Phase::Reading;
  state_ = Strange{};
  if (!greeted_ && !welcome()) {
    log::write(messages::kStranger, {{"client", clientName()}});
    parting_ = "refused";
    stream().write(reply(554, "5.7.1", "Your address may not deliver mail here"));
    return close();
  }
  if (!std::exchange(greeted_, true))
    stream().write(reply(220, "", shared_.site.config->hostname() + " Posthorn LMTP ready"));
  advance();
}

void Session::advance() {
  if (advancing_) return;
  advancing_ = true;
  while (phase_ == Phase::Reading && stream().pending() <= kMostPending &&
         (intake_ == Intake::Lines     ? takeLine()
          : intake_ == Intake::Dropped ? takeDropped()
                                       : takeContent())) {
  }
  advancing_ = false;
  // What stays behind a half-closed connection's last line is no command, and a message without its end none.
  if (phase_ == Phase::Reading && stream().eof() && stream().pending() <= kMostPending) {
    parting_ = "lost";
    close();
  }
}

bool Session::takeLine() {
  if (skipping_ && !lines_.skipLongLine()) return false;
  skipping_ = false;
  lines_.setLimit(shared_.service.maxlinelength);
  const auto line = lines_.next();
  if (!line.ok()) {
    lineTooLong();
    return true;
  }
  if (!*line) return false;
  const std::string text(**line);
  lines_.consume();
  dispatch(text);
  return true;
}

void Session::lineTooLong() {
  skipping_ = true;
  refuse(reply(500, "5.5.2", "Line too long"));
}

void Session::dispatch(const std::string& line) {
  commandBegan_ = shared_.loop.now();
  const auto split = splitLine(line);
  if (!split.ok()) return refuse(reply(500, "5.5.2", split.error().client));
  const CommandSpec* command = findCommand(split->verb);
  if (command == nullptr) return refuse(reply(500, "5.5.1", "Unknown command"));
  if ((command->states & bitOf(state_)) == 0) {
    const bool early = std::holds_alternative<Strange>(state_);
    return refuse(reply(503, "5.5.1", early ? "Say LHLO first" : "Bad sequence of commands"));
  }
  command_ = command;
  phase_ = Phase::Working;
  command->run(*this, split->arguments);
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
  const bool ok = isGood(reply);
  stream().write(std::move(reply));
  finish(ok);
}

void Session::answerAndClose(std::string reply) {
  const bool ok = isGood(reply);
  stream().write(std::move(reply));
  close();
  finish(ok);
}

void Session::refuse(std::string text) {
  shared_.slot.add(stats::Counter::BadCommands);
  if (++badCommands_ < shared_.service.maxbadcommands) return answer(std::move(text));
  log::write(messages::kBadCommands,
             {{"session", std::to_string(id().number())}, {"client", clientName()}, {"name", name_}});
  parting_ = "bad-commands";
  stream().write(std::move(text));
  answerAndClose(reply(421, "4.7.0", "Too many bad commands, closing"));
}

void Session::greetedBy(std::string name) {
  name_ = std::move(name);
  // There is no login: who speaks the protocol is no stranger any more, and idletimeout counts from here.
  markAuthenticated();
  enter(Ready{});
}

void Session::startTls() {
  auto layer = shared_.tls->newLayer();
  if (!layer) return answer(reply(454, "4.7.0", "TLS is not available now"));
  phase_ = Phase::Handshake;
  name_.clear();
  const Status started =
      stream().startTls(std::move(layer), reply(220, "2.0.0", "Begin TLS"),
                        reply(503, "5.5.1", "Nothing may follow STARTTLS before TLS is active"));
  if (!started.ok()) {
    parting_ = "injection";
    phase_ = Phase::Ended;
  }
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(shared_.loop.now() - commandBegan_);
  shared_.slot.command(indexOf(*command_), took, started.ok());
  command_ = nullptr;
}

void Session::part(net::Parting why) {
  if (phase_ == Phase::Ended) return;
  parting_ = net::toString(why);
  // A message that is being written to its recipients gets its replies.
  if (phase_ == Phase::Working) {
    leaving_ = true;
    return;
  }
  if (phase_ == Phase::Handshake) {
    phase_ = Phase::Ended;
    return stream().abort(makeError(Errc::Cancelled, "asked to leave"));
  }
  if (greeted_) stream().write(farewell(why));
  close();
}

void Session::close() {
  phase_ = Phase::Ended;
  stream().close();
}

void Session::onClosed(const Status& why) {
  phase_ = Phase::Ended;
  logClose(why);
  StreamSession::onClosed(why);
}

void Session::logClose(const Status& why) const {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(shared_.loop.now() - net::Session::began());
  const auto count = seconds.count();
  char duration[32];
  std::snprintf(duration, sizeof duration, "%lld:%02lld:%02lld", static_cast<long long>(count / 3600),
                static_cast<long long>(count / 60 % 60), static_cast<long long>(count % 60));
  log::write(messages::kClose, {{"session", std::to_string(id().number())},
                                {"client", clientName()},
                                {"name", name_},
                                {"duration", duration},
                                {"in", std::to_string(stream().bytesIn())},
                                {"out", std::to_string(stream().bytesOut())},
                                {"messages", std::to_string(messages_)},
                                {"delivered", std::to_string(delivered_)},
                                {"reason", why.ok() ? std::string(parting_) : why.error().describe()}});
}

}  // namespace posthorn::deliver::lmtp
