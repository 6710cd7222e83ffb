// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/command_name.h"

#include <algorithm>
#include <array>

#include "common/base/ascii.h"

namespace posthorn::imap {
namespace {

/// In the order of the enum, which is that of the alphabet.
constexpr std::array<std::string_view, 54> kNames{
    "APPEND",      "AUTHENTICATE",   "CAPABILITY",   "CHECK",       "CLOSE",        "COMPRESS",   "COPY",
    "CREATE",      "DELETE",         "DELETEACL",    "ENABLE",      "EXAMINE",      "EXPUNGE",    "FETCH",
    "GETACL",      "GETJMAPACCESS",  "GETMETADATA",  "GETQUOTA",    "GETQUOTAROOT", "ID",         "IDLE",
    "LIST",        "LISTRIGHTS",     "LOGIN",        "LOGOUT",      "LSUB",         "MOVE",       "MYRIGHTS",
    "NAMESPACE",   "NOOP",           "PROXYAUTH",    "RENAME",      "SEARCH",       "SELECT",     "SETACL",
    "SETMETADATA", "SETQUOTA",       "SORT",         "STARTTLS",    "STATUS",       "STORE",      "SUBSCRIBE",
    "THREAD",      "UNAUTHENTICATE", "UNSELECT",     "UNSUBSCRIBE", "XCHANGES",     "XMAILBOXES", "XMESSAGES",
    "XQUERY",      "XREMOVE",        "XSETMETADATA", "XTHREADS",    "XUPDATE"};
static_assert(std::is_sorted(kNames.begin(), kNames.end()));
static_assert(kNames.size() == static_cast<std::size_t>(CommandName::XUpdate) + 1);

}  // namespace

std::string_view toString(CommandName name) {
  return kNames[static_cast<std::size_t>(name)];
}

std::optional<CommandName> commandName(std::string_view text) {
  const auto found = std::find_if(kNames.begin(), kNames.end(),
                                  [&](std::string_view name) { return ascii::equal(name, text); });
  if (found == kNames.end()) return std::nullopt;
  return static_cast<CommandName>(found - kNames.begin());
}

}  // namespace posthorn::imap
