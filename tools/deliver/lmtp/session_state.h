// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tools/deliver/lmtp/content.h"
#include "tools/deliver/recipient.h"

namespace posthorn::deliver::lmtp {

/// One RCPT that was taken, in the order of their commands: that is the order of the replies behind the text.
struct Taken {
  std::shared_ptr<Recipient> recipient;  ///< a job may have it
  std::optional<std::size_t> twin;       ///< an earlier one with the same account and folder: written once
};

/// The states of RFC 2033 and RFC 5321 §4.1.4, each with the data that exists in it only.

/// The client has not said LHLO.
struct Strange {};
/// No message is on its way.
struct Ready {};
/// MAIL was given; perhaps RCPT, too.
struct Mail {
  std::string sender;        ///< for Return-Path; empty: the null path
  std::uint64_t octets = 0;  ///< SIZE; 0: not said
  bool utf8 = false;         ///< SMTPUTF8
  std::vector<Taken> taken;
};
/// The text is coming in, or is written to the recipients.
struct Transfer {
  Mail mail;
  std::shared_ptr<Content> content;  ///< a job may have it
};

using State = std::variant<Strange, Ready, Mail, Transfer>;

/// The states of a command's row, as bits.
using States = std::uint8_t;
inline constexpr States kStrange = 1;
inline constexpr States kReady = 2;
inline constexpr States kMail = 4;
inline constexpr States kTransfer = 8;
inline constexpr States kAnyState = kStrange | kReady | kMail | kTransfer;

inline States bitOf(const State& state) {
  return static_cast<States>(1U << state.index());
}
inline std::string_view nameOf(const State& state) {
  constexpr std::string_view kNames[] = {"STRANGE", "READY", "MAIL", "TRANSFER"};
  return kNames[state.index()];
}
/// LHLO and RSET lead to READY from everywhere, STARTTLS to STRANGE from where nothing is under way.
constexpr bool mayFollow(std::size_t from, std::size_t to) {
  return to == 1 || (to == 0 && from <= 1) || (to == 2 && from == 1) || (to == 3 && (from == 2 || from == 3));
}

/// What the command machine does at this moment.
enum class Phase : std::uint8_t {
  Handshake,  ///< TLS is being negotiated
  Reading,    ///< the next line, or more of the text, is taken
  Working,    ///< a job has the command
  Ended,      ///< the stream is closing
};

/// What the input is at this moment.
enum class Intake : std::uint8_t {
  Lines,
  Text,     ///< behind DATA, to the dot
  Octets,   ///< a chunk of BDAT
  Dropped,  ///< a chunk that nobody wants
};

}  // namespace posthorn::deliver::lmtp
