// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace posthorn::imap {

/// Every command that the grammar knows. `UID FETCH` is Fetch with Command::uid.
enum class CommandName : std::uint8_t {
  Append,
  Authenticate,
  Capability,
  Check,
  Close,
  Compress,
  Copy,
  Create,
  Delete,
  Deleteacl,
  Enable,
  Examine,
  Expunge,
  Fetch,
  Getacl,
  Getjmapaccess,
  Getmetadata,
  Getquota,
  Getquotaroot,
  Id,
  Idle,
  List,
  Listrights,
  Login,
  Logout,
  Lsub,
  Move,
  Myrights,
  Namespace,
  Noop,
  Proxyauth,
  Rename,
  Search,
  Select,
  Setacl,
  Setmetadata,
  Setquota,
  Sort,
  Starttls,
  Status,
  Store,
  Subscribe,
  Thread,
  Unauthenticate,
  Unselect,
  Unsubscribe,
  XChanges,
  XMailboxes,
  XMessages,
  XQuery,
  XRemove,
  XSetmetadata,
  XThreads,
  XUpdate,
};

/// In capitals: "FETCH".
std::string_view toString(CommandName name);
/// In any case; nothing for unknown ones.
std::optional<CommandName> commandName(std::string_view text);

}  // namespace posthorn::imap
