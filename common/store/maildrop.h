// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/store/account.h"
#include "common/store/mailbox.h"
#include "common/store/types.h"

namespace posthorn::store {

/// POP's exclusive use of an account's maildrop: an OFD lock, gone with its owner or its process, whatever
/// happens to them. Move-only value.
class MaildropLock {
 public:
  /// Busy when another session of this host has it; Unsupported when the store has no lock file. Never waits.
  static Result<MaildropLock> take(const AccountHandle& account);

 private:
  explicit MaildropLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// INBOX as it was when the POP session began (RFC 1939 section 4): numbers, sizes and UIDLs stand still,
/// whatever others do. A value of about 50 octets per message that holds no snapshot open; move it into jobs.
class Maildrop {
 public:
  static Result<Maildrop> open(const AccountHandle& account);

  [[nodiscard]] std::size_t count() const { return uids_.size(); }
  [[nodiscard]] std::uint64_t octets() const { return octets_; }

  // `index` counts from 0: POP's message number less one. It must be below count().
  [[nodiscard]] Uid uid(std::size_t index) const { return uids_[index]; }
  [[nodiscard]] std::uint32_t size(std::size_t index) const { return sizes_[index]; }
  /// Unique in the maildrop, 1 to 70 characters 0x21 to 0x7E, the same for ever.
  [[nodiscard]] std::string uidl(std::size_t index) const;

  /// The message, even when it has been expunged by somebody else meanwhile, as long as its space is not yet
  /// reused; NotFound then. Blocks.
  [[nodiscard]] Result<MessageBody> read(std::size_t index) const;

  /// Expunges the messages of these indexes; those that are gone already do not matter. Blocks.
  Result<ExpungeResult> expunge(std::span<const std::uint32_t> indexes);
  /// The same; `gone` says what went also when a later commit failed.
  Status expunge(std::span<const std::uint32_t> indexes, ExpungeResult& gone);

 private:
  explicit Maildrop(MailboxHandle inbox) : inbox_(std::move(inbox)) {}

  MailboxHandle inbox_;
  std::uint64_t octets_ = 0;
  std::vector<Uid> uids_;
  std::vector<std::uint32_t> sizes_;
  std::vector<Id128> emailIds_;
  std::vector<BlobRef> blobs_;
  std::vector<std::pair<std::uint32_t, std::string>> otherUidls_;  ///< by index: imported, or a second copy
};

}  // namespace posthorn::store
