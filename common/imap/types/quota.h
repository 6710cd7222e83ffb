// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/imap/types/mailbox_name.h"

// QUOTA (RFC 9208; RFC 2087 is its subset).

namespace posthorn::imap {

/// GETQUOTA. GETQUOTAROOT has MailboxArgs.
struct QuotaArgs {
  std::string root;  ///< as octets
  bool operator==(const QuotaArgs&) const = default;
};

struct SetQuotaArgs {
  std::string root;
  std::vector<std::pair<std::string, std::uint64_t>> limits;  ///< names in capitals
  bool operator==(const SetQuotaArgs&) const = default;
};

/// QUOTA. What is not there is not limited.
struct QuotaData {
  struct Resource {
    std::string name;  ///< "STORAGE" counts 1024 octets, "MESSAGE" messages
    std::uint64_t usage = 0;
    std::uint64_t limit = 0;
    bool operator==(const Resource&) const = default;
  };
  std::string root;
  std::vector<Resource> resources;
  bool operator==(const QuotaData&) const = default;
};

/// QUOTAROOT.
struct QuotaRootData {
  MailboxName mailbox;
  std::vector<std::string> roots;
  bool operator==(const QuotaRootData&) const = default;
};

}  // namespace posthorn::imap
