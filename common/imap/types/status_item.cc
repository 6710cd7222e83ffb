// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "common/base/ascii.h"
#include "common/imap/types/mailbox_args.h"

namespace posthorn::imap {
namespace {

/// In the order of the enum.
constexpr std::array<std::string_view, 10> kNames{"MESSAGES",  "RECENT",     "UIDNEXT", "UIDVALIDITY",
                                                  "UNSEEN",    "DELETED",    "SIZE",    "HIGHESTMODSEQ",
                                                  "MAILBOXID", "APPENDLIMIT"};
static_assert(kNames.size() == static_cast<std::size_t>(StatusItem::AppendLimit) + 1);

}  // namespace

std::string_view toString(StatusItem item) {
  return kNames[static_cast<std::size_t>(item)];
}

std::optional<StatusItem> statusItem(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (ascii::equal(kNames[i], text)) return static_cast<StatusItem>(i);
  return std::nullopt;
}

}  // namespace posthorn::imap
