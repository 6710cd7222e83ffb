// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/types.h"

// The files that Dovecot keeps in a Maildir. Anything may stand in them: lines that cannot be are counted and
// left out.

namespace posthorn::migrate {

/// A message of dovecot-uidlist. Views of the file's text.
struct UidEntry {
  store::Uid uid = 0;
  View base;                 ///< of its file name
  std::optional<View> uidl;  ///< P: empty means the base name
  View guid;                 ///< G: empty means the base name
};

struct UidList {
  std::uint32_t uidValidity = 0;
  store::Uid uidNext = 1;         ///< above every UID in it
  std::vector<UidEntry> entries;  ///< UIDs ascend, each base name once
  std::size_t broken = 0;         ///< lines that were left out
};

/// dovecot-uidlist, versions 1 and 3. Corrupt when its first line is none. Of two lines with one UID the
/// first stands, of two with one name the one with the higher UID, which Dovecot gave to a file that came
/// back.
Result<UidList> parseUidList(View text);

/// dovecot-keywords: names by letter, 'a' first; empty where there is none.
struct KeywordList {
  std::vector<std::string> names;
  bool beyond = false;  ///< it names more than there are letters: those stand in Dovecot's index alone
};
KeywordList parseKeywordList(View text);

/// subscriptions, both versions: names as they stand there, levels separated by '\t' in version 2 and by
/// `separator` in the older one; '/' between levels here.
std::vector<std::string> parseSubscriptions(View text, char separator);

/// Calls `row` with each line, without its line end.
template <typename Row>
void eachLine(View text, Row row) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    View line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    row(line);
    if (end == View::npos) return;
    text.remove_prefix(end + 1);
  }
}

/// Drops entries whose UID or base name another one has, and sorts them by UID.
void settle(UidList& list);

}  // namespace posthorn::migrate
