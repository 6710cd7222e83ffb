// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/mime/envelope.h"
#include "common/store/mailbox.h"
#include "common/store/objects/box.h"

namespace posthorn::store::objects {

/// What is read of one message beside the index, each part when it is first asked for: its digest, its
/// header, its body. Job.
class Texts {
 public:
  Texts(const AccountHandle& account, const Box& box, Uid uid)
      : box_(account, box.number, box.record.uidValidity, box.name), uid_(uid) {}

  // All folded. Errors: NotFound when it is gone, Corrupt.
  Result<std::string> subject();
  Result<std::string> from();
  Result<std::string> to();
  Result<std::string> cc();
  Result<std::string> bcc();
  /// Of the first one: the name, else the address. For sorting.
  Result<std::string> firstFrom();
  Result<std::string> firstTo();
  /// The subject without "Re:" and its like (RFC 5256 2.1). For sorting.
  Result<std::string> baseSubject();
  /// Seconds since 1970; nothing without a Date that can be read.
  Result<std::optional<std::int64_t>> sent();
  Result<bool> hasAttachment();
  /// Whether a field `name` has every one of `words`; there is one at all when there are none.
  Result<bool> header(View name, const std::vector<std::string>& words);
  /// Whether each word is in the text of a body.
  Result<std::vector<bool>> body(const std::vector<std::string>& words);

 private:
  Status readRow();
  Status readDigest();
  Result<std::string> piece(std::uint64_t octets);

  MailboxHandle box_;
  Uid uid_;
  std::optional<FetchRow> row_;
  std::optional<mime::Envelope> envelope_;
  std::optional<std::int64_t> sent_;
  bool hasAttachment_ = false;
  std::optional<std::string> header_;
};

}  // namespace posthorn::store::objects
