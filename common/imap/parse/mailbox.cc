// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/imap/parse/mutf7.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap {

Result<std::string> decodeName(View text, bool utf8) {
  if (text.size() > kMaxMailboxName) return Scanner::tooMuch("Mailbox name too long");
  if (!utf8) {
    auto decoded = decodeMutf7(text);
    if (!decoded) return Scanner::invalid("Mailbox name is not modified UTF-7");
    return *std::move(decoded);
  }
  if (!utf8::valid(text) || std::any_of(text.begin(), text.end(), ascii::isControl))
    return Scanner::invalid("Mailbox name is not UTF-8");
  return std::string(text);
}

Result<MailboxName> parseMailbox(Scanner& in) {
  PH_TRY(const std::string raw, in.astring());
  PH_TRY(std::string name, decodeName(raw, in.utf8()));
  return canonicalName(std::move(name));
}

}  // namespace posthorn::imap
