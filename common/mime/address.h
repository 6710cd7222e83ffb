// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// One address of ENVELOPE (RFC 3501 7.4.2), as octets of the header: encoded words are not decoded, quoting
/// is taken off. A group is its mark (`mailbox` its name, no `host`), its members, and a mark without both.
struct Address {
  std::optional<Bytes> name;     ///< phrase, or the comment behind an address without one
  std::optional<Bytes> route;    ///< "@a,@b" of an obsolete source route
  std::optional<Bytes> mailbox;  ///< local part
  std::optional<Bytes> host;     ///< domain

  [[nodiscard]] bool groupStart() const { return mailbox && !host; }
  [[nodiscard]] bool groupEnd() const { return !mailbox && !host; }
  bool operator==(const Address&) const = default;
};

/// What stands for the half of an address that a broken list lacks: NIL would make a group's mark of it.
inline constexpr View kMissingMailbox = "MISSING_MAILBOX";
inline constexpr View kMissingHost = "MISSING_DOMAIN";

/// The addresses of an address-list with everything that RFC 5322 4.4 still allows; what is broken gives what
/// can be read of it and never fails. At most kMaxAddresses. Appends, as several fields of one name make one
/// list.
void parseAddresses(View value, std::vector<Address>& out);

/// "local@domain" with the local part quoted again where it must be; empty for the marks of a group.
Bytes spellAddress(const Address& address);

}  // namespace posthorn::mime
