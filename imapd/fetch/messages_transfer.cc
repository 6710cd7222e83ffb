// SPDX-License-Identifier: Apache-2.0
#include "imapd/fetch/messages_transfer.h"

#include "common/imap/print/jmap.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {
namespace {

// A message that is moved again and again while it is read is left out in the end.
constexpr unsigned kMostTries = 4;
// Pieces of one window, about; each message without large texts is one.
constexpr std::size_t kPieces = 64;

/// What the pieces take in memory.
std::size_t octetsOf(const std::vector<net::Piece>& pieces) {
  std::size_t octets = 0;
  for (const net::Piece& piece : pieces)
    if (const auto* text = std::get_if<std::string>(&piece)) octets += text->size();
  return octets;
}

std::string headOf(const store::objects::EmailInfo& info) {
  const store::MessageFacts& facts = info.row.message.facts;
  imap::MessageData data;
  data.id = emailIdText(info.id);
  data.threadId = threadIdText(info.threadId);
  for (const Id128& mailbox : info.mailboxes) data.mailboxIds.push_back(mailboxIdText(mailbox));
  for (const auto flag : store::spellSystemFlags(info.flags)) data.flags.emplace_back(flag);
  data.flags.insert(data.flags.end(), info.keywords.begin(), info.keywords.end());
  data.octets = facts.size;
  data.internalDate = {facts.internalDate.seconds, facts.internalDate.zoneMinutes};
  std::string head;
  imap::putMessageHead(head, data);
  return head;
}

}  // namespace

Status MessagesTransfer::begin(Mail& mail) {
  PH_TRY(target_, jmapAccountOf(mail, args_.owner));
  const auto ids = emailIdsOf(args_.ids);
  PH_TRY(infos_, store::objects::emailInfos(target_->account, target_->asker, ids));
  return {};
}

void MessagesTransfer::start(const Mail& mail, const store::objects::EmailInfo& info) {
  const store::Uid uid = info.row.message.uid;
  Selected selected{.box = info.box, .name = info.box.openedAs(), .readOnly = true};
  selected.sequence = Sequence({{uid, uid}});
  Mail inner{info.box.account(), {}, std::move(selected), true, mail.others};
  imap::FetchArgs args;
  args.set.ranges = {{1, 1}};
  args.attributes = args_.attributes;
  one_.reset(new One{std::move(inner), FetchTransfer(std::move(args), false), false});
  one_->fetch.setHead(headOf(info));
}

Result<Window> MessagesTransfer::more(Mail& mail) {
  if (!target_) PH_CHECK(begin(mail));
  Window window;
  while (at_ < infos_.emails.size() && window.pieces.size() < kPieces &&
         octetsOf(window.pieces) < FetchTransfer::kWindow) {
    PH_CHECK(step(mail, window.pieces));
    // What FETCH calls a window is enough; a message that is looked for anew has given none.
    if (one_ && !window.pieces.empty()) return window;
  }
  if (at_ < infos_.emails.size()) return window;
  window.end = trouble_.value_or(Answer{.text = stateText(infos_.state)});
  return window;
}

/// A window of the message at work.
Status MessagesTransfer::step(Mail& mail, std::vector<net::Piece>& pieces) {
  if (!one_) start(mail, infos_.emails[at_]);
  PH_TRY(Window part, one_->fetch.more(one_->mail));
  one_->told = one_->told || !part.pieces.empty();
  for (net::Piece& piece : part.pieces) pieces.push_back(std::move(piece));
  return part.end ? finish(mail, *part.end) : Status();
}

Status MessagesTransfer::finish(const Mail& mail, const Answer& end) {
  const bool told = one_->told;
  one_.reset();
  if (!told && ++tries_ < kMostTries) {
    // It has left the mailbox where it was found: it may be in another one by now.
    const std::vector<Id128> id{infos_.emails[at_].id};
    PH_TRY(auto again, store::objects::emailInfos(target_->account, target_->asker, id));
    if (!again.emails.empty()) {
      infos_.emails[at_] = std::move(again.emails.front());
      start(mail, infos_.emails[at_]);
      one_->told = false;
      return {};
    }
  } else if (end.status != "OK" && told && !trouble_) {
    trouble_ = end;
  }
  tries_ = 0;
  ++at_;
  return {};
}

}  // namespace posthorn::imapd
