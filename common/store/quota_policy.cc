// SPDX-License-Identifier: Apache-2.0
#include "common/store/quota_policy.h"

#include <algorithm>
#include <limits>

#include "common/store/fields.h"

namespace posthorn::store {

namespace {

constexpr unsigned kMaxPercent = 999;  // what is shown is no longer interesting above it

constexpr std::int64_t kFarAhead = 24 * 3600;  // seconds

/// `percent` of `limit`, rounded up, without passing 64 bits.
std::uint64_t shareOf(std::uint64_t limit, unsigned percent) {
  return limit / 100 * percent + (limit % 100 * percent + 99) / 100;
}

QuotaLevel levelOf(std::uint64_t used, std::int64_t limit, unsigned warnPercent) {
  if (limit < 0) return QuotaLevel::Below;
  const auto line = static_cast<std::uint64_t>(limit);
  if (used >= line) return QuotaLevel::Full;
  return warnPercent < 100 && used >= shareOf(line, warnPercent) ? QuotaLevel::Warned : QuotaLevel::Below;
}

std::optional<unsigned> percentOf(std::uint64_t used, std::int64_t limit) {
  if (limit < 0) return std::nullopt;
  if (limit == 0) return 100;
  const auto line = static_cast<std::uint64_t>(limit);
  const bool small = used <= std::numeric_limits<std::uint64_t>::max() / 100;
  const std::uint64_t percent = small ? used * 100 / line : used / std::max<std::uint64_t>(line / 100, 1);
  return static_cast<unsigned>(std::min<std::uint64_t>(percent, kMaxPercent));
}

bool passes(std::uint64_t have, std::uint64_t add, std::int64_t limit) {
  if (add == 0 || limit < 0) return false;
  const auto line = static_cast<std::uint64_t>(limit);
  return add > line || have > line - add;
}

bool raised(std::int64_t before, std::int64_t now) {
  return before >= 0 && (now < 0 || now > before);
}

/// The account stands on the right side of the line, and there is a line to overdraw.
bool mayOverdraw(const QuotaUse& used, const Quota& limits) {
  const auto may = [](std::uint64_t have, std::int64_t limit) {
    return limit < 0 || (limit > 0 && have <= static_cast<std::uint64_t>(limit));
  };
  return may(used.bytes, limits.bytes) && may(used.messages, limits.messages);
}

QuotaUse sum(const QuotaUse& a, const QuotaUse& b) {
  return {a.bytes + b.bytes, a.messages + b.messages};
}

bool warns(const QuotaQuestion& question, const QuotaRules& rules) {
  // With overdraft the manuals promise silence up to 100 %.
  const unsigned percent = rules.overdraft ? 100 : rules.warnPercent;
  const QuotaUse after = sum(question.used, question.more);
  return rules.warnPercent < 100 && levelOf(after, question.limits, percent) != QuotaLevel::Below;
}

}  // namespace

bool QuotaState::operator==(const QuotaState& other) const {
  return overSince == other.overSince && overLimits.bytes == other.overLimits.bytes &&
         overLimits.messages == other.overLimits.messages && warnedAt == other.warnedAt &&
         noticedAt == other.noticedAt;
}

Bytes QuotaState::encode() const {
  Bytes out;
  out.reserve(kSize);
  for (const std::int64_t field : {overSince, overLimits.bytes, overLimits.messages, warnedAt, noticedAt})
    putLe(out, static_cast<std::uint64_t>(field));
  return out;
}

Result<QuotaState> QuotaState::decode(View value) {
  if (value.size() < kSize) return makeError(Errc::Corrupt, "store: state of the quota cannot be read");
  FieldReader in(value);
  const auto next = [&in] { return static_cast<std::int64_t>(in.get<std::uint64_t>()); };
  QuotaState state;
  state.overSince = next();
  state.overLimits.bytes = next();
  state.overLimits.messages = next();
  state.warnedAt = next();
  state.noticedAt = next();
  return state;
}

QuotaLevel levelOf(const QuotaUse& used, const Quota& limits, unsigned warnPercent) {
  return std::max(levelOf(used.bytes, limits.bytes, warnPercent),
                  levelOf(used.messages, limits.messages, warnPercent));
}

std::optional<unsigned> percentOf(const QuotaUse& used, const Quota& limits) {
  return std::max(percentOf(used.bytes, limits.bytes), percentOf(used.messages, limits.messages));
}

bool passesLimit(const QuotaUse& used, const QuotaUse& more, const Quota& limits) {
  return passes(used.bytes, more.bytes, limits.bytes) ||
         passes(used.messages, more.messages, limits.messages);
}

bool isOver(const QuotaState& state, const Quota& limits) {
  return state.overSince != 0 && !raised(state.overLimits.bytes, limits.bytes) &&
         !raised(state.overLimits.messages, limits.messages);
}

QuotaState afterRemoval(QuotaState state, const QuotaUse& used, const Quota& limits) {
  if (levelOf(used, limits, 100) == QuotaLevel::Full) return state;
  state.overSince = 0;
  state.overLimits = {};
  return state;
}

bool noticeDue(QuotaNotice notice, const QuotaState& state, const QuotaRules& rules, std::int64_t now) {
  if (notice == QuotaNotice::None || !rules.notify) return false;
  const std::int64_t last = notice == QuotaNotice::Warning ? state.warnedAt : state.noticedAt;
  // A time far ahead is a clock that was wrong: it must not silence the notices for years. One just ahead is
  // that of a process which was faster, after this one had looked at the clock.
  return last == 0 || last > now + kFarAhead || now - last >= rules.noticeInterval.count();
}

QuotaState afterNotice(QuotaNotice notice, QuotaState state, std::int64_t now) {
  if (notice == QuotaNotice::Warning) state.warnedAt = now;
  if (notice == QuotaNotice::OverQuota) state.noticedAt = now;
  return state;
}

QuotaDecision decideDelivery(const QuotaQuestion& question, const QuotaRules& rules) {
  QuotaDecision decision;
  decision.state = question.state;
  const bool over = isOver(question.state, question.limits);
  QuotaNotice notice = QuotaNotice::OverQuota;
  if (!rules.enforce || !passesLimit(question.used, question.more, question.limits)) {
    decision.wentUnder = over;
    decision.state.overSince = 0;
    decision.state.overLimits = {};
    notice = warns(question, rules) ? QuotaNotice::Warning : QuotaNotice::None;
  } else {
    const bool overdraw = rules.overdraft && mayOverdraw(question.used, question.limits);
    decision.wentOver = !over;
    if (!over || overdraw) {
      decision.state.overSince = question.now;
      decision.state.overLimits = question.limits;
    }
    const bool late = question.now - decision.state.overSince >= rules.grace.count();
    decision.verdict = overdraw ? QuotaVerdict::AcceptOverdraft
                       : late   ? QuotaVerdict::Refuse
                                : QuotaVerdict::Defer;
  }
  if (noticeDue(notice, decision.state, rules, question.now)) decision.due = notice;
  return decision;
}

}  // namespace posthorn::store
