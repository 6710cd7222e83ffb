// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/imap/types/search.h"
#include "common/mime/text_finder.h"
#include "imapd/mail.h"

namespace posthorn::imapd::search {

/// What a key has to look at, cheapest first.
enum class Cost : std::uint8_t { Flags, Facts, Header, Text };

/// A search key made ready for one mailbox: texts in UTF-8 and folded, sets as UIDs, keywords as bits, the
/// parts of an AND in the order of their cost. A value.
struct Node {
  imap::SearchKey::Kind kind = imap::SearchKey::Kind::All;
  Cost cost = Cost::Flags;
  store::SystemFlags flag = 0;
  std::uint64_t keyword = 0;  ///< bit; 0: the mailbox has no such keyword
  std::int64_t day = 0;       ///< since 1970
  std::uint64_t number = 0;
  std::string name;        ///< of a header field
  std::string text;        ///< folded
  std::size_t needle = 0;  ///< Body, Text: index into Program::needles
  Id128 emailId;
  bool never = false;  ///< an id that cannot exist
  store::UidSet set;
  std::vector<Node> children;
};

struct Program {
  Node root;
  std::vector<mime::Needle> needles;  ///< all of them are looked for in one pass
  Cost cost = Cost::Flags;            ///< the highest
  bool modseq = false;                ///< a MODSEQ key is among them
  store::UidSet base;                 ///< no message outside of it can match
};

/// Invalid for a sequence number that is none; Unsupported for an unknown charset.
Result<Program> prepare(const Mail& mail, const imap::SearchProgram& program);

struct Found {
  std::vector<store::Uid> uids;  ///< ascending
  store::Modseq highest = 0;     ///< MODSEQ of them
  store::Modseq first = 0;       ///< MODSEQ of the first of them
  store::Modseq last = 0;        ///< and of the last
};
/// Looks at each message of the base in windows. Messages that are gone do not match. Job.
Result<Found> run(const Mail& mail, const Program& program);

}  // namespace posthorn::imapd::search
