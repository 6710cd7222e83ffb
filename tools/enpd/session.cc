// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/session.h"

#include <utility>

#include <sys/socket.h>

#include "common/config/snapshot.h"
#include "tools/enpd/messages.h"
#include "tools/enpd/reply.h"

namespace posthorn::enpd {
namespace {

/// What the stream holds at most of events; the rest waits in the outbox, where it is bounded.
constexpr std::uint64_t kStreamShare = 64UL * 1024;
/// The kernel would grow it to megabytes for each subscriber that stopped reading.
constexpr int kSendBuffer = 128 * 1024;
/// A client that does not take its answers gets no more of them.
constexpr std::uint64_t kMaxAnswers = 256UL * 1024;

/// Whether the service goes on for who leaves now.
bool comesBack(net::Parting why) {
  return why != net::Parting::Kicked && why != net::Parting::LoginTimeout;
}

std::string_view wordsFor(net::Parting why) {
  switch (why) {
    case net::Parting::Idle:
      return "nothing was said or taken for too long";
    case net::Parting::LoginTimeout:
      return "nothing was subscribed to in time";
    case net::Parting::Crowded:
      return "too many connections";
    case net::Parting::Drained:
      return "the event service has been renewed";
    case net::Parting::Stopping:
      return "the event service stops";
    case net::Parting::Kicked:
      break;
  }
  return "disconnected by the operator";
}

}  // namespace

Session::Session(Shared& shared, net::Arrival arrival, bool welcome)
    : net::StreamSession(std::move(arrival)),
      shared_(shared),
      lines_(stream().input(), shared.settings->maxLine),
      welcome_(welcome) {
  stream().setLowWater(kStreamShare / 2);
  ::setsockopt(stream().fd(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
}

Session::~Session() {
  shared_.exchange.unsubscribeAll(*this);
  countSubscriptions();
}

bool Session::mayPublish() const {
  return shared_.settings->publish.allow(stream().peer().address.raw());
}

void Session::onOpen() {
  if (!std::exchange(greeted_, true)) greet();
  // What came while TLS was negotiated.
  pump();
  advance();
}

void Session::greet() {
  if (!welcome_) {
    say(failed(makeError(Errc::Denied, "your address is not let in by ens.access")));
    return leave("not allowed", false);
  }
  say(hello({.host = shared_.settings->host,
             .startTls = shared_.tls != nullptr && stream().secure() == nullptr,
             .publish = mayPublish()}));
}

void Session::say(std::string line) {
  lastWord_ = shared_.loop.now();
  stream().write(std::move(line));
}

bool Session::congested() const {
  return stream().pending() > kMaxAnswers;
}

void Session::advance() {
  if (std::exchange(advancing_, true)) return;
  lines_.setLimit(mayPublish() ? config::kMaxPublishLine : shared_.settings->maxLine);
  while (!leaving_ && stream().state() == net::Transport::Open && !congested() && takeLine()) {
  }
  advancing_ = false;
  if (stream().eof() && !congested() && !leaving_) leave("", true);
}

bool Session::takeLine() {
  if (skipping_) {
    if (!lines_.skipLongLine()) return false;
    skipping_ = false;
    refuse(makeError(Errc::TooBig, "the command line is too long"));
    return true;
  }
  const auto line = lines_.next();
  if (!line.ok()) {
    skipping_ = true;
    return true;
  }
  if (!*line) return false;
  const std::string text(**line);
  lines_.consume();
  run(text);
  return true;
}

void Session::run(std::string_view line) {
  auto command = parseCommand(line);
  if (!command.ok()) return refuse(command.error());
  badCommands_ = 0;
  carryOut(*command);
}

void Session::refuse(const Error& error) {
  shared_.slot.add(stats::Counter::BadCommands);
  say(failed(error));
  if (++badCommands_ < shared_.settings->maxBadCommands) return;
  log::write(messages::kBadCommands, {{"client", stream().peer().text()}});
  leave("too many commands made no sense", false);
}

void Session::carryOut(Command& command) {
  const Steady began = shared_.loop.now();
  switch (command.verb) {
    case Command::Verb::Subscribe:
      subscribe(command);
      break;
    case Command::Verb::Unsubscribe:
      unsubscribe(command);
      break;
    case Command::Verb::Publish:
      publish(command);
      break;
    case Command::Verb::Relay:
      relay(command);
      break;
    case Command::Verb::Ping:
      say(pong(command.text));
      break;
    case Command::Verb::Noop:
      say(done(nameOf(command.verb)));
      break;
    case Command::Verb::StartTls:
      startTls();
      break;
    case Command::Verb::Quit:
      leave("as you wish", true);
      break;
  }
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(shared_.loop.now() - began);
  shared_.slot.command(static_cast<std::size_t>(command.verb), took);
}

void Session::countSubscriptions() {
  const std::size_t now = subscriptions();
  shared_.slot.add(stats::Gauge::Subscriptions,
                   static_cast<std::int64_t>(now) - static_cast<std::int64_t>(counted_));
  counted_ = now;
}

void Session::subscribe(Command& command) {
  const Status taken =
      shared_.exchange.subscribe(*this, std::move(command.wishes), shared_.settings->maxSubscriptions);
  if (!taken.ok()) return say(failed(taken.error()));
  countSubscriptions();
  if (!authenticated()) {
    markAuthenticated();
    log::write(messages::kSubscribed, {{"client", stream().peer().text()}});
  }
  say(done(nameOf(command.verb), subscriptions()));
}

void Session::unsubscribe(const Command& command) {
  if (command.all) shared_.exchange.unsubscribeAll(*this);
  for (const Wish& wish : command.wishes) shared_.exchange.unsubscribe(*this, wish);
  countSubscriptions();
  say(done(nameOf(command.verb), subscriptions()));
}

void Session::publish(const Command& command) {
  if (!mayPublish()) return refuse(makeError(Errc::Denied, "your address may not publish: see ens.publish"));
  const auto told = shared_.exchange.publishText(command.text);
  if (!told.ok()) return refuse(told.error());
  markAuthenticated();
  shared_.slot.add(stats::Counter::EventsIn);
  say(done(nameOf(command.verb)));
}

void Session::relay(const Command& command) {
  if (!mayPublish()) return refuse(makeError(Errc::Denied, "your address may not publish: see ens.publish"));
  const auto packet = events::decodeEvent(command.packet);
  if (!packet.ok()) {
    // Of a newer release: there is nothing wrong with the others.
    if (packet.error().code == Errc::Unsupported) return;
    return refuse(makeError(Errc::Invalid, "the packet is no event"));
  }
  markAuthenticated();
  if (packet->lost > 0) shared_.exchange.lost(packet->lost);
  shared_.slot.add(stats::Counter::EventsIn);
  shared_.exchange.relay(packet->event, command.text);
}

void Session::startTls() {
  if (stream().secure() != nullptr) return refuse(makeError(Errc::Invalid, "TLS is there already"));
  if (!shared_.tls) return refuse(makeError(Errc::Unsupported, "TLS is not offered"));
  auto layer = shared_.tls->newLayer();
  if (!layer) return say(failed(makeError(Errc::Unavailable, "no memory for TLS now")));
  const Status begun =
      stream().startTls(std::move(layer), done(nameOf(Command::Verb::StartTls)),
                        failed(makeError(Errc::Denied, "nothing may follow STARTTLS before TLS is there")));
  if (!begun.ok()) leaving_ = true;
}

void Session::onEvent(const Line& line) {
  if (leaving_) return;
  const Settings& settings = *shared_.settings;
  if (outbox_.put(line, {settings.maxQueue, settings.maxQueueBytes})) {
    ++eventsOut_;
    shared_.slot.add(stats::Counter::EventsOut);
  } else {
    ++eventsLost_;
    shared_.slot.add(stats::Counter::EventsLost);
  }
  pump();
}

void Session::onLost(std::uint64_t count) {
  if (leaving_) return;
  outbox_.missed(count);
  pump();
}

/// Not while TLS is negotiated: the stream would drop what it is given.
void Session::pump() {
  while (stream().state() == net::Transport::Open && stream().pending() < kStreamShare) {
    const Line line = outbox_.take();
    if (!line) return;
    lastWord_ = shared_.loop.now();
    stream().writeView(*line, line);
  }
}

void Session::onDrained() {
  pump();
  advance();
}

void Session::tick() {
  if (leaving_ || subscriptions() == 0 || stream().state() != net::Transport::Open) return;
  if (stream().pending() > 0 || !outbox_.empty()) return;
  if (shared_.loop.now() - lastWord_ >= shared_.settings->pingInterval) say(ping());
}

void Session::leave(std::string_view why, bool again) {
  if (std::exchange(leaving_, true)) return;
  if (!why.empty()) stream().write(bye(why, again));
  stream().close();
}

void Session::part(net::Parting why) {
  // It would not take the farewell either.
  if (why == net::Parting::Idle && stream().pending() > 0)
    return stream().abort(makeError(Errc::Timeout, "the client does not take its events"));
  leave(wordsFor(why), comesBack(why));
}

void Session::onEof() {
  advance();
}

void Session::onClosed(const Status& why) {
  shared_.exchange.unsubscribeAll(*this);
  countSubscriptions();
  if (authenticated())
    log::write(messages::kClose, {{"client", stream().peer().text()},
                                  {"events", std::to_string(eventsOut_)},
                                  {"lost", std::to_string(eventsLost_)},
                                  {"why", why.ok() ? "" : why.error().text}});
  net::StreamSession::onClosed(why);
}

}  // namespace posthorn::enpd
