// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/objects/box.h"
#include "common/store/objects/filter.h"

namespace posthorn::store::objects {

/// RFC 8620 5.5, RFC 8621 4.4. Messages that are equal stand in the order of their ids.
struct Query {
  std::optional<Filter> filter;
  std::vector<Sort> sort;
  bool collapseThreads = false;
  std::int64_t position = 0;    ///< below 0 counts from the end
  std::optional<Id128> anchor;  ///< takes the place of `position`
  std::int64_t anchorOffset = 0;
  std::optional<std::uint32_t> limit;
  bool total = false;
};
/// Ids of one answer, whatever the limit says.
inline constexpr std::size_t kMostFound = 65'536;

struct QueryAnswer {
  Modseq state = 0;
  std::uint64_t position = 0;  ///< of the first id
  std::optional<std::uint64_t> total;
  Ids ids;
};

/// Index, flags and facts are of one snapshot, that of `state`; texts are read behind it, and a message that
/// goes meanwhile does not match. The whole result is remembered for the next page. NotFound: the anchor is
/// not among the found. Cancelled: `goOn`, which is asked now and then, said false. Job.
Result<QueryAnswer> query(const AccountHandle& account, const Asker& asker, const Query& query,
                          const std::function<bool()>& goOn);

}  // namespace posthorn::store::objects
