// SPDX-License-Identifier: Apache-2.0
#include "common/store/copy_across.h"

#include <algorithm>
#include <bit>

namespace posthorn::store {

namespace {

// Texts of one commit: small ones wait for it in memory.
constexpr std::uint64_t kMostOctets = std::uint64_t{16} * 1024 * 1024;
constexpr std::uint64_t kPiece = std::uint64_t{256} * 1024;

/// Messages on their way, those of one commit.
struct Load {
  std::vector<MessageWriter> writers;
  std::vector<Uid> uids;  ///< their places in the source
  std::uint64_t octets = 0;
  Uid next = 0;  ///< the first one that was not looked at; 0 at the end
};

std::vector<std::string> namesOf(std::uint64_t bits, const std::vector<std::string>& table) {
  std::vector<std::string> names;
  for (; bits != 0; bits &= bits - 1) {
    const auto bit = static_cast<std::size_t>(std::countr_zero(bits));
    if (bit < table.size() && !table[bit].empty()) names.push_back(table[bit]);
  }
  return names;
}

/// NotFound when the message has been expunged meanwhile, and its space is reused.
Result<MessageWriter> take(const MailboxHandle& source, const FetchRow& row, const AccountHandle& account,
                           const std::vector<std::string>& keywords) {
  PH_TRY(const auto body, source.body(row));
  PH_TRY(auto writer, account.message(body.size));
  Bytes piece(std::min<std::uint64_t>(kPiece, body.size), '\0');
  for (std::uint64_t at = 0; at < body.size;) {
    PH_TRY(const std::size_t got, body.slice.read(at, piece.data(), piece.size()));
    if (got == 0) return makeError(Errc::Corrupt, "store: a message is shorter than it should be");
    PH_CHECK(writer.write(View(piece).substr(0, got)));
    at += got;
  }
  const MessageRow& message = row.message;
  PH_CHECK(writer.finish(message.facts.internalDate, message.flags, namesOf(message.keywords, keywords)));
  return writer;
}

/// `below`: UIDs from here on came after the command began.
Result<Load> fill(const MailboxHandle& source, const AccountHandle& account, const UidSet& uids, Uid from,
                  Uid below) {
  Load load;
  PH_TRY(const auto keywords, source.keywords());
  PH_TRY(const auto window, source.window(uids, from, Columns::Facts, kMaxAppend));
  load.next = window.next;
  for (const FetchRow& row : window.rows) {
    if (row.message.uid >= below) load.next = 0;
    if (row.message.uid >= below) break;
    if (load.octets > 0 && load.octets + row.message.facts.size > kMostOctets) {
      load.next = row.message.uid;
      break;
    }
    auto writer = take(source, row, account, keywords);
    if (!writer.ok() && writer.error().code == Errc::NotFound) continue;
    if (!writer.ok()) return writer.error();
    load.octets += row.message.facts.size;
    load.uids.push_back(row.message.uid);
    load.writers.push_back(std::move(*writer));
  }
  return load;
}

/// Before anything is copied: what cannot fit is not begun.
Status checkAll(const MailboxHandle& source, const AccountHandle& account, const UidSet& uids) {
  QuotaUse more;
  for (Uid from = 1; from != 0;) {
    PH_TRY(const auto window, source.window(uids, from, Columns::Facts));
    from = window.next;
    for (const FetchRow& row : window.rows) {
      more.bytes += row.message.facts.size;
      ++more.messages;
    }
  }
  return account.roomFor(more);
}

class Crossing {
 public:
  Crossing(const MailboxHandle& source, const MailboxHandle& target, bool takes, QuotaPolicy policy)
      : source_(source), target_(target), takes_(takes), policy_(policy) {}

  Status one(Load& load) {
    if (load.writers.empty()) return {};
    PH_TRY(const auto appended, target_.append(load.writers, policy_));
    total_.uidValidity = appended.uidValidity;
    total_.modseq = appended.modseq;
    total_.source.insert(total_.source.end(), load.uids.begin(), load.uids.end());
    total_.target.insert(total_.target.end(), appended.uids.begin(), appended.uids.end());
    // From here on a message is in both places rather than in none.
    ExpungeResult gone;
    return takes_ ? source_.expunge(UidSet::of(load.uids), false, gone) : Status();
  }

  /// COPY leaves the target as it was (RFC 9051 6.4.7); what MOVE has moved stays moved (RFC 6851 3.3).
  void takeBack() {
    if (takes_ || total_.target.empty()) return;
    static_cast<void>(target_.expunge(UidSet::of(total_.target), false));
  }

  [[nodiscard]] CopyResult& total() { return total_; }

 private:
  MailboxHandle source_;
  MailboxHandle target_;
  bool takes_;
  QuotaPolicy policy_;
  CopyResult total_;
};

}  // namespace

Result<CopyResult> copyAcross(const MailboxHandle& source, const MailboxHandle& target, const UidSet& uids,
                              bool takes, QuotaPolicy policy) {
  if (policy == QuotaPolicy::Enforce) PH_CHECK(checkAll(source, target.account(), uids));
  PH_TRY(const auto began, source.status());
  Crossing crossing(source, target, takes, policy);
  PH_TRY(const auto status, target.status());
  crossing.total().uidValidity = status.uidValidity;
  crossing.total().modseq = status.highestModseq;
  for (Uid from = 1; from != 0;) {
    auto load = fill(source, target.account(), uids, from, began.uidNext);
    const Status done = load.ok() ? crossing.one(*load) : Status(load.error());
    if (!done.ok()) {
      crossing.takeBack();
      return done.error();
    }
    from = load->next;
  }
  return std::move(crossing.total());
}

}  // namespace posthorn::store
