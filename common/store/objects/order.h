// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/result.h"
#include "common/store/objects/emails.h"
#include "common/store/objects/filter.h"
#include "common/store/objects/judge.h"

namespace posthorn::store::objects {

/// Brings messages into the order of a query.
class Order {
 public:
  static Result<Order> make(Snapshot& from, const Emails& emails, std::vector<Sort> sort);

  /// `found` are numbers of messages; `goOn` as in query(). Texts that cannot be read count as empty.
  Status apply(const AccountHandle& account, const Emails& emails, std::vector<std::uint32_t>& found,
               const std::function<bool()>& goOn) const;

 private:
  struct Column;
  Status fill(const AccountHandle& account, const Emails& emails, const std::vector<std::uint32_t>& found,
              std::vector<Column>& columns, const std::function<bool()>& goOn) const;
  [[nodiscard]] std::int64_t number(std::size_t at, const Emails& emails, std::size_t email) const;

  std::vector<Sort> sort_;
  std::vector<std::shared_ptr<const FlagTest>> flags_;  // by comparator
};

}  // namespace posthorn::store::objects
