// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/imap/types/mailbox_name.h"

// METADATA (RFC 5464). An empty mailbox name means the server's own entries. Names of entries come as they
// were sent: they begin with /private/ or /shared/ in any case and are otherwise as RFC 5464 3.2 wants them.

namespace posthorn::imap {

/// Whether `name` may be an entry's: /private or /shared, then one component or more, three of them below
/// /vendor; ASCII without controls, "*", "%"; no empty component. In any case.
bool isMetadataName(std::string_view name);

/// How far below the entries that are named.
enum class MetadataDepth : std::uint8_t { Zero, One, Infinity };

struct MetadataEntry {
  std::string name;
  std::optional<std::string> value;  ///< whatever octets; nothing removes it, or says that there is none
  bool operator==(const MetadataEntry&) const = default;
};

struct GetMetadataArgs {
  MailboxName mailbox;
  std::vector<std::string> entries;      ///< at least one; with a depth also /private and /shared alone
  std::optional<std::uint64_t> maxSize;  ///< longer values are left out
  MetadataDepth depth = MetadataDepth::Zero;
  bool operator==(const GetMetadataArgs&) const = default;
};

struct SetMetadataArgs {
  MailboxName mailbox;
  std::vector<MetadataEntry> entries;  ///< at least one, none twice
  bool operator==(const SetMetadataArgs&) const = default;
};

/// XSETMETADATA, of our own: `XSETMETADATA "" (/private/vendor/x/y "old" "new")`. Nothing is set unless every
/// entry still has the value that stands before the new one. Answered with [METADATA CHANGED] otherwise.
struct SwapMetadataArgs {
  struct Change {
    std::string name;
    std::optional<std::string> before;
    std::optional<std::string> after;
    bool operator==(const Change&) const = default;
  };
  MailboxName mailbox;
  std::vector<Change> changes;  ///< at least one, none twice
  bool operator==(const SwapMetadataArgs&) const = default;
};

/// METADATA.
struct MetadataData {
  MailboxName mailbox;
  bool changed = false;  ///< the form without values: these entries were changed by somebody
  std::vector<MetadataEntry> entries;
  bool operator==(const MetadataData&) const = default;
};

}  // namespace posthorn::imap
