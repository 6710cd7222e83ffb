// SPDX-License-Identifier: Apache-2.0

// Values of the store: what decodes is what encoding makes, octet for octet.

#include "common/store/quota_policy.h"
#include "common/store/records.h"
#include "test/fuzz/require.h"

using namespace posthorn;
using namespace posthorn::store;

namespace {

template <typename Record>
void roundTrip(View value) {
  const auto record = Record::decode(value);
  if (!record.ok()) return;
  const auto again = Record::decode(record->encode());
  fuzz::require(again.ok() && again->encode() == record->encode(), "a record survives being stored");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const View value = fuzz::text(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      roundTrip<UserRecord>(value);
      break;
    case 1:
      roundTrip<MailboxRecord>(value);
      break;
    case 2:
      roundTrip<KeywordTable>(value);
      break;
    case 3:
      roundTrip<UidlBlock>(value);
      break;
    default: {
      std::vector<Tombstone> tombstones;
      static_cast<void>(decodeTombstones(value, 7, &tombstones));
      roundTrip<QuotaState>(value);
    }
  }
  return 0;
}
