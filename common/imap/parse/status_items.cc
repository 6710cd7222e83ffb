// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/values.h"
#include "common/imap/types/names.h"

namespace posthorn::imap {

Result<StatusItems> parseStatusItems(Scanner& in) {
  PH_CHECK(in.expect('('));
  StatusItems items;
  do {
    PH_TRY(const View word, in.atom());
    const auto item = kStatusItemNames.find(word);
    if (!item) return Scanner::invalid("Unknown status item");
    items.add(*item);
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return items;
}

}  // namespace posthorn::imap
