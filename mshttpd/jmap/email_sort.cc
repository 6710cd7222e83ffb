// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <utility>

#include "mshttpd/jmap/email_filter.h"
#include "mshttpd/jmap/keywords.h"
#include "mshttpd/jmap/query.h"

namespace posthorn::mshttpd::jmap {
namespace {

using imap::jmap::Comparator;

struct SortRow {
  std::string_view name;
  Comparator::Key key;
  bool keyword = false;
  bool looksAround = false;
};
constexpr SortRow kSorts[] = {
    {"receivedAt", Comparator::Key::ReceivedAt},
    {"sentAt", Comparator::Key::SentAt},
    {"size", Comparator::Key::Size},
    {"from", Comparator::Key::From},
    {"to", Comparator::Key::To},
    {"subject", Comparator::Key::Subject},
    {"hasKeyword", Comparator::Key::HasKeyword, true},
    {"allInThreadHaveKeyword", Comparator::Key::AllInThread, true, true},
    {"someInThreadHaveKeyword", Comparator::Key::SomeInThread, true, true},
};

}  // namespace

std::optional<Failure> readEmailSort(const Json& args, EmailSearch& out) {
  std::vector<SortBy> sort;
  if (auto failure = readSort(args, sort)) return failure;
  for (const SortBy& by : sort) {
    const auto* row = std::find_if(std::begin(kSorts), std::end(kSorts),
                                   [&](const SortRow& one) { return one.name == by.property; });
    if (row == std::end(kSorts))
      return Failure{"unsupportedSort", "messages are not sorted by " + by.property.substr(0, 255)};
    Comparator comparator{row->key, by.ascending, {}};
    if (row->keyword) {
      const auto flag = flagOf(by.keyword);
      if (!flag) return Failure{"invalidArguments", by.property + " needs a keyword"};
      comparator.keyword = *flag;
      out.immutable = false;
    }
    if (row->looksAround) out.looksAround = true;
    out.sort.push_back(std::move(comparator));
  }
  return std::nullopt;
}

}  // namespace posthorn::mshttpd::jmap
