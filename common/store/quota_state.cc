// SPDX-License-Identifier: Apache-2.0
#include "common/store/quota_state.h"

#include "common/log/logger.h"
#include "common/store/mailbox.h"
#include "common/store/messages.h"
#include "common/store/news.h"
#include "common/store/ops.h"

namespace posthorn::store {

namespace {

std::int64_t secondsNow(const AccountHandle& account) {
  return std::chrono::duration_cast<std::chrono::seconds>(account.clock().wall().time_since_epoch()).count();
}

QuotaState decoded(View value) {
  const auto state = QuotaState::decode(value);
  return state.ok() ? state.value() : QuotaState{};
}

QuotaDecision decide(const AccountHandle& account, const QuotaUse& used, const QuotaUse& more,
                     const QuotaState& state) {
  return decideDelivery({used, account.quota(), more, state, secondsNow(account)}, account.options().quota);
}

QuotaAnswer answer(const QuotaDecision& decision, const QuotaUse& used, const QuotaUse& more) {
  QuotaAnswer out{decision.verdict, decision.due, used};
  if (!accepted(decision.verdict)) return out;
  out.used.bytes += more.bytes;
  out.used.messages += more.messages;
  return out;
}

bool isLimited(const Quota& quota) {
  return quota.bytes >= 0 || quota.messages >= 0;
}

}  // namespace

Result<QuotaState> quotaStateIn(Edit& edit) {
  PH_TRY(const auto* slot, edit.raw(key::quota()));
  return decoded(slot->value);
}

Result<bool> putQuotaState(Edit& edit, const QuotaState& state) {
  PH_TRY(auto* slot, edit.raw(key::quota()));
  if (decoded(slot->value) == state) return false;
  edit.touch(slot);
  // What a later release has put behind it belongs to a state that is no more.
  slot->value = state.empty() ? Bytes() : state.encode();
  return true;
}

Result<QuotaNews> settleQuota(const AccountHandle& account, Edit& edit) {
  const auto& before = edit.usedBefore();
  if (!before || !isLimited(account.quota())) return QuotaNews::None;
  PH_TRY(const auto* user, edit.user());
  const QuotaUse& after = user->used;
  if (after.bytes >= before->bytes && after.messages >= before->messages) return QuotaNews::None;
  PH_TRY(const QuotaState state, quotaStateIn(edit));
  if (state.overSince == 0) return QuotaNews::None;
  const QuotaState settled = afterRemoval(state, after, account.quota());
  PH_TRY(const bool changed, putQuotaState(edit, settled));
  return changed ? QuotaNews::Under : QuotaNews::None;
}

void tellQuota(const AccountHandle& account, QuotaNews news) {
  if (news == QuotaNews::None) return;
  log::write(news == QuotaNews::Over ? messages::kOverQuota : messages::kUnderQuota,
             {{"user", account.id()},
              {"bytes", std::to_string(account.quota().bytes)},
              {"messages", std::to_string(account.quota().messages)}});
  tellQuotaEvent(account, news);
}

Result<QuotaState> AccountHandle::quotaState() const {
  PH_TRY(const auto snapshot, domain().snapshot());
  const auto value = snapshot->get(key::quota());
  if (!value.ok() && value.error().code != Errc::NotFound) return value.error();
  return value.ok() ? decoded(value.value()) : QuotaState{};
}

Result<QuotaAnswer> AccountHandle::admit(QuotaUse more) const {
  PH_TRY(const auto now, used());
  if (!options().quota.enforce || !passesLimit(now, more, quota())) return QuotaAnswer{};
  QuotaDecision decision;
  QuotaUse used;
  QuotaNews news{};
  const auto done = commitSome(*this, Sync::Durable, [&](Edit& edit) -> Status {
    PH_TRY(const auto user, readUser(edit.batch()));
    used = user.used;
    PH_TRY(const QuotaState state, quotaStateIn(edit));
    decision = decide(*this, used, more, state);
    // Taken so far: only deliver() stops the clock, and spends the overdraft.
    if (accepted(decision.verdict)) return nothingToDo();
    news = decision.wentOver ? QuotaNews::Over : QuotaNews::None;
    PH_TRY(const bool written, putQuotaState(edit, decision.state));
    return written ? Status() : nothingToDo();
  });
  if (!done.ok()) return done.error();
  if (done.value()) tellQuota(*this, news);
  if (accepted(decision.verdict)) decision.due = QuotaNotice::None;
  return answer(decision, used, more);
}

Result<DeliverResult> MailboxHandle::deliver(MessageWriter& message) {
  QuotaDecision decision;
  DeliverResult result;
  bool kept = false;
  const auto gate = [&](Edit& edit, const OpenBox& box, const QuotaUse& more) -> Result<bool> {
    const QuotaUse& used = box.user->used;
    PH_TRY(const QuotaState state, quotaStateIn(edit));
    decision = decide(account_, used, more, state);
    result.quota = answer(decision, used, more);
    PH_TRY(kept, putQuotaState(edit, decision.state));
    if (accepted(decision.verdict)) return true;
    if (!kept) return nothingToDo();
    return false;
  };
  auto appended = appendBehind(*this, {&message, 1}, gate);
  if (!appended.ok()) return appended.error();
  result.appended = std::move(appended).value();
  tellQuota(account_, decision.wentOver    ? QuotaNews::Over
                      : decision.wentUnder ? QuotaNews::Under
                                           : QuotaNews::None);
  return result;
}

Result<bool> MailboxHandle::putNotice(MessageWriter& notice, QuotaNotice kind) {
  const std::int64_t now = secondsNow(account_);
  const auto appended =
      appendBehind(*this, {&notice, 1}, [&](Edit& edit, const OpenBox&, const QuotaUse&) -> Result<bool> {
        PH_TRY(const QuotaState state, quotaStateIn(edit));
        if (!noticeDue(kind, state, account_.options().quota, now)) return nothingToDo();
        PH_CHECK(putQuotaState(edit, afterNotice(kind, state, now)));
        return true;
      });
  if (!appended.ok()) return appended.error();
  return !appended.value().uids.empty();
}

}  // namespace posthorn::store
