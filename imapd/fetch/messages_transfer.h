// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "common/imap/types/jmap.h"
#include "common/store/objects/messages.h"
#include "imapd/fetch/fetch_transfer.h"
#include "imapd/jmap.h"
#include "imapd/transfer.h"

namespace posthorn::imapd {

/// The answer to XMESSAGES: what is known of all messages is looked up at once, of one snapshot; their items
/// are made as FETCH makes them, one message after the other, window by window.
class MessagesTransfer final : public Transfer {
 public:
  explicit MessagesTransfer(imap::jmap::MessagesArgs args) : args_(std::move(args)) {}
  Result<Window> more(Mail& mail) override;
  [[nodiscard]] bool inLiteral() const override { return one_ && one_->fetch.inLiteral(); }

 private:
  /// A message at work: a FETCH in a mailbox of which only this message is known.
  struct One {
    Mail mail;
    FetchTransfer fetch;
    bool told = false;  ///< something of it went out
  };
  Status begin(Mail& mail);
  void start(const Mail& mail, const store::objects::EmailInfo& info);
  Status step(Mail& mail, std::vector<net::Piece>& pieces);
  Status finish(const Mail& mail, const Answer& end);

  imap::jmap::MessagesArgs args_;
  std::optional<JmapAccount> target_;
  store::objects::EmailInfos infos_;
  std::size_t at_ = 0;
  std::unique_ptr<One> one_;
  unsigned tries_ = 0;
  std::optional<Answer> trouble_;
};

}  // namespace posthorn::imapd
