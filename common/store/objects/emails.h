// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/store/objects/box.h"

namespace posthorn::store::objects {

/// All messages of an account as JMAP sees them: each once, however many mailboxes it is in, and those with
/// \Deleted not at all. Of one snapshot, and independent of it then. About 90 octets a message.
class Emails {
 public:
  struct Copy {
    std::uint32_t box = 0;
    std::uint32_t row = 0;  ///< of the facts and marks of its box
  };

  static Result<Emails> read(Snapshot& from, const AccountHandle& account, const Asker& asker);

  [[nodiscard]] const std::vector<Box>& boxes() const { return boxes_; }
  [[nodiscard]] std::size_t size() const { return begins_.size() - 1; }
  /// Those of message `email`, one at least.
  [[nodiscard]] std::span<const Copy> copies(std::size_t email) const {
    return std::span(copies_).subspan(begins_[email], begins_[email + 1] - begins_[email]);
  }
  [[nodiscard]] const Fact& fact(Copy copy) const { return (*facts_[copy.box])[copy.row]; }
  [[nodiscard]] const Mark& mark(Copy copy) const { return marks_[copy.box][copy.row]; }
  /// The same for all copies.
  [[nodiscard]] const Fact& fact(std::size_t email) const { return fact(copies(email).front()); }
  /// Of all copies.
  [[nodiscard]] SystemFlags flags(std::size_t email) const;

 private:
  void arrange();

  std::vector<Box> boxes_;
  std::vector<std::shared_ptr<const Facts>> facts_;
  std::vector<std::vector<Mark>> marks_;
  std::vector<Copy> copies_;
  std::vector<std::uint32_t> begins_{0};
};

}  // namespace posthorn::store::objects
