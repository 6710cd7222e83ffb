// SPDX-License-Identifier: Apache-2.0
#include "imapd/session.h"

#include "common/base/ascii.h"
#include "common/proc/banner.h"
#include "imapd/messages.h"

namespace posthorn::imapd {
namespace {

constexpr std::uint64_t kMostPending = 64UL * 1024;
constexpr std::size_t kBannerLimit = 400;

}  // namespace

Session::Session(Shared& shared, net::Arrival arrival)
    : StreamSession(std::move(arrival)),
      shared_(shared),
      lines_(stream().input(), shared.service.maxlinelength) {}

Session::~Session() {
  if (counted_) shared_.slot.uncountUser(account_);
  auth::wipe(command_);
}

auth::sasl::Channel Session::channel() const {
  const net::SecureInfo* secure = stream().secure();
  return secure != nullptr ? auth::sasl::Channel{true, secure->bits} : auth::sasl::Channel{};
}

bool Session::passwordsAllowed() const {
  return auth::sasl::passwordsAllowed(shared_.service.plaintextmincipher, channel());
}

bool Session::mayStartTls() const {
  return std::holds_alternative<NotAuthenticated>(state_) && shared_.tls && stream().secure() == nullptr;
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
  untagged("OK [CAPABILITY " + capabilities(*this) + "] " + text);
}

void Session::advance() {
  if (advancing_) return;
  advancing_ = true;
  while ((phase_ == Phase::Reading || phase_ == Phase::Literal) && stream().pending() <= kMostPending &&
         takeInput()) {
  }
  advancing_ = false;
  const bool idle = phase_ == Phase::Reading || phase_ == Phase::Literal;
  if (idle && stream().eof() && stream().pending() <= kMostPending) {
    parting_ = "lost";
    close();
  }
}

bool Session::takeInput() {
  return phase_ == Phase::Literal ? takeLiteral() : takeLine();
}

bool Session::takeLine() {
  if (skipping_ && !lines_.skipLongLine()) return false;
  skipping_ = false;
  const auto line = lines_.next();
  if (!line.ok()) {
    tooLong();
    return true;
  }
  if (!*line) return false;
  command_.append(**line);
  const auto mark = imap::literalAtEnd(**line);
  lines_.consume();
  if (mark) {
    awaitLiteral(*mark);
  } else {
    dispatch();
  }
  return true;
}

void Session::awaitLiteral(imap::LiteralMark mark) {
  // A line and its literals together may be no longer than a line alone.
  const std::size_t most = shared_.service.maxlinelength;
  if (command_.size() >= most || mark.octets > most - command_.size()) {
    // What the client sends without waiting cannot be told from commands any more.
    if (!mark.synchronising) {
      untagged("BYE Literal too long");
      parting_ = "literal-too-long";
      return close();
    }
    imap::Cursor in(command_);
    const auto tag = in.tag();
    tag_ = tag.ok() ? std::string(*tag) : "*";
    return bad(Error{Errc::Limit, "literal too long", "Literal too long"});
  }
  command_.append("\r\n");
  literal_ = mark.octets;
  phase_ = Phase::Literal;
  if (mark.synchronising) stream().write("+ Go ahead\r\n");
}

bool Session::takeLiteral() {
  net::InputBuffer& input = stream().input();
  if (literal_ > 0 && input.empty()) return false;
  const std::size_t take = std::min<std::uint64_t>(literal_, input.size());
  command_.append(input.view().substr(0, take));
  input.consume(take);
  literal_ -= take;
  if (literal_ == 0) phase_ = Phase::Reading;
  return true;
}

void Session::tooLong() {
  skipping_ = true;
  tag_ = "*";
  bad(Error{Errc::Limit, "line too long", "Line too long"});
}

void Session::dispatch() {
  std::string text = std::exchange(command_, {});
  imap::Cursor in(text);
  phase_ = Phase::Working;
  tag_ = "*";
  const auto run = [&]() -> Status {
    PH_TRY(const View tag, in.tag());
    tag_ = tag;
    PH_CHECK(in.space());
    PH_TRY(const View name, in.atom());
    const CommandSpec* command = findCommand(name);
    if (command == nullptr) return Error{Errc::Invalid, "unknown command", "Unknown command"};
    return command->run(*this, in);
  };
  const Status status = run();
  auth::wipe(text);
  if (!status.ok()) bad(status.error());
}

void Session::untagged(std::string_view text) {
  stream().write("* " + std::string(text) + "\r\n");
}

void Session::answer(std::string_view status, std::string_view text) {
  if (status == "OK") badCommands_ = 0;
  stream().write(tag_ + " " + std::string(status) + " " + std::string(text) + "\r\n");
  finish();
}

void Session::bad(const Error& error) {
  auth::wipe(command_);
  shared_.slot.add(stats::Counter::BadCommands);
  if (++badCommands_ < shared_.service.maxbadcommands) return answer("BAD", error.client);
  untagged("BYE Too many bad commands");
  parting_ = "bad-commands";
  close();
}

void Session::finish() {
  if (phase_ == Phase::Ended) return;
  phase_ = Phase::Reading;
  if (leaving_) return part(net::Parting::Stopping);
  advance();
}

void Session::leave() {
  untagged("BYE Goodbye");
  state_ = LoggedOut{};
  stream().write(tag_ + " OK Done\r\n");
  close();
}

void Session::startTls() {
  auto layer = shared_.tls->newLayer();
  if (!layer) return answer("NO", "[UNAVAILABLE] No memory for TLS");
  phase_ = Phase::Handshake;
  const Status started = stream().startTls(std::move(layer), tag_ + " OK Begin TLS\r\n",
                                           "* BYE Nothing may follow STARTTLS before TLS is active\r\n");
  if (started.ok()) return;
  parting_ = "injection";
  phase_ = Phase::Ended;
}

void Session::part(net::Parting why) {
  if (phase_ == Phase::Ended) return;
  parting_ = net::toString(why);
  if (phase_ == Phase::Working) {
    leaving_ = true;
    return;
  }
  if (phase_ == Phase::Handshake) {
    phase_ = Phase::Ended;
    return stream().abort(makeError(Errc::Cancelled, "asked to leave"));
  }
  const bool idle = why == net::Parting::Idle || why == net::Parting::LoginTimeout;
  untagged(idle ? "BYE Idle for too long" : "BYE [UNAVAILABLE] The server ends this session");
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
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(shared_.loop.now() - net::Session::began());
  log::write(messages::kClose, {{"session", std::to_string(id().number())},
                                {"client", stream().peer().text()},
                                {"user", account_.empty() ? "unauthenticated" : account_},
                                {"duration", std::to_string(seconds.count())},
                                {"in", std::to_string(stream().bytesIn())},
                                {"out", std::to_string(stream().bytesOut())},
                                {"reason", why.ok() ? std::string(parting_) : why.error().describe()}});
  StreamSession::onClosed(why);
}

}  // namespace posthorn::imapd
