// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/fetch.h"

namespace posthorn::imap {

bool setsSeen(const FetchAttribute& attribute) {
  using Kind = FetchAttribute::Kind;
  switch (attribute.kind) {
    case Kind::BodySection:
    case Kind::Binary:
      return !attribute.peek;
    case Kind::Rfc822:
    case Kind::Rfc822Text:
      return true;
    default:
      return false;
  }
}

}  // namespace posthorn::imap
