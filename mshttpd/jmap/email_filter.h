// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/imap/types/jmap.h"
#include "mshttpd/jmap/method.h"

// The filter and the sort of Email/query (RFC 8621 4.4) as values that a back end takes. Pure.

namespace posthorn::mshttpd::jmap {

struct EmailSearch {
  std::optional<imap::jmap::Filter> filter;
  std::vector<imap::jmap::Comparator> sort;
  bool collapseThreads = false;

  bool immutable = true;     ///< neither looks at keywords or mailboxes
  bool looksAround = false;  ///< what becomes of one message depends on others of its thread
};

/// Reads `filter`, `sort` and `collapseThreads`: invalidArguments, unsupportedFilter, unsupportedSort.
std::optional<Failure> readEmailSearch(const Json& args, EmailSearch& out);
/// The filter alone.
std::optional<Failure> readEmailFilter(const Json& args, EmailSearch& out);
/// The sort alone.
std::optional<Failure> readEmailSort(const Json& args, EmailSearch& out);

}  // namespace posthorn::mshttpd::jmap
