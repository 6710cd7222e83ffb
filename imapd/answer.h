// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "common/net/piece.h"

namespace posthorn::imapd {

/// How a command ends: what stands behind the tag, and untagged lines before it.
struct Answer {
  std::string untagged = {};       ///< whole lines with CRLF
  std::string_view status = "OK";  ///< OK, NO or BAD: a constant
  std::string text = "Done";       ///< response code and words
};

/// What a command's work must know of how it was asked for.
struct Request {
  bool uid = false;      ///< a UID command
  std::string_view tag;  ///< valid while the work runs
};

/// NO with the code of RFC 5530 that belongs to the error; its words are the error's own for clients.
Answer refusal(const Error& error);
/// The command was well-formed and makes no sense now.
Answer badAnswer(std::string text);

/// A part of a response: what is sent before the next part is made, a bounded amount of memory or ranges of
/// files of any length. With `end` the command is over.
struct Window {
  std::vector<net::Piece> pieces = {};
  std::optional<Answer> end = {};
};

}  // namespace posthorn::imapd
