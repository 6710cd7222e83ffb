// SPDX-License-Identifier: Apache-2.0
#include "common/store/recount_use.h"

#include "common/store/ops.h"
#include "common/store/records.h"
#include "common/store/schema.h"

namespace posthorn::store {

Result<bool> recountUse(const AccountHandle& account) {
  return commitSome(account, Sync::Durable, [](Edit& edit) -> Status {
    QuotaUse sum;
    bool readable = true;
    PH_CHECK(edit.batch().scan(key::of('M'), key::after(key::of('M')), [&](View, View value) {
      const auto record = MailboxRecord::decode(value);
      readable = readable && record.ok();
      if (record.ok() && !record->dying) {
        sum.bytes += record->bytes;
        sum.messages += record->messages;
      }
      return readable;
    }));
    PH_TRY(auto* user, edit.user());
    if (!readable || user->used == sum) return nothingToDo();
    user->used = sum;
    return {};
  });
}

}  // namespace posthorn::store
