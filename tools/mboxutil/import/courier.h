// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tools/mboxutil/import/dovecot.h"

// The files that Courier's IMAP and POP servers keep in a Maildir. Lines that cannot be are left out.

namespace posthorn::migrate {

/// courierimapuiddb: "1 UIDVALIDITY UIDNEXT", then "UID name" lines. Corrupt when its first line is none.
Result<UidList> parseCourierUids(View text);

/// courierpop3dsizelist: base names of files and the UIDL that Courier's POP server told of each.
struct CourierUidl {
  View base;
  std::string uidl;
};
/// Versions 2 and 3, and the two that had no version. Nothing for any other.
std::vector<CourierUidl> parseCourierUidls(View text);

/// The UIDL that Courier makes of a file name when it numbers nothing.
std::string courierNameUidl(View base);

/// courierimapkeywords/:list: the names, then which of them each file has.
struct CourierKeywords {
  std::vector<std::string> names;
  std::vector<std::pair<View, std::vector<std::size_t>>> files;  ///< base name, indexes of `names`
};
CourierKeywords parseCourierKeywords(View text);

/// courierimapsubscribed: names with '/' between levels, without Courier's INBOX before them.
std::vector<std::string> parseCourierSubscribed(View text);

}  // namespace posthorn::migrate
