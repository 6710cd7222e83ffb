// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/store/types.h"

// What a query asks, as values (RFC 8621 4.4).

namespace posthorn::store::objects {

/// A flag as a query names it: a system flag, or a keyword.
struct FlagName {
  SystemFlags system = 0;
  std::string keyword;
  bool operator==(const FlagName&) const = default;
};
/// "\Seen", "$seen" and their like are system flags, all else are keywords.
FlagName flagOf(View text);

struct Filter {
  enum class Kind : std::uint8_t {
    And,
    Or,
    Not,  ///< none of `parts`
    InMailbox,
    InMailboxOtherThan,
    Before,
    After,
    MinSize,
    MaxSize,
    AllInThread,
    SomeInThread,
    NoneInThread,
    HasKeyword,
    NotKeyword,
    HasAttachment,
    Text,
    From,
    To,
    Cc,
    Bcc,
    Subject,
    Body,
    Header,
  };
  Kind kind = Kind::And;
  std::vector<Filter> parts;
  std::vector<Id128> mailboxes;  ///< of the two InMailbox
  FlagName flag;
  std::string name;          ///< of a header field
  std::string text;          ///< UTF-8; words all of which must be found, what is quoted is one
  std::int64_t time = 0;     ///< milliseconds since 1970
  std::uint64_t number = 0;  ///< a size, or whether there is an attachment
  bool operator==(const Filter&) const = default;
};

struct Sort {
  enum class Key : std::uint8_t {
    ReceivedAt,
    SentAt,
    Size,
    From,
    To,
    Subject,
    HasKeyword,
    AllInThread,
    SomeInThread
  };
  Key key = Key::ReceivedAt;
  bool ascending = true;
  FlagName flag;
  bool operator==(const Sort&) const = default;
};

/// `text` cut into its words; what stands between double quotes is one. Folded for comparison.
std::vector<std::string> wordsOf(View text);

}  // namespace posthorn::store::objects
