// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <unistd.h>

#include "common/imap/parse/command.h"
#include "common/imap/parse/response.h"
#include "imapd/command_table.h"
#include "imapd/commands/commands.h"
#include "imapd/fetch/fetch_transfer.h"
#include "test/unit/store/account/support.h"

namespace posthorn::imapd::test {

using store::Uid;
using store::test::anyEngine;
using store::test::must;
using store::test::one;
using store::test::World;

/// A command as a client would write it.
inline imap::Command parsed(const std::string& line) {
  INFO(line);
  auto outcome = imap::parseCommand("t " + line + "\r\n");
  REQUIRE(std::holds_alternative<imap::Done>(outcome));
  return std::move(std::get<imap::Done>(outcome).command);
}

template <typename Args>
Args args(const std::string& line) {
  return std::get<Args>(parsed(line).args);
}

/// Every response in `octets`, which must all be IMAP.
inline std::vector<imap::Response> responses(View octets) {
  std::vector<imap::Response> all;
  while (!octets.empty()) {
    auto outcome = imap::parseResponse(octets);
    INFO(octets.substr(0, 200));
    REQUIRE(std::holds_alternative<imap::ResponseDone>(outcome));
    auto& done = std::get<imap::ResponseDone>(outcome);
    all.push_back(std::move(done.response));
    octets.remove_prefix(done.consumed);
  }
  return all;
}

inline std::string octetsOf(const net::Piece& piece) {
  if (const auto* text = std::get_if<std::string>(&piece)) return *text;
  if (const auto* slice = std::get_if<net::Slice>(&piece)) return std::string(slice->text);
  const auto& range = std::get<net::FileRange>(piece);
  std::string text(range.length, '\0');
  REQUIRE(::pread(range.fd, text.data(), text.size(), static_cast<off_t>(range.offset)) ==
          static_cast<ssize_t>(text.size()));
  return text;
}

/// All that a transfer sends, and how it ends.
struct Sent {
  std::string text;
  Answer end;
  std::size_t windows = 0;
  std::size_t inPlace = 0;  ///< octets that were not copied
};

/// `between` runs after each window but the last.
inline Sent drain(Transfer& transfer, Mail& mail, const std::function<void()>& between = {}) {
  Sent sent;
  while (true) {
    auto window = must(transfer.more(mail));
    ++sent.windows;
    for (const auto& piece : window.pieces) {
      const std::string octets = octetsOf(piece);
      if (!std::holds_alternative<std::string>(piece)) sent.inPlace += octets.size();
      sent.text += octets;
    }
    if (window.end) {
      sent.end = std::move(*window.end);
      sent.text += sent.end.untagged;
      return sent;
    }
    if (between) between();
  }
}

inline Sent fetched(Mail& mail, const std::string& line, std::size_t window = FetchTransfer::kWindow,
                    const std::function<void()>& between = {}) {
  const auto command = parsed(line);
  FetchTransfer transfer(std::get<imap::FetchArgs>(command.args), command.uid, window);
  return drain(transfer, mail, between);
}

/// A session's Mail with INBOX selected.
inline Mail selected(const World& world, Features features = {},
                     const std::string& command = "SELECT INBOX") {
  Mail mail{world.account, features, {}};
  const auto wanted = parsed(command);
  const auto& selecting = std::get<imap::SelectArgs>(wanted.args);
  const Request request{false, "t"};
  must(wanted.name == imap::CommandName::Examine ? commands::examine(mail, selecting, request)
                                                 : commands::select(mail, selecting, request));
  return mail;
}

/// Runs a command's work as its row says, without a session: its untagged lines, then what sync() tells.
struct Ran {
  std::string untagged;
  Answer answer;
};
inline Ran run(Mail& mail, const std::string& line) {
  const auto command = parsed(line);
  const Request request{command.uid, "t"};
  const auto* row = findCommand(command.name);
  REQUIRE(row != nullptr);
  Ran ran;
  switch (command.name) {
    case imap::CommandName::Fetch: {
      FetchTransfer transfer(std::get<imap::FetchArgs>(command.args), command.uid);
      Sent sent = drain(transfer, mail);
      ran.untagged = std::move(sent.text);
      ran.answer = std::move(sent.end);
      break;
    }
    case imap::CommandName::Store:
      ran.answer = must(commands::store(mail, std::get<imap::StoreArgs>(command.args), request));
      break;
    case imap::CommandName::Search:
      ran.answer = must(commands::search(mail, std::get<imap::SearchArgs>(command.args), request));
      break;
    case imap::CommandName::Expunge:
      ran.answer = must(commands::expunge(mail, std::get<imap::ExpungeArgs>(command.args), request));
      break;
    case imap::CommandName::Move:
      ran.answer = must(commands::move(mail, std::get<imap::CopyArgs>(command.args), request));
      break;
    case imap::CommandName::Noop:
      break;
    default:
      FAIL("not a command of these tests");
  }
  if (command.name != imap::CommandName::Fetch) ran.untagged += ran.answer.untagged;
  const bool uid = command.uid && row->sync == SyncPolicy::KeepNumbers;
  must(sync(mail, uid ? SyncPolicy::Full : row->sync, command.uid, ran.untagged));
  return ran;
}

}  // namespace posthorn::imapd::test
