// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/store/types.h"

// clang-format off
// The keys of an account. Integers in keys are big-endian, so that key order is numeric order; in values they
// are little-endian. Every value decodes or is Errc::Corrupt (records.h, blocks.h). Values stay under 2000
// octets where they are many.
//
//   U                       user record: schema, MODSEQ, quota, next numbers, the state of the hash indexes,
//                           the secret of J
//   M mbx32                 mailbox record: UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ, counts, MAILBOXID
//   N name                  u32 mailbox number; UTF-8 (NFC), '/' as 0x01, so that a subtree is a range
//   S name                  subscription, empty; may exist without the mailbox
//   K mbx32                 keyword names by bit, at most 64
//   H mbx32 uid>>6 32       hot block: 64 UIDs, bitmaps present, seen, deleted, {modseq48, flags16, keywords64}
//   C mbx32 uid>>4 32       cold block: 16 UIDs, what never changes, and where the body lies
//   G emailid128            u32 references to a body that more than one message has; absent means one
//   T mbx32 modseq64        tombstones {uid32, emailid128}
//   D modseq64 mbx32 uid32  messages that left their mailbox, in the order of time over all mailboxes (gone.h)
//   L modseq64 mbx32        latest change of a mailbox in the list: kind8, MAILBOXID
//   Y mbx32 uid>>4 32       imported UIDLs {index8, length8, text}
//   E bucket32              hash index: EMAILID to (mailbox, UID), one entry per copy
//   J bucket32              hash index: hash of a message id and the secret of U to THREADID
//   R bucket32              hash index: THREADID to (mailbox, UID)
//   Q                       state of the quota: over since, the limits then, the latest notices; nothing but a
//                           memory, which an older release neither needs nor touches
//   B uidvalidity32 name64  a mailbox of that name (its hash) has taken this UIDVALIDITY from another server
//   A mbx32                 access list {rights32, length8, identifier}*, sorted by identifier (rights.h)
//   I owner                 empty: that user shares something with the account's (a hint, his A decides; acl.h)
//   V mbx32 reader64 uid>>6 \Seen of another user in a mailbox that is shared with him (reader.h); reader64 is
//                           the hash of his id
//   X mbx32 uid32 entry [0x00 reader64]
//                           annotations (annotations.h): modseq64, removed8, the value; mailbox 0: the account, uid 0: the
//                           mailbox; with a reader: his under /private/. X alone: the modseq64 of the latest change
// clang-format on

namespace posthorn::store {

inline constexpr std::uint16_t kSchemaVersion = 1;

inline constexpr std::uint32_t kHotShift = 6;
inline constexpr std::uint32_t kColdShift = 4;
inline constexpr std::uint32_t kHotUids = 1U << kHotShift;
inline constexpr std::uint32_t kColdUids = 1U << kColdShift;

inline constexpr std::size_t kMaxMailboxes = 10'000;
inline constexpr std::size_t kMaxKeywords = 64;
inline constexpr std::size_t kMaxKeywordLength = 200;
inline constexpr std::size_t kMaxName = 400;  ///< octets of a whole mailbox name
inline constexpr std::size_t kMaxUidl = 70;   ///< RFC 1939 section 7

namespace key {

inline Bytes of(char family) {
  return Bytes(1, family);
}
template <std::unsigned_integral... Parts>
Bytes of(char family, Parts... parts) {
  Bytes out(1, family);
  (putBe(out, parts), ...);
  return out;
}
/// The first key behind all keys that begin with `prefix` (which must not be all 0xFF).
inline Bytes after(Bytes prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

inline Bytes user() {
  return of('U');
}
inline Bytes quota() {
  return of('Q');
}
inline Bytes mailbox(MailboxNo mailbox) {
  return of('M', mailbox);
}
inline Bytes adopted(std::uint32_t uidValidity, std::uint64_t nameHash) {
  return of('B', uidValidity, nameHash);
}
inline Bytes keywords(MailboxNo mailbox) {
  return of('K', mailbox);
}
inline Bytes hot(MailboxNo mailbox, std::uint32_t block) {
  return of('H', mailbox, block);
}
inline Bytes cold(MailboxNo mailbox, std::uint32_t block) {
  return of('C', mailbox, block);
}
inline Bytes uidls(MailboxNo mailbox, std::uint32_t block) {
  return of('Y', mailbox, block);
}
inline Bytes tombstones(MailboxNo mailbox, Modseq modseq) {
  return of('T', mailbox, modseq);
}
inline Bytes gone(Modseq modseq, MailboxNo mailbox, Uid first) {
  return of('D', modseq, mailbox, first);
}
inline Bytes listChange(Modseq modseq, MailboxNo mailbox) {
  return of('L', modseq, mailbox);
}
inline Bytes acl(MailboxNo mailbox) {
  return of('A', mailbox);
}
inline Bytes sharer(View owner) {
  return of('I').append(owner);
}
inline Bytes seenBy(MailboxNo mailbox, std::uint64_t reader, std::uint32_t block) {
  return of('V', mailbox, reader, block);
}
inline Bytes annotation(MailboxNo mailbox, View entry) {
  return of('X', mailbox, std::uint32_t{0}).append(entry);
}
/// The mark of their latest change.
inline Bytes annotations() {
  return of('X');
}
inline Bytes references(const Id128& emailId) {
  return of('G').append(emailId.view());
}

}  // namespace key
}  // namespace posthorn::store
