// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mshttpd/jmap/method.h"

// What all /query and /queryChanges methods have in common (RFC 8620 5.5, 5.6). Pure.

namespace posthorn::mshttpd::jmap {

/// Which part of the results a client wants.
struct QueryWindow {
  std::int64_t position = 0;
  std::optional<std::string> anchor;
  std::int64_t anchorOffset = 0;
  std::optional<std::uint64_t> limit;
  bool total = false;
};
Result<QueryWindow> readQueryWindow(const Json& args);

/// The response of a /query whose whole result is at hand; anchorNotFound.
Answer queryResponse(const std::string& accountId, const std::string& state, bool canCalculateChanges,
                     const QueryWindow& window, const std::vector<std::string>& all);

/// Operators of a filter, and conditions that hold for an object.
using CheckCondition = std::function<std::optional<Failure>(const Json& condition)>;
using MatchCondition = std::function<bool(const Json& condition)>;

/// A FilterOperator has an `operator`, a FilterCondition has none.
bool isFilterOperator(const Json& filter);
/// "AND", "OR" or "NOT" and a list of conditions; else invalidArguments.
std::optional<Failure> checkFilterOperator(const Json& filter);
/// The tree's form, depth and number of nodes (unsupportedFilter beyond), and each condition. Null matches.
std::optional<Failure> checkFilter(const Json* filter, const CheckCondition& condition);
bool matchesFilter(const Json* filter, const MatchCondition& condition);

inline constexpr std::size_t kMaxFilterDepth = 16;
inline constexpr std::size_t kMaxFilterNodes = 250;

/// A Comparator of a sort.
struct SortBy {
  std::string property;
  bool ascending = true;
  std::string collation;  ///< empty: ours
  std::string keyword;
};
/// At most 16 of them; unsupportedSort for a collation that is not ours.
std::optional<Failure> readSort(const Json& args, std::vector<SortBy>& out);

/// What a simple query asks for.
struct FilterAndSort {
  const Json* filter = nullptr;
  std::vector<SortBy> sort;
};
/// unsupportedSort for a property that is not `sortable`. The filter stays in `args`.
std::optional<Failure> readFilterAndSort(const Json& args, const CheckCondition& condition,
                                         std::initializer_list<View> sortable, FilterAndSort& out);
/// The key that strings of a sort are compared by.
std::string collationKey(std::string_view text, std::string_view collation);

/// The arguments of /queryChanges but filter and sort.
struct QueryChangesArgs {
  std::string since;
  std::optional<std::uint64_t> most;
  std::optional<std::string> upToId;
  bool total = false;
};
Result<QueryChangesArgs> readQueryChanges(const Json& args);

/// What has become of a query's results. `maybe` are objects that may have come, gone or moved since, whether
/// they are in the results or not: `removed` may hold more than was there.
struct QueryDelta {
  std::string newState;
  std::vector<std::string> results;  ///< all of them, now
  std::set<std::string> maybe;
  bool immutable = false;  ///< neither filter nor sort looks at what can change: upToId counts
};
/// tooManyChanges where they are more than the client takes.
Answer queryChangesResponse(const std::string& accountId, const QueryChangesArgs& args,
                            const QueryDelta& delta);

}  // namespace posthorn::mshttpd::jmap
