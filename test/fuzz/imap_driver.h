// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/imap/parse/command.h"
#include "common/imap/print/command.h"

namespace posthorn::imap::test {

/// What a session does with the command parser, without the session: takes bytes in whatever pieces and tells
/// what came of them, as a list of lines. Shared by the unit tests and the fuzz target.
class Driver {
 public:
  explicit Driver(const ParseOptions& options = {}) : options_(options) {}

  void feed(View bytes) {
    buffer_.append(bytes);
    while (step()) {
    }
  }
  [[nodiscard]] const std::vector<std::string>& events() const { return events_; }
  [[nodiscard]] const std::vector<Command>& commands() const { return commands_; }

 private:
  enum class State : std::uint8_t { Command, Message, Tail, Discard, Skip };

  bool step() {
    switch (state_) {
      case State::Command:
        return act(parseCommand(buffer_, options_));
      case State::Message:
        return swallow(State::Tail);
      case State::Tail:
        return act(parseAppendTail(buffer_, message_, tag_, options_));
      case State::Discard:
        return swallow(State::Skip);
      case State::Skip:
        return skip();
    }
    return false;
  }

  template <typename Outcome>
  bool act(Outcome outcome) {
    return std::visit([&](auto& each) { return on(each); }, outcome);
  }

  void take(std::size_t count) { buffer_.erase(0, count); }

  bool swallow(State next) {
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(octets_, buffer_.size()));
    body_.append(buffer_, 0, state_ == State::Message ? count : 0);
    take(count);
    octets_ -= count;
    if (octets_ > 0) return false;
    if (state_ == State::Message) events_.push_back("message " + std::exchange(body_, {}));
    state_ = next;
    return true;
  }

  bool skip() {
    const Skipped skipped = skipRest(buffer_);
    take(skipped.consumed);
    octets_ = skipped.discard;
    if (skipped.done) state_ = State::Command;
    if (!skipped.done && skipped.discard > 0) state_ = State::Discard;
    return skipped.consumed > 0;
  }

  bool on(const Incomplete& /*outcome*/) { return false; }
  bool on(LiteralWanted& wanted) {
    if (!wanted.message) return false;
    if (wanted.command) {
      tag_ = wanted.command->tag;
      std::string text;
      putCommand(text, *wanted.command, {.literalPlus = true});
      events_.push_back("append " + text);
    }
    message_ = *wanted.message;
    std::string head;
    putAppendMessage(head, message_, wanted.octets);
    events_.push_back("head " + head);
    octets_ = wanted.octets;
    take(wanted.begin);
    state_ = State::Message;
    return true;
  }
  bool on(Done& done) {
    std::string text;
    putCommand(text, done.command, {.utf8 = options_.utf8, .literalPlus = true});
    events_.push_back("done " + text);
    commands_.push_back(std::move(done.command));
    take(done.consumed);
    return true;
  }
  bool on(const AppendEnd& end) {
    events_.push_back("end");
    take(end.consumed);
    state_ = State::Command;
    return true;
  }
  bool on(const Bad& bad) {
    events_.push_back("bad " + bad.tag + " " + bad.text);
    take(bad.consumed);
    octets_ = bad.discard;
    state_ = !bad.restFollows ? State::Command : octets_ > 0 ? State::Discard : State::Skip;
    return true;
  }

  ParseOptions options_;
  State state_ = State::Command;
  std::string buffer_;
  std::uint64_t octets_ = 0;
  std::string body_;
  std::string tag_;
  AppendMessage message_;
  std::vector<std::string> events_;
  std::vector<Command> commands_;
};

}  // namespace posthorn::imap::test
