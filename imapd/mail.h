// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/imap/print/fetch.h"
#include "common/imap/types/sequence_set.h"
#include "common/store/account.h"
#include "common/store/mailbox.h"
#include "common/store/rights.h"
#include "imapd/sequence.h"

namespace posthorn::imapd {

class Others;

/// What the client has switched on (RFC 5161 and the commands that imply it).
struct Features {
  bool condstore = false;  ///< RFC 7162: MODSEQ in every FETCH response
  bool qresync = false;    ///< RFC 7162: VANISHED instead of EXPUNGE
  bool utf8 = false;       ///< RFC 6855: names as UTF-8
  bool metadata = false;   ///< RFC 5464: told of annotations that others change
};

/// The selected mailbox as this session has been told of it.
struct Selected {
  store::MailboxHandle box;
  std::string name = {};
  bool readOnly = false;                     ///< by EXAMINE
  store::Rights rights = store::kAllRights;  ///< the user's, as of the command's beginning
  Sequence sequence = {};
  store::Uid top = 0;                      ///< the highest UID that was ever told
  store::Modseq shown = 0;                 ///< changes of flags and arrivals up to here have been told
  store::Uid settled = 0;                  ///< the highest UID that was told when `shown` was taken
  store::Modseq arrived = 0;               ///< what is told of messages above it
  store::Modseq shownGone = 0;             ///< expunges up to here have been told
  store::Uid recentUid = 0;                ///< messages above it are \Recent in this session
  std::vector<std::string> keywords = {};  ///< by bit, as told by FLAGS
  std::vector<store::Modseq> told =
      {};  ///< own changes whose FETCH responses are out or not wanted; ascending
};

/// What the session knows of its account's annotations.
struct MetadataTold {
  store::Modseq told = 0;               ///< changes up to here
  std::vector<store::Modseq> own = {};  ///< its own, of which it is not told
};

/// Everything of a session that jobs work on: the job's while one runs, the session's otherwise. A value.
/// `account` is the user's own; which account a mailbox name means, and what he may do there, is access.h's
/// to say.
struct Mail {
  store::AccountHandle account;
  Features features;
  std::optional<Selected> selected;
  bool quotaTold = false;               ///< the session has had its ALERT
  std::shared_ptr<Others> others = {};  ///< the way to what is shared with him (access.h); null: none
  MetadataTold metadata = {};
  /// Becomes false when the session has ended: what takes long stops then. Null: it never does.
  std::shared_ptr<const std::atomic<bool>> alive = {};

  [[nodiscard]] bool wanted() const { return alive == nullptr || *alive; }
};

/// The messages that a command names, as UIDs, none that the session does not have. Sequence numbers over
/// the mailbox's count are Invalid; unknown UIDs are nothing (RFC 3501 6.4.8). Needs a selected mailbox.
Result<store::UidSet> messagesOf(const Mail& mail, const imap::SequenceSet& set, bool uid);

/// Invalid when the selected mailbox is opened with EXAMINE, Denied when the user does not have all of
/// `needed` on it.
Status mayWrite(const Mail& mail, store::Rights needed);

/// Reads the rights on the selected mailbox anew when it is another user's: what was withdrawn is so from the
/// next command on. Conflict when it may not be read any more, as for one that is gone. Job.
Status recheck(Mail& mail);

/// The client wants to know of MODSEQ from now on (RFC 7162 3.1). When that is new and a mailbox is selected,
/// it is told from where.
void enableCondstore(Mail& mail, std::string& out);

/// Deselects. What the session has seen is no longer \Recent for those who come later. Job.
void leave(Mail& mail);

/// "(\Seen $Work)" of a message in the selected mailbox.
void putFlags(std::string& out, const Selected& box, store::Uid uid, store::SystemFlags flags,
              std::uint64_t keywords);

/// The FLAGS and PERMANENTFLAGS responses of a mailbox.
void putFlagResponses(std::string& out, const Selected& box);

/// What a FETCH response about changed flags holds.
struct Telling {
  bool flags = true;
  bool modseq = false;
  bool uid = false;
};

/// `* 3 FETCH (UID 7 FLAGS (\Seen) MODSEQ (12))` of a row with uid, flags, keywords and modseq; nothing when
/// the session does not have the message.
template <typename Row>
void putFlagFetch(std::string& out, const Selected& box, const Row& row, const Telling& telling) {
  const std::uint32_t number = box.sequence.number(row.uid);
  if (number == 0) return;
  imap::FetchWriter fetch(out, number);
  if (telling.uid) fetch.number("UID", row.uid);
  if (telling.flags) {
    fetch.item() += "FLAGS ";
    putFlags(out, box, row.uid, row.flags, row.keywords);
  }
  if (telling.modseq) fetch.modseq(row.modseq);
  fetch.end();
}

/// "1:3,7" of UIDs in ascending order.
void putUids(std::string& out, const std::vector<store::Uid>& uids);

}  // namespace posthorn::imapd
