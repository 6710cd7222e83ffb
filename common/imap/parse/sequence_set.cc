// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/values.h"

namespace posthorn::imap {
namespace {

Result<std::uint32_t> parseSequenceNumber(Scanner& in, SetForm form) {
  if (form == SetForm::Any && in.take('*')) return kStar;
  return in.nzNumber();
}

}  // namespace

Result<SequenceSet> parseSequenceSet(Scanner& in, SetForm form) {
  SequenceSet set;
  if (form == SetForm::Any && in.take('$')) {
    set.saved = true;
    return set;
  }
  do {
    if (set.ranges.size() == in.options().maxRanges) return Scanner::tooMuch("Too many ranges");
    SequenceRange range;
    PH_TRY(range.first, parseSequenceNumber(in, form));
    range.last = range.first;
    if (in.take(':')) {
      PH_TRY(range.last, parseSequenceNumber(in, form));
    }
    set.ranges.push_back(range);
  } while (in.take(','));
  return set;
}

}  // namespace posthorn::imap
