// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/imap/types/jmap.h"
#include "common/imap/types/names.h"

// The words of X-POSTHORN-JMAP, for parser and printer alike.

namespace posthorn::imap::jmap {

inline constexpr Names<DataType, 3> kDataTypeNames{{"EMAIL", "THREAD", "MAILBOX"}};
static_assert(kDataTypeNames.endsWith(DataType::Mailbox));

inline constexpr Names<Filter::Kind, 23> kFilterNames{
    {"AND",          "OR",           "NOT",        "INMAILBOX",  "INMAILBOXOTHERTHAN",
     "BEFORE",       "AFTER",        "MINSIZE",    "MAXSIZE",    "ALLINTHREAD",
     "SOMEINTHREAD", "NONEINTHREAD", "HASKEYWORD", "NOTKEYWORD", "HASATTACHMENT",
     "TEXT",         "FROM",         "TO",         "CC",         "BCC",
     "SUBJECT",      "BODY",         "HEADER"}};
static_assert(kFilterNames.endsWith(Filter::Kind::Header));

inline constexpr Names<Comparator::Key, 9> kComparatorNames{
    {"RECEIVEDAT", "SENTAT", "SIZE", "FROM", "TO", "SUBJECT", "HASKEYWORD", "ALLINTHREAD", "SOMEINTHREAD"}};
static_assert(kComparatorNames.endsWith(Comparator::Key::SomeInThread));

inline constexpr Names<UpdateData::Outcome, 9> kOutcomeNames{
    {"UPDATED", "DESTROYED", "NOTFOUND", "FORBIDDEN", "NOMAILBOX", "TOOMANYKEYWORDS", "TOOMANYMAILBOXES",
     "NOMAILBOXLEFT", "OVERQUOTA"}};
static_assert(kOutcomeNames.endsWith(UpdateData::Outcome::OverQuota));

/// Whether its operand is a keyword.
constexpr bool ofKeyword(Filter::Kind kind) {
  return (kind >= Filter::Kind::AllInThread && kind <= Filter::Kind::NotKeyword);
}
constexpr bool ofKeyword(Comparator::Key key) {
  return key >= Comparator::Key::HasKeyword;
}
constexpr bool ofFilters(Filter::Kind kind) {
  return kind <= Filter::Kind::Not;
}
constexpr bool ofNumber(Filter::Kind kind) {
  return kind == Filter::Kind::MinSize || kind == Filter::Kind::MaxSize ||
         kind == Filter::Kind::HasAttachment;
}
constexpr bool ofTime(Filter::Kind kind) {
  return kind == Filter::Kind::Before || kind == Filter::Kind::After;
}

}  // namespace posthorn::imap::jmap
