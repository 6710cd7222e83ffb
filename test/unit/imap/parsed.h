// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "common/imap/parse/command.h"

namespace posthorn::imap::test {

/// The command of `text` (its last CRLF is added); fails the test when it is none.
inline Command parsed(std::string text, const ParseOptions& options = {}) {
  text += "\r\n";
  INFO(text);
  auto outcome = parseCommand(text, options);
  if (const auto* bad = std::get_if<Bad>(&outcome)) {
    INFO(bad->text << " at " << bad->where);
    REQUIRE(bad == nullptr);
  }
  auto* done = std::get_if<Done>(&outcome);
  REQUIRE(done != nullptr);
  CHECK(done->consumed == text.size());
  return std::move(done->command);
}

/// Its arguments, which are of type T.
template <typename T>
T args(const std::string& text, const ParseOptions& options = {}) {
  Command command = parsed("a1 " + text, options);
  CHECK(command.tag == "a1");
  REQUIRE(std::holds_alternative<T>(command.args));
  return std::get<T>(std::move(command.args));
}

/// Why `text` (its last CRLF is added) is refused.
inline std::string refused(std::string text, const ParseOptions& options = {}) {
  text += "\r\n";
  auto outcome = parseCommand(text, options);
  const auto* bad = std::get_if<Bad>(&outcome);
  if (bad == nullptr) return "accepted: " + text;
  CHECK(bad->where <= text.size());
  CHECK(bad->consumed <= text.size());
  return bad->text;
}

}  // namespace posthorn::imap::test
