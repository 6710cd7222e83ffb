// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "common/base/ascii.h"
#include "common/imap/types/fetch.h"
#include "common/imap/types/mailbox_args.h"
#include "common/imap/types/search.h"

// The names of the grammar's small enums, for parser and printer alike.

namespace posthorn::imap {

/// Names in the order of E's values. Several values may share one: find() gives the first.
template <typename E, std::size_t N>
struct Names {
  std::array<std::string_view, N> list;

  [[nodiscard]] constexpr std::string_view of(E value) const { return list[static_cast<std::size_t>(value)]; }
  /// In any case.
  [[nodiscard]] std::optional<E> find(std::string_view text) const {
    for (std::size_t i = 0; i < N; ++i)
      if (ascii::equal(list[i], text)) return static_cast<E>(i);
    return std::nullopt;
  }
  /// Whether `last` is the last value of E that has a name.
  [[nodiscard]] constexpr bool endsWith(E last) const { return static_cast<std::size_t>(last) + 1 == N; }
};

inline constexpr Names<StatusItem, 11> kStatusItemNames{{"MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY",
                                                         "UNSEEN", "DELETED", "SIZE", "HIGHESTMODSEQ",
                                                         "MAILBOXID", "APPENDLIMIT", "DELETED-STORAGE"}};
static_assert(kStatusItemNames.endsWith(StatusItem::DeletedStorage));

inline constexpr Names<ListSelect, 4> kListSelectNames{
    {"SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"}};
static_assert(kListSelectNames.endsWith(ListSelect::SpecialUse));

inline constexpr Names<ListReturn, 5> kListReturnNames{
    {"SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "MYRIGHTS", "STATUS"}};
static_assert(kListReturnNames.endsWith(ListReturn::Status));

inline constexpr Names<SearchReturn, 5> kSearchReturnNames{{"MIN", "MAX", "ALL", "COUNT", "SAVE"}};
static_assert(kSearchReturnNames.endsWith(SearchReturn::Save));

inline constexpr Names<SortCriterion::Key, 9> kSortKeyNames{
    {"ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO"}};
static_assert(kSortKeyNames.endsWith(SortCriterion::Key::DisplayTo));

/// Without what stands in brackets: BODY is Body, and before a bracket BodySection.
inline constexpr Names<FetchAttribute::Kind, 18> kFetchNames{
    {"UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "BODY", "RFC822",
     "RFC822.HEADER", "RFC822.TEXT", "BINARY", "BINARY.SIZE", "MODSEQ", "EMAILID", "THREADID", "PREVIEW",
     "SAVEDATE"}};
static_assert(kFetchNames.endsWith(FetchAttribute::Kind::SaveDate));

/// Without HEADER.FIELDS' list.
inline constexpr Names<Section::Text, 6> kSectionNames{
    {"", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME"}};
static_assert(kSectionNames.endsWith(Section::Text::Mime));

}  // namespace posthorn::imap
