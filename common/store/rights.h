// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"

// Rights on a mailbox and access lists (RFC 4314), as pure functions of values. common/store/acl.h keeps
// them.

namespace posthorn::store {

using Rights = std::uint32_t;
inline constexpr Rights kMayLookUp = 1;            ///< l: it is listed
inline constexpr Rights kMayRead = 2;              ///< r: SELECT, STATUS
inline constexpr Rights kMayKeepSeen = 4;          ///< s: \Seen, of his own
inline constexpr Rights kMayWrite = 8;             ///< w: other flags and keywords
inline constexpr Rights kMayInsert = 16;           ///< i: APPEND, COPY into it
inline constexpr Rights kMayPost = 32;             ///< p: mail to its address; kept, nothing asks for it
inline constexpr Rights kMayCreate = 64;           ///< k: mailboxes below it
inline constexpr Rights kMayRemove = 128;          ///< x: DELETE, RENAME of the mailbox itself
inline constexpr Rights kMayDeleteMessages = 256;  ///< t: \Deleted
inline constexpr Rights kMayExpunge = 512;         ///< e
inline constexpr Rights kMayAdminister = 1024;     ///< a: its access list
inline constexpr Rights kAllRights = 2047;

/// "lrs" as bits. The virtual rights of RFC 4314 2.1.1 stand for their members: c for k and x, d for e and t.
/// Nothing for texts with any other character, capitals among them.
std::optional<Rights> parseRights(View text);
/// The letters of `rights`, and c or d where one of their members is there.
std::string spellRights(Rights rights);

/// One pair of an access list. An identifier is a canonical user id, "anyone" or "anyone@domain"; with '-' in
/// front its rights are taken away.
struct AclEntry {
  std::string identifier;
  Rights rights = 0;
  bool operator==(const AclEntry&) const = default;
};
/// Sorted by identifier, none twice, none without rights.
using Acl = std::vector<AclEntry>;

inline constexpr std::size_t kMaxAclEntries = 200;
inline constexpr std::size_t kMaxIdentifier = 255;  ///< octets, with the '-'

/// How the words of SETACL change what an identifier has.
struct AclChange {
  enum class Mode : std::uint8_t { Replace, Add, Remove };
  std::string identifier;
  Mode mode = Mode::Replace;
  Rights rights = 0;
};
/// Puts a change into a list. Limit when it has too many entries then.
Status changeAcl(Acl& acl, const AclChange& change);

inline constexpr View kAnyone = "anyone";
/// "anyone" and "anyone@domain": who that is cannot be listed.
bool namesMany(View identifier);

/// Who asks, as access lists know him.
struct Identity {
  std::string id;      ///< canonical
  std::string domain;  ///< his domain, also where his id does not name it; lower case; may be empty
  bool admin = false;  ///< of store.admins: everything is his
};

/// What `who` may do with a mailbox of `owner` that has this access list: everything when it is his own;
/// else what is given to him, to his domain and to anyone, without what is taken away from any of them.
Rights rightsOf(const Identity& who, View owner, const Acl& acl);

/// `A`.
Bytes encodeAcl(const Acl& acl);
Result<Acl> decodeAcl(View value);

}  // namespace posthorn::store
