// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "test/unit/imapd/support.h"

namespace posthorn::imapd::test {

/// A client that knows nothing but what untagged responses tell it (RFC 3501 5.2, 7.3, 7.4), and complains
/// when they break the rules.
class ModelClient {
 public:
  struct Message {
    Uid uid = 0;                                 ///< 0: not learned yet
    std::optional<std::set<std::string>> flags;  ///< not learned yet; without \Recent
  };

  ModelClient(const World& world, Features features) : mail_(selected(world, features)) {
    messages_.resize(mail_.selected->sequence.count());
    for (const auto& keyword : mail_.selected->keywords) announced_.insert(keyword);
    learn();
  }

  [[nodiscard]] Mail& mail() { return mail_; }
  [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }
  /// Commands and responses, for who has to find out why.
  [[nodiscard]] const std::string& heard() const { return heard_; }

  void tellMe(SyncPolicy policy, bool uid) {
    std::string out;
    must(sync(mail_, policy, uid, out));
    apply(out, policy == SyncPolicy::Full);
    learn();
  }

  /// A command, and what comes with its answer.
  void command(const std::string& line) {
    heard_ += "C: " + line + "\n";
    const auto what = parsed(line);
    const auto ran = run(mail_, line);
    // A command that names messages by sequence number must not make numbers invalid (RFC 3501 7.4.1).
    const bool byNumber = !what.uid && findCommand(what.name)->sync == SyncPolicy::KeepNumbers;
    if (what.name == imap::CommandName::Store) expectSilent(what, ran.answer);
    apply(ran.untagged, !byNumber);
    learn();
  }

  /// Fetches what it does not know. Messages that are gone by now stay unknown.
  void learn() {
    if (messages_.empty()) return;
    const bool unknown = std::any_of(messages_.begin(), messages_.end(),
                                     [](const auto& message) { return !message.flags || message.uid == 0; });
    if (unknown) apply(run(mail_, "FETCH 1:* (UID FLAGS)").untagged, false);
    REQUIRE(messages_.size() == mail_.selected->sequence.count());
  }

  void apply(const std::string& octets, bool mayExpunge) {
    heard_ += octets;
    for (const auto& response : responses(octets)) {
      if (const auto* number = std::get_if<imap::NumberData>(&response)) {
        take(*number, mayExpunge);
      } else if (const auto* fetch = std::get_if<imap::FetchData>(&response)) {
        take(*fetch);
      } else if (const auto* flags = std::get_if<imap::FlagsData>(&response)) {
        announced_ = {flags->flags.begin(), flags->flags.end()};
      } else if (const auto* vanished = std::get_if<imap::VanishedData>(&response)) {
        REQUIRE(mayExpunge);
        take(*vanished);
      } else {
        REQUIRE(std::holds_alternative<imap::StatusResponse>(response));
      }
    }
  }

 private:
  void take(const imap::NumberData& data, bool mayExpunge) {
    if (data.kind == imap::NumberData::Kind::Exists) {
      REQUIRE(data.number >= messages_.size());
      messages_.resize(data.number);
    } else if (data.kind == imap::NumberData::Kind::Expunge) {
      REQUIRE(mayExpunge);
      REQUIRE_FALSE(mail_.features.qresync);
      REQUIRE(data.number >= 1);
      REQUIRE(data.number <= messages_.size());
      messages_.erase(messages_.begin() + (data.number - 1));
    }
  }

  void take(const imap::VanishedData& data) {
    REQUIRE(mail_.features.qresync);
    REQUIRE_FALSE(data.earlier);
    for (const auto& range : data.uids.ranges) {
      for (Uid uid = range.first; uid <= range.last; ++uid) {
        auto found = std::find_if(messages_.begin(), messages_.end(),
                                  [uid](const Message& message) { return message.uid == uid; });
        // Expunged before its UID could be asked for: it lies behind the last that is lower.
        if (found == messages_.end())
          found = std::find_if(messages_.begin(), messages_.end(), [uid](const Message& message) {
            return message.uid == 0 || message.uid > uid;
          });
        REQUIRE(found != messages_.end());
        REQUIRE((found->uid == uid || found->uid == 0));
        messages_.erase(found);
      }
    }
  }

  void take(const imap::FetchData& data) {
    using Kind = imap::FetchAttribute::Kind;
    REQUIRE(data.number >= 1);
    REQUIRE(data.number <= messages_.size());
    Message& message = messages_[data.number - 1];
    for (const auto& item : data.items) {
      if (item.attribute.kind == Kind::Uid) {
        REQUIRE((message.uid == 0 || message.uid == item.number));
        message.uid = static_cast<Uid>(item.number);
      } else if (item.attribute.kind == Kind::Flags) {
        message.flags.emplace();
        for (const auto& flag : item.flags) {
          if (flag == "\\Recent") continue;
          if (!flag.starts_with('\\')) REQUIRE(announced_.count(flag) == 1);
          message.flags->insert(flag);
        }
      }
    }
  }

  /// Without a word from the server the client takes it that a silent STORE did what it asked for.
  void expectSilent(const imap::Command& command, const Answer& answer) {
    using Action = imap::StoreArgs::Action;
    const auto& args = std::get<imap::StoreArgs>(command.args);
    if (!args.silent || answer.status == "BAD") return;
    REQUIRE_FALSE(args.unchangedSince);
    for (const auto& range : args.set.ranges) {
      const auto [first, last] = std::minmax(range.first, range.last);
      for (std::size_t i = 0; i < messages_.size(); ++i) {
        Message& message = messages_[i];
        const auto name = command.uid ? message.uid : static_cast<std::uint32_t>(i + 1);
        if (!message.flags || name < first || name > last) continue;
        if (args.action == Action::Replace) message.flags->clear();
        const auto change = [&](const std::string& flag) {
          args.action == Action::Remove ? static_cast<void>(message.flags->erase(flag))
                                        : static_cast<void>(message.flags->insert(flag));
        };
        for (unsigned bits = args.flags.system; bits != 0; bits &= bits - 1)
          change(std::string(imap::systemFlagName(static_cast<imap::SystemFlags>(bits & ~(bits - 1)))));
        for (const auto& keyword : args.flags.keywords) change(keyword);
      }
    }
  }

  Mail mail_;
  std::vector<Message> messages_;
  std::string heard_;
  std::set<std::string> announced_;
};

}  // namespace posthorn::imapd::test
