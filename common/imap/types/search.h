// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/imap/types/date.h"
#include "common/imap/types/enum_set.h"
#include "common/imap/types/flags.h"
#include "common/imap/types/sequence_set.h"

namespace posthorn::imap {

/// A search key as a tree. Nesting and the number of nodes are bounded by limits.h.
struct SearchKey {
  enum class Kind : std::uint8_t {
    All,
    And,  ///< `children`: two or more
    Or,   ///< `children`: exactly two
    Not,  ///< `children`: exactly one

    Numbers,  ///< `set`: sequence numbers, also in UID SEARCH
    Uid,      ///< `set`: UIDs

    Flag,       ///< `flag` is set: ANSWERED, DELETED, ...
    NoFlag,     ///< `flag` is not set: UNANSWERED, ...
    Keyword,    ///< keyword `text` is set
    NoKeyword,  ///< keyword `text` is not set
    Recent,     ///< RFC 3501
    New,        ///< RECENT UNSEEN
    Old,        ///< NOT RECENT

    // `text` in a header field.
    From,
    To,
    Cc,
    Bcc,
    Subject,
    Header,  ///< in field `name`; empty `text`: the field is there

    Body,  ///< `text` in the body
    Text,  ///< `text` in header or body

    // INTERNALDATE against `date`.
    Before,
    On,
    Since,

    // The Date field against `date`.
    SentBefore,
    SentOn,
    SentSince,

    // The save date against `date` (RFC 8514).
    SavedBefore,
    SavedOn,
    SavedSince,
    SaveDateSupported,  ///< all messages or none

    Larger,   ///< RFC822.SIZE over `number`
    Smaller,  ///< RFC822.SIZE under `number`

    Older,    ///< RFC 5032: INTERNALDATE `number` seconds ago or more
    Younger,  ///< RFC 5032: INTERNALDATE within the last `number` seconds
    Modseq,   ///< RFC 7162: MODSEQ at least `number`; an entry name is read and dropped

    EmailId,   ///< RFC 8474: `text` is the id
    ThreadId,  ///< RFC 8474: `text` is the id
  };
  Kind kind = Kind::All;
  SystemFlags flag = 0;  ///< exactly one bit
  Date date;
  std::uint64_t number = 0;
  std::string name;  ///< Header: the field's name
  std::string text;  ///< in the command's charset, as sent
  SequenceSet set;
  std::vector<SearchKey> children;
  bool operator==(const SearchKey&) const = default;
};

/// RETURN (...) of RFC 4731, 5182.
enum class SearchReturn : std::uint8_t { Min, Max, All, Count, Save };

/// What SEARCH, SORT and THREAD share.
struct SearchProgram {
  std::string charset;  ///< in the client's spelling; empty when none was given
  SearchKey key;
  bool operator==(const SearchProgram&) const = default;
};

/// SEARCH and UID SEARCH.
struct SearchArgs {
  bool extended = false;            ///< RETURN was given: the answer is ESEARCH
  EnumSet<SearchReturn> returning;  ///< never empty when extended: RETURN () means All
  SearchProgram program;
  bool operator==(const SearchArgs&) const = default;
};

/// One sort criterion (RFC 5256; the Display ones RFC 5957).
struct SortCriterion {
  enum class Key : std::uint8_t { Arrival, Cc, Date, From, Size, Subject, To, DisplayFrom, DisplayTo };
  Key key = Key::Arrival;
  bool reverse = false;
  bool operator==(const SortCriterion&) const = default;
};

/// SORT and UID SORT; RETURN as in RFC 5267 §3 (ESORT). The charset is never empty.
struct SortArgs {
  bool extended = false;
  EnumSet<SearchReturn> returning;
  std::vector<SortCriterion> criteria;  ///< at least one
  SearchProgram program;
  bool operator==(const SortArgs&) const = default;
};

/// THREAD and UID THREAD. The charset is never empty.
struct ThreadArgs {
  std::string algorithm;  ///< in capitals; whether it is known is the server's to say
  SearchProgram program;
  bool operator==(const ThreadArgs&) const = default;
};

}  // namespace posthorn::imap
