// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/types.h"

// What becomes of mail for an account that is nearly or quite full: pure functions of values. The store asks
// them inside the batch that takes the message in (mailbox.h, deliver()), so that the answer is exact however
// many processes deliver at once.

namespace posthorn::store {

/// What the operator decides (store.quota*).
struct QuotaRules {
  bool enforce = true;        ///< off: nothing is refused, all is counted
  unsigned warnPercent = 90;  ///< 100: no warnings
  /// How long an account is over quota before its mail is given back; until then the MTA keeps it.
  std::chrono::seconds grace = std::chrono::hours(120);
  bool overdraft = false;  ///< one message may pass the line; notices only above 100 % then
  bool notify = false;     ///< notices are put into INBOX
  std::chrono::seconds noticeInterval = std::chrono::hours(7 * 24);
};

/// How full an account is. Unlimited is Below.
enum class QuotaLevel : std::uint8_t {
  Below,   ///< under the warning threshold
  Warned,  ///< at or over the threshold, room is left
  Full,    ///< no room is left: at the limit or over it
};
QuotaLevel levelOf(const QuotaUse& used, const Quota& limits, unsigned warnPercent);
/// Of the fuller resource, rounded down; nothing when none is limited. A limit of 0 is 100 % full.
std::optional<unsigned> percentOf(const QuotaUse& used, const Quota& limits);
/// Whether `more` on top of `used` passes a limit.
bool passesLimit(const QuotaUse& used, const QuotaUse& more, const Quota& limits);

/// What an account remembers (key Q). Seconds since 1970; 0 is never.
struct QuotaState {
  std::int64_t overSince = 0;  ///< the overdraft, or the first of the refusals with no acceptance since
  Quota overLimits;            ///< the limits at that time: the clock counts only while they are no higher
  std::int64_t warnedAt = 0;   ///< the latest notice of being nearly full
  std::int64_t noticedAt = 0;  ///< the latest notice of being over quota
  bool operator==(const QuotaState& other) const;
  [[nodiscard]] bool empty() const { return overSince == 0 && warnedAt == 0 && noticedAt == 0; }

  static constexpr std::size_t kSize = 40;
  /// Longer values are later releases' and read as far as they are known.
  [[nodiscard]] Bytes encode() const;
  static Result<QuotaState> decode(View value);
};

enum class QuotaVerdict : std::uint8_t {
  Accept,           ///< fits, or nothing is enforced
  AcceptOverdraft,  ///< does not fit, and is the one that may pass the line
  Defer,            ///< the MTA shall keep it and try again: 4xx, EX_TEMPFAIL
  Refuse,           ///< the grace period is over: 5xx, given back
};
constexpr bool accepted(QuotaVerdict verdict) {
  return verdict == QuotaVerdict::Accept || verdict == QuotaVerdict::AcceptOverdraft;
}

enum class QuotaNotice : std::uint8_t { None, Warning, OverQuota };

struct QuotaQuestion {
  QuotaUse used;  ///< before the message
  Quota limits;
  QuotaUse more;  ///< the message
  QuotaState state;
  std::int64_t now = 0;  ///< seconds since 1970
};

struct QuotaDecision {
  QuotaVerdict verdict = QuotaVerdict::Accept;
  QuotaNotice due = QuotaNotice::None;  ///< to be put into INBOX, if noticeDue() still says so in its batch
  QuotaState state;                     ///< to be kept; the notice's own time is noted with the notice
  bool wentOver = false;                ///< the account was not over quota before this message
  bool wentUnder = false;               ///< it was, and is no more
};

/// What is left of a decision for the caller of the store.
struct QuotaAnswer {
  QuotaVerdict verdict = QuotaVerdict::Accept;
  QuotaNotice due = QuotaNotice::None;  ///< to be written and given to MailboxHandle::putNotice()
  QuotaUse used;                        ///< afterwards
};

QuotaDecision decideDelivery(const QuotaQuestion& question, const QuotaRules& rules);

/// Whether that notice may be sent now, and how the state says afterwards that it was.
bool noticeDue(QuotaNotice notice, const QuotaState& state, const QuotaRules& rules, std::int64_t now);
QuotaState afterNotice(QuotaNotice notice, QuotaState state, std::int64_t now);

/// Whether the account counts as over quota: it was, and neither removals nor higher limits made room since.
bool isOver(const QuotaState& state, const Quota& limits);

/// The state after something was removed. The clock stops when there is room again.
QuotaState afterRemoval(QuotaState state, const QuotaUse& used, const Quota& limits);

}  // namespace posthorn::store
