// SPDX-License-Identifier: Apache-2.0
#include "popd/maildrop.h"

#include "common/base/assert.h"

namespace posthorn::popd {

Result<Maildrop> Maildrop::open(const store::AccountHandle& account, Lock lock) {
  std::optional<store::MaildropLock> held;
  if (lock == Lock::Yes) {
    PH_TRY(held, store::MaildropLock::take(account));
  }
  PH_TRY(store::Maildrop drop, store::Maildrop::open(account));
  Maildrop maildrop(std::move(drop));
  maildrop.lock_ = std::move(held);
  return maildrop;
}

Status Maildrop::visible(MessageNumber number) const {
  if (number == 0 || number > last()) return makeError(Errc::NotFound, "No such message");
  if (marked(number)) return makeError(Errc::NotFound, "Message is deleted");
  return okStatus();
}

void Maildrop::mark(MessageNumber number) {
  PH_ASSERT(visible(number).ok());
  marks_[number - 1] = true;
  ++markedMessages_;
  markedOctets_ += size(number);
}

void Maildrop::unmarkAll() {
  marks_.assign(marks_.size(), false);
  markedMessages_ = 0;
  markedOctets_ = 0;
}

Maildrop::Removal Maildrop::removeMarked() {
  Removal removal;
  if (markedMessages_ == 0) return removal;
  std::vector<std::uint32_t> indexes;
  indexes.reserve(markedMessages_);
  for (std::uint32_t i = 0; i < marks_.size(); ++i) {
    if (marks_[i]) indexes.push_back(i);
  }
  store::ExpungeResult gone;
  removal.status = drop_.expunge(indexes, gone);
  removal.removed = removal.status.ok() ? markedMessages_ : static_cast<MessageNumber>(gone.gone.size());
  if (removal.status.ok()) unmarkAll();
  return removal;
}

}  // namespace posthorn::popd
