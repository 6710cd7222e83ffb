// SPDX-License-Identifier: Apache-2.0
#include "imapd/mailbox_status.h"

#include "common/imap/print/response.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {

Status putMailboxStatus(std::string& out, const Mail& mail, const imap::MailboxName& name,
                        const store::MailboxHandle& box, const store::MailboxStatus& now,
                        const imap::StatusItems& items) {
  using imap::StatusItem;
  imap::StatusData data;
  data.mailbox = name;
  const auto put = [&](StatusItem item, std::uint64_t value) {
    if (items.has(item)) data.numbers.emplace_back(item, value);
  };
  put(StatusItem::Messages, now.messages);
  if (items.has(StatusItem::Recent)) {
    std::uint32_t recent = 0;
    // \Recent is the owner's (mail.h).
    if (box.reader() == nullptr) {
      PH_TRY(recent, box.recent());
    }
    put(StatusItem::Recent, recent);
  }
  put(StatusItem::UidNext, now.uidNext);
  put(StatusItem::UidValidity, now.uidValidity);
  put(StatusItem::Unseen, now.unseen);
  put(StatusItem::Deleted, now.deleted);
  put(StatusItem::Size, now.bytes);
  put(StatusItem::HighestModseq, now.highestModseq);
  put(StatusItem::AppendLimit, box.account().options().maxMessageSize);
  if (items.has(StatusItem::DeletedStorage)) {
    std::uint64_t octets = 0;
    if (now.deleted > 0) {
      PH_TRY(octets, box.deletedOctets());
    }
    put(StatusItem::DeletedStorage, octets);
  }
  if (items.has(StatusItem::MailboxId)) data.mailboxId = mailboxIdText(now.mailboxId);
  imap::putStatusData(out, data, {.utf8 = mail.features.utf8});
  return {};
}

}  // namespace posthorn::imapd
