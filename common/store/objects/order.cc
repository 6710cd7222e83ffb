// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/order.h"

#include <algorithm>
#include <numeric>

namespace posthorn::store::objects {

namespace {

using Key = Sort::Key;

// So many messages are read before somebody asks whether to go on.
constexpr std::size_t kStride = 16;

bool ofText(Key key) {
  return key == Key::From || key == Key::To || key == Key::Subject;
}
bool ofFlag(Key key) {
  return key >= Key::HasKeyword;
}

Error cancelled() {
  return makeError(Errc::Cancelled, "store: nobody waits for the answer");
}

}  // namespace

/// The values of one comparator, by place in `found`.
struct Order::Column {
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
};

Result<Order> Order::make(Snapshot& from, const Emails& emails, std::vector<Sort> sort) {
  Order order;
  order.sort_ = std::move(sort);
  for (const Sort& one : order.sort_) {
    order.flags_.emplace_back();
    if (!ofFlag(one.key)) continue;
    PH_TRY(FlagTest test, FlagTest::make(from, emails, one.flag));
    if (one.key != Key::HasKeyword) test.readThreads(emails);
    order.flags_.back() = std::make_shared<const FlagTest>(std::move(test));
  }
  return order;
}

std::int64_t Order::number(std::size_t at, const Emails& emails, std::size_t email) const {
  const Fact& fact = emails.fact(email);
  switch (sort_[at].key) {
    case Key::Size:
      return fact.size;
    case Key::HasKeyword:
      return flags_[at]->has(emails, email) ? 1 : 0;
    case Key::AllInThread:
      return flags_[at]->allInThread(fact.threadId) ? 1 : 0;
    case Key::SomeInThread:
      return flags_[at]->someInThread(fact.threadId) ? 1 : 0;
    default:
      return fact.received;
  }
}

Status Order::fill(const AccountHandle& account, const Emails& emails,
                   const std::vector<std::uint32_t>& found, std::vector<Column>& columns,
                   const std::function<bool()>& goOn) const {
  const bool reads = std::any_of(sort_.begin(), sort_.end(),
                                 [](const Sort& one) { return ofText(one.key) || one.key == Key::SentAt; });
  for (std::size_t place = 0; place < found.size(); ++place) {
    if (place % kStride == 0 && !goOn()) return cancelled();
    const std::size_t email = found[place];
    std::optional<Texts> texts;
    if (reads) {
      const Emails::Copy copy = emails.copies(email).front();
      texts.emplace(account, emails.boxes()[copy.box], emails.fact(copy).uid);
    }
    for (std::size_t at = 0; at < sort_.size(); ++at) {
      const Key key = sort_[at].key;
      if (ofText(key)) {
        auto text = key == Key::From ? texts->firstFrom()
                    : key == Key::To ? texts->firstTo()
                                     : texts->baseSubject();
        columns[at].texts.push_back(text.ok() ? *std::move(text) : std::string());
        continue;
      }
      std::int64_t value = number(at, emails, email);
      if (key == Key::SentAt) {
        const auto sent = texts->sent();
        if (sent.ok() && *sent) value = **sent;
      }
      columns[at].numbers.push_back(value);
    }
  }
  return {};
}

Status Order::apply(const AccountHandle& account, const Emails& emails, std::vector<std::uint32_t>& found,
                    const std::function<bool()>& goOn) const {
  std::vector<Column> columns(sort_.size());
  if (!sort_.empty()) PH_CHECK(fill(account, emails, found, columns, goOn));
  std::vector<std::uint32_t> places(found.size());
  std::iota(places.begin(), places.end(), 0);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t at = 0; at < sort_.size(); ++at) {
      const Column& column = columns[at];
      const int order = column.numbers.empty()                  ? column.texts[a].compare(column.texts[b])
                        : column.numbers[a] < column.numbers[b] ? -1
                        : column.numbers[a] > column.numbers[b] ? 1
                                                                : 0;
      if (order != 0) return (order < 0) == sort_[at].ascending;
    }
    return emails.fact(found[a]).emailId < emails.fact(found[b]).emailId;
  };
  std::sort(places.begin(), places.end(), before);
  std::vector<std::uint32_t> sorted;
  sorted.reserve(found.size());
  for (const std::uint32_t place : places) sorted.push_back(found[place]);
  found = std::move(sorted);
  return {};
}

}  // namespace posthorn::store::objects
