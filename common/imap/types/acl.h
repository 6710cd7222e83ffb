// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/imap/types/mailbox_name.h"

// ACL (RFC 4314). Rights are lower-case letters and digits as they come; what they mean is for the server to
// say. GETACL and MYRIGHTS have MailboxArgs.

namespace posthorn::imap {

/// DELETEACL, LISTRIGHTS.
struct IdentifierArgs {
  MailboxName mailbox;
  std::string identifier;  ///< as octets
  bool operator==(const IdentifierArgs&) const = default;
};

struct SetAclArgs {
  enum class Action : std::uint8_t { Replace, Add, Remove };
  MailboxName mailbox;
  std::string identifier;  ///< as octets
  Action action = Action::Replace;
  std::string rights;
  bool operator==(const SetAclArgs&) const = default;
};

/// ACL.
struct AclData {
  MailboxName mailbox;
  std::vector<std::pair<std::string, std::string>> entries;  ///< identifier and rights
  bool operator==(const AclData&) const = default;
};

/// LISTRIGHTS.
struct ListRightsData {
  MailboxName mailbox;
  std::string identifier;
  std::string required;               ///< what he has always; may be empty
  std::vector<std::string> optional;  ///< rights in one text go together
  bool operator==(const ListRightsData&) const = default;
};

/// MYRIGHTS, of the command and of LIST RETURN (MYRIGHTS) (RFC 8440).
struct MyRightsData {
  MailboxName mailbox;
  std::string rights;
  bool operator==(const MyRightsData&) const = default;
};

}  // namespace posthorn::imap
