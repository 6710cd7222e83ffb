// SPDX-License-Identifier: Apache-2.0
// From octets to commands: lines, literals, the messages of APPEND, and the way past what is refused.
#include <algorithm>

#include "imapd/append.h"
#include "imapd/jmap.h"
#include "imapd/messages.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

// More than this that the client has not taken: its further commands wait (a client may pipeline without
// reading).
constexpr std::uint64_t kMostPending = 64UL * 1024;
// A message comes to the store in pieces of about this size.
constexpr std::uint64_t kMessageWindow = 32UL * 1024;
// Octets of a refused literal that are thrown away to keep a client that did not wait in step: a message that
// is somewhat too big for one who is logged in, a line's worth for a stranger.
constexpr std::uint64_t kMostDiscarded = 256UL * 1024 * 1024;
constexpr std::uint64_t kMostDiscardedOfStranger = 64UL * 1024;

}  // namespace

void Session::advance() {
  if (advancing_) return;
  advancing_ = true;
  while (stream().pending() <= kMostPending && takeInput()) {
  }
  advancing_ = false;
  const bool awaits = phase_ == Phase::Reading || phase_ == Phase::Literal || phase_ == Phase::Message ||
                      phase_ == Phase::Discard;
  if (awaits && stream().eof() && stream().pending() <= kMostPending) {
    parting_ = "lost";
    close();
  }
}

/// True when something was taken and more may follow.
bool Session::takeInput() {
  switch (phase_) {
    case Phase::Reading:
      return takeLine();
    case Phase::Literal:
      return takeOctets(true);
    case Phase::Message:
      return takeMessage();
    case Phase::Discard:
      return takeOctets(false);
    default:
      return false;
  }
}

bool Session::takeLine() {
  const auto line = lines_.next();
  if (!line.ok()) {
    tooLong();
    return true;
  }
  if (!*line) return false;
  std::string text(**line);
  lines_.consume();
  took(text);
  auth::wipe(text);
  return true;
}

/// What follows may be a literal's octets or commands: nobody can tell, so nothing of it is obeyed.
void Session::tooLong() {
  if (holder_ == nullptr && append_ == nullptr && !discarding_)
    tag_ = imap::tagOf(command_.empty() ? stream().input().view() : View(command_));
  auth::wipe(command_);
  command_.clear();
  shared_.slot.add(stats::Counter::BadCommands);
  parting_ = "line-too-long";
  bye("Line too long", "BAD Line too long");
}

void Session::took(std::string_view line) {
  if (holder_) {
    const auto handler = std::exchange(holder_, nullptr);
    phase_ = Phase::Working;
    return handler(*this, std::string(line));
  }
  command_.append(line).append("\r\n");
  if (discarding_) return refusedEnd();
  if (append_) return parseTail();
  parse();
}

/// Octets of a literal, to be kept in the command or thrown away.
bool Session::takeOctets(bool keep) {
  net::InputBuffer& input = stream().input();
  if (octets_ > 0 && input.empty()) return false;
  const std::size_t take = std::min<std::uint64_t>(octets_, input.size());
  if (keep) command_.append(input.view().substr(0, take));
  input.consume(take);
  octets_ -= take;
  if (octets_ == 0) phase_ = Phase::Reading;
  return true;
}

bool Session::takeMessage() {
  net::InputBuffer& input = stream().input();
  if (input.size() < std::min(octets_, kMessageWindow)) return false;
  const std::size_t take = std::min<std::uint64_t>(octets_, input.size());
  std::string piece(input.view().substr(0, take));
  input.consume(take);
  octets_ -= take;
  append_->take(*this, append_, std::move(piece), octets_);
  return true;
}

void Session::discard(std::uint64_t octets, Answer answer) {
  if (octets > (state() == kNotAuthenticated ? kMostDiscardedOfStranger : kMostDiscarded)) {
    parting_ = "literal-too-long";
    return bye("Literal too long");
  }
  if (leaving_) return part(net::Parting::Stopping);
  append_.reset();
  refused_ = std::move(answer);
  discarding_ = true;
  octets_ = octets;
  phase_ = octets == 0 ? Phase::Reading : Phase::Discard;
  advance();
}

imap::ParseOptions Session::parseOptions() const {
  imap::ParseOptions options;
  options.utf8 = mail_ && mail_->features.utf8;
  options.maxLine = shared_.service.maxlinelength + 2;
  if (!mail_) options.maxLiteral = std::min<std::uint64_t>(options.maxLiteral, shared_.service.maxlinelength);
  return options;
}

void Session::parse() {
  auto outcome = imap::parseCommand(command_, parseOptions());
  if (std::holds_alternative<imap::Incomplete>(outcome)) return;
  if (auto* wanted = std::get_if<imap::LiteralWanted>(&outcome)) return want(std::move(*wanted));
  if (const auto* bad = std::get_if<imap::Bad>(&outcome)) return refuse(*bad);
  auth::wipe(command_);
  command_.clear();
  dispatch(std::move(std::get<imap::Done>(outcome).command));
}

void Session::want(imap::LiteralWanted wanted) {
  if (wanted.message) {
    command_.clear();
    if (wanted.command) {
      // The first message of an APPEND: the command begins.
      imap::Command command = std::move(*wanted.command);
      append_ = std::make_shared<Append>(std::move(std::get<imap::AppendArgs>(command.args)));
      append_->announce(std::move(*wanted.message), wanted.octets, wanted.synchronizing);
      return dispatch(std::move(command));
    }
    append_->announce(std::move(*wanted.message), wanted.octets, wanted.synchronizing);
    return append_->begin(*this, append_);
  }
  // A stranger gets no more memory than a line would take.
  const std::size_t most = shared_.service.maxlinelength;
  if (!mail_ && command_.size() + std::min<std::uint64_t>(wanted.octets, most) > most) {
    auth::wipe(command_);
    command_.clear();
    return bye("Too much before a login");
  }
  octets_ = wanted.octets;
  phase_ = octets_ == 0 ? Phase::Reading : Phase::Literal;
  if (wanted.synchronizing) stream().write("+ Go ahead\r\n");
}

void Session::parseTail() {
  auto outcome = imap::parseAppendTail(command_, append_->message(), tag_, parseOptions());
  if (std::holds_alternative<imap::Incomplete>(outcome)) return;
  if (auto* wanted = std::get_if<imap::LiteralWanted>(&outcome)) return want(std::move(*wanted));
  if (const auto* bad = std::get_if<imap::Bad>(&outcome)) return refuse(*bad);
  command_.clear();
  Append::finish(*this, append_);
}

void Session::refuse(const imap::Bad& bad) {
  tag_ = bad.tag;
  auth::wipe(command_);
  command_.clear();
  append_.reset();
  if (!bad.restFollows) {
    row_ = nullptr;
    return this->bad(bad.text);
  }
  discard(bad.discard, badAnswer(bad.text));
}

/// A line of a command that is refused already has come.
void Session::refusedEnd() {
  const auto skipped = imap::skipRest(command_);
  command_.clear();
  if (!skipped.done) {
    return discard(skipped.discard, std::exchange(refused_, {}));
  }
  discarding_ = false;
  const Answer answer = std::exchange(refused_, {});
  if (answer.status == "BAD") return bad(answer.text);
  this->answer(answer);
}

void Session::dispatch(imap::Command command) {
  tag_ = command.tag;
  uid_ = command.uid;
  begins_ = true;
  commandBegan_ = shared_.loop.now();
  phase_ = Phase::Working;
  row_ = findCommand(command.name);
  if (forProxyUsersOnly(command.name) && !login_.proxyUser) row_ = nullptr;
  std::string_view wrong;
  if (row_ == nullptr) {
    wrong = "Unknown command";
  } else if ((row_->states & state()) == 0) {
    wrong = state() == kNotAuthenticated ? "Log in first"
            : row_->states == kSelected  ? "Select a mailbox first"
                                         : "Logged in already";
  }
  if (wrong.empty()) return row_->run(*this, std::move(command));
  row_ = nullptr;
  if (append_ && !append_->synchronizing()) return discard(append_->octets(), badAnswer(std::string(wrong)));
  bad(wrong);
}

}  // namespace posthorn::imapd
