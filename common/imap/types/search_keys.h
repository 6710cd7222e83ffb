// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/imap/types/search.h"

namespace posthorn::imap {

/// What follows a search key's name.
enum class SearchOperand : std::uint8_t {
  Nothing,
  Keys,      ///< one key, or two for OR
  Set,       ///< a sequence set
  Text,      ///< a string
  Field,     ///< a header field's name and a string
  Keyword,   ///< a keyword
  Date,      ///< a day
  Number,    ///< octets
  Interval,  ///< seconds, not 0
  Modseq,    ///< perhaps an entry, then a MODSEQ
  Id,        ///< an object's id
};

struct SearchKeyRow {
  std::string_view name;
  SearchKey::Kind kind;
  SearchOperand operand;
  SystemFlags flag;
};

/// Every key that has a name: a new one is a row here, if its operand is one of the above.
inline constexpr std::array<SearchKeyRow, 44> kSearchKeys{{
    {"ALL", SearchKey::Kind::All, SearchOperand::Nothing, 0},
    {"ANSWERED", SearchKey::Kind::Flag, SearchOperand::Nothing, kAnswered},
    {"BCC", SearchKey::Kind::Bcc, SearchOperand::Text, 0},
    {"BEFORE", SearchKey::Kind::Before, SearchOperand::Date, 0},
    {"BODY", SearchKey::Kind::Body, SearchOperand::Text, 0},
    {"CC", SearchKey::Kind::Cc, SearchOperand::Text, 0},
    {"DELETED", SearchKey::Kind::Flag, SearchOperand::Nothing, kDeleted},
    {"DRAFT", SearchKey::Kind::Flag, SearchOperand::Nothing, kDraft},
    {"EMAILID", SearchKey::Kind::EmailId, SearchOperand::Id, 0},
    {"FLAGGED", SearchKey::Kind::Flag, SearchOperand::Nothing, kFlagged},
    {"FROM", SearchKey::Kind::From, SearchOperand::Text, 0},
    {"HEADER", SearchKey::Kind::Header, SearchOperand::Field, 0},
    {"KEYWORD", SearchKey::Kind::Keyword, SearchOperand::Keyword, 0},
    {"LARGER", SearchKey::Kind::Larger, SearchOperand::Number, 0},
    {"MODSEQ", SearchKey::Kind::Modseq, SearchOperand::Modseq, 0},
    {"NEW", SearchKey::Kind::New, SearchOperand::Nothing, 0},
    {"NOT", SearchKey::Kind::Not, SearchOperand::Keys, 0},
    {"OLD", SearchKey::Kind::Old, SearchOperand::Nothing, 0},
    {"OLDER", SearchKey::Kind::Older, SearchOperand::Interval, 0},
    {"ON", SearchKey::Kind::On, SearchOperand::Date, 0},
    {"OR", SearchKey::Kind::Or, SearchOperand::Keys, 0},
    {"RECENT", SearchKey::Kind::Recent, SearchOperand::Nothing, 0},
    {"SAVEDATESUPPORTED", SearchKey::Kind::SaveDateSupported, SearchOperand::Nothing, 0},
    {"SAVEDBEFORE", SearchKey::Kind::SavedBefore, SearchOperand::Date, 0},
    {"SAVEDON", SearchKey::Kind::SavedOn, SearchOperand::Date, 0},
    {"SAVEDSINCE", SearchKey::Kind::SavedSince, SearchOperand::Date, 0},
    {"SEEN", SearchKey::Kind::Flag, SearchOperand::Nothing, kSeen},
    {"SENTBEFORE", SearchKey::Kind::SentBefore, SearchOperand::Date, 0},
    {"SENTON", SearchKey::Kind::SentOn, SearchOperand::Date, 0},
    {"SENTSINCE", SearchKey::Kind::SentSince, SearchOperand::Date, 0},
    {"SINCE", SearchKey::Kind::Since, SearchOperand::Date, 0},
    {"SMALLER", SearchKey::Kind::Smaller, SearchOperand::Number, 0},
    {"SUBJECT", SearchKey::Kind::Subject, SearchOperand::Text, 0},
    {"TEXT", SearchKey::Kind::Text, SearchOperand::Text, 0},
    {"THREADID", SearchKey::Kind::ThreadId, SearchOperand::Id, 0},
    {"TO", SearchKey::Kind::To, SearchOperand::Text, 0},
    {"UID", SearchKey::Kind::Uid, SearchOperand::Set, 0},
    {"UNANSWERED", SearchKey::Kind::NoFlag, SearchOperand::Nothing, kAnswered},
    {"UNDELETED", SearchKey::Kind::NoFlag, SearchOperand::Nothing, kDeleted},
    {"UNDRAFT", SearchKey::Kind::NoFlag, SearchOperand::Nothing, kDraft},
    {"UNFLAGGED", SearchKey::Kind::NoFlag, SearchOperand::Nothing, kFlagged},
    {"UNKEYWORD", SearchKey::Kind::NoKeyword, SearchOperand::Keyword, 0},
    {"UNSEEN", SearchKey::Kind::NoFlag, SearchOperand::Nothing, kSeen},
    {"YOUNGER", SearchKey::Kind::Younger, SearchOperand::Interval, 0},
}};

}  // namespace posthorn::imap
