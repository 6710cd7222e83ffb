// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/query.h"

#include <algorithm>
#include <utility>

#include "common/mime/fold.h"
#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::size_t kMaxComparators = 16;
constexpr std::string_view kAsciiCasemap = "i;ascii-casemap";
constexpr std::string_view kUnicodeCasemap = "i;unicode-casemap";

/// Where in `all` the window begins.
std::optional<std::size_t> beginOf(const QueryWindow& window, const std::vector<std::string>& all) {
  const auto size = static_cast<std::int64_t>(all.size());
  std::int64_t begin = window.position < 0 ? size + window.position : window.position;
  if (window.anchor) {
    const auto found = std::find(all.begin(), all.end(), *window.anchor);
    if (found == all.end()) return std::nullopt;
    begin = (found - all.begin()) + window.anchorOffset;
  }
  return static_cast<std::size_t>(std::max<std::int64_t>(begin, 0));
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxFilterDepth
std::optional<Failure> checkNode(const Json& filter, const CheckCondition& condition, std::size_t depth,
                                 std::size_t& nodes) {
  if (!filter.is_object()) return Failure{"invalidArguments", "a filter is an object"};
  if (depth > kMaxFilterDepth || ++nodes > kMaxFilterNodes)
    return Failure{"unsupportedFilter", "the filter is too complex"};
  if (!isFilterOperator(filter)) return condition(filter);
  if (auto failure = checkFilterOperator(filter)) return failure;
  for (const Json& part : filter["conditions"]) {
    if (auto failure = checkNode(part, condition, depth + 1, nodes)) return failure;
  }
  return std::nullopt;
}

std::optional<Failure> readComparator(const Json& item, SortBy& out) {
  if (!item.is_object()) return Failure{"invalidArguments", "a comparator is an object"};
  const auto property = stringArgument(item, "property");
  const auto ascending = boolArgument(item, "isAscending", true);
  const auto collation = stringArgument(item, "collation");
  const auto keyword = stringArgument(item, "keyword");
  if (!property.ok() || !*property) return Failure{"invalidArguments", "a comparator needs a property"};
  if (!ascending.ok()) return failureOf(ascending.error());
  if (!collation.ok()) return failureOf(collation.error());
  if (!keyword.ok()) return failureOf(keyword.error());
  out = {**property, *ascending, collation->value_or(""), keyword->value_or("")};
  if (!out.collation.empty() && out.collation != kAsciiCasemap && out.collation != kUnicodeCasemap)
    return Failure{"unsupportedSort", "there is no collation " + out.collation.substr(0, 255)};
  return std::nullopt;
}

}  // namespace

Result<QueryWindow> readQueryWindow(const Json& args) {
  QueryWindow out;
  PH_TRY(out.position, intArgument(args, "position", 0));
  PH_TRY(out.anchor, stringArgument(args, "anchor"));
  PH_TRY(out.anchorOffset, intArgument(args, "anchorOffset", 0));
  PH_TRY(out.limit, unsignedArgument(args, "limit"));
  PH_TRY(out.total, boolArgument(args, "calculateTotal", false));
  return out;
}

Answer queryResponse(const std::string& accountId, const std::string& state, bool canCalculateChanges,
                     const QueryWindow& window, const std::vector<std::string>& all) {
  const auto begin = beginOf(window, all);
  if (!begin) return Failure{"anchorNotFound", "the anchor is not among the results"};
  const std::size_t room = *begin < all.size() ? all.size() - *begin : 0;
  const std::size_t count =
      static_cast<std::size_t>(std::min<std::uint64_t>(room, window.limit.value_or(room)));
  Json ids = Json::array();
  for (std::size_t i = 0; i < count; ++i) ids.push_back(all[*begin + i]);
  Json out = Json::object();
  out["accountId"] = accountId;
  out["queryState"] = state;
  out["canCalculateChanges"] = canCalculateChanges;
  out["position"] = *begin;
  out["ids"] = std::move(ids);
  if (window.total) out["total"] = all.size();
  return out;
}

bool isFilterOperator(const Json& filter) {
  return filter.contains("operator");
}

std::optional<Failure> checkFilterOperator(const Json& filter) {
  const Json& name = filter["operator"];
  const auto conditions = filter.find("conditions");
  if (name != "AND" && name != "OR" && name != "NOT")
    return Failure{"invalidArguments", "an operator is AND, OR or NOT"};
  if (conditions == filter.end() || !conditions->is_array())
    return Failure{"invalidArguments", "an operator needs a list of conditions"};
  if (filter.size() != 2)
    return Failure{"invalidArguments", "an operator has no other members than conditions"};
  return std::nullopt;
}

std::optional<Failure> checkFilter(const Json* filter, const CheckCondition& condition) {
  std::size_t nodes = 0;
  if (filter == nullptr) return std::nullopt;
  return checkNode(*filter, condition, 0, nodes);
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxFilterDepth
bool matchesFilter(const Json* filter, const MatchCondition& condition) {
  if (filter == nullptr) return true;
  if (!isFilterOperator(*filter)) return condition(*filter);
  const Json& parts = (*filter)["conditions"];
  // NOLINTNEXTLINE(misc-no-recursion)
  const auto matches = [&](const Json& part) { return matchesFilter(&part, condition); };
  if ((*filter)["operator"] == "AND") return std::all_of(parts.begin(), parts.end(), matches);
  if ((*filter)["operator"] == "OR") return std::any_of(parts.begin(), parts.end(), matches);
  return std::none_of(parts.begin(), parts.end(), matches);
}

std::optional<Failure> readSort(const Json& args, std::vector<SortBy>& out) {
  const Json* sort = member(args, "sort");
  if (sort == nullptr) return std::nullopt;
  if (!sort->is_array()) return Failure{"invalidArguments", "sort is a list of comparators"};
  if (sort->size() > kMaxComparators) return Failure{"unsupportedSort", "the sort has too many comparators"};
  for (const Json& item : *sort) {
    if (auto failure = readComparator(item, out.emplace_back())) return failure;
  }
  return std::nullopt;
}

std::optional<Failure> readFilterAndSort(const Json& args, const CheckCondition& condition,
                                         std::initializer_list<View> sortable, FilterAndSort& out) {
  out.filter = member(args, "filter");
  if (auto failure = checkFilter(out.filter, condition)) return failure;
  if (auto failure = readSort(args, out.sort)) return failure;
  for (const SortBy& by : out.sort)
    if (std::find(sortable.begin(), sortable.end(), by.property) == sortable.end())
      return Failure{"unsupportedSort", "these are not sorted by " + by.property.substr(0, 255)};
  return std::nullopt;
}

std::string collationKey(std::string_view text, std::string_view collation) {
  return collation == kAsciiCasemap ? mime::foldAscii(text) : mime::fold(text);
}

Result<QueryChangesArgs> readQueryChanges(const Json& args) {
  QueryChangesArgs out;
  PH_TRY(out.since, stateArgument(args, "sinceQueryState"));
  PH_TRY(out.most, unsignedArgument(args, "maxChanges"));
  PH_TRY(out.upToId, stringArgument(args, "upToId"));
  PH_TRY(out.total, boolArgument(args, "calculateTotal", false));
  return out;
}

Answer queryChangesResponse(const std::string& accountId, const QueryChangesArgs& args,
                            const QueryDelta& delta) {
  std::size_t end = delta.results.size();
  if (delta.immutable && args.upToId) {
    const auto found = std::find(delta.results.begin(), delta.results.end(), *args.upToId);
    if (found != delta.results.end()) end = static_cast<std::size_t>(found - delta.results.begin()) + 1;
  }
  Json added = Json::array();
  std::set<std::string> beyond;
  for (std::size_t i = 0; i < delta.results.size(); ++i) {
    if (delta.maybe.count(delta.results[i]) == 0) continue;
    if (i >= end) {
      beyond.insert(delta.results[i]);
      continue;
    }
    Json item = Json::object();
    item["id"] = delta.results[i];
    item["index"] = i;
    added.push_back(std::move(item));
  }
  Json removed = Json::array();
  for (const std::string& id : delta.maybe) {
    if (beyond.count(id) == 0) removed.push_back(id);
  }
  if (args.most && removed.size() + added.size() > *args.most)
    return Failure{"tooManyChanges", "more than maxChanges have changed"};
  Json out = Json::object();
  out["accountId"] = accountId;
  out["oldQueryState"] = args.since;
  out["newQueryState"] = delta.newState;
  if (args.total) out["total"] = delta.results.size();
  out["removed"] = std::move(removed);
  out["added"] = std::move(added);
  return out;
}

}  // namespace posthorn::mshttpd::jmap
