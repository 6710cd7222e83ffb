// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"

// What a rich event is, and its bytes between a publisher and the local event service. How it is written for
// subscribers: event_text.h.

namespace posthorn::events {

/// The numbers are on the wire and in the event area: none is ever given another meaning.
enum class EventType : std::uint8_t {
  NewMsg = 1,        ///< a message was delivered
  UpdateMsg = 2,     ///< messages were added by a client or imported
  CopyMsg = 3,       ///< messages were copied or moved here; UpdateMsg where copymsg is switched off
  ReadMsg = 4,       ///< \Seen was set
  TrashMsg = 5,      ///< \Deleted was set
  DeleteMsg = 6,     ///< a client removed messages by other ways than \Deleted: POP, MOVE, the web
  ExpungeMsg = 7,    ///< messages with \Deleted were removed; DeleteMsg where expungemsg is switched off
  PurgeMsg = 8,      ///< the server removed messages: expiry, an administrator
  OverQuota = 9,     ///< something failed because the account is full, or it has become full
  UnderQuota = 10,   ///< the account is back under its quota
  Login = 11,        ///< a session has logged in
  Logout = 12,       ///< a session that had logged in is over
  ChangeFlag = 13,   ///< flags other than those of ReadMsg, TrashMsg and MsgFlags changed
  MsgFlags = 14,     ///< \Seen or \Deleted was taken back
  AnnotateMsg = 15,  ///< an annotation of a mailbox changed
  CreateFolder = 16,
  DeleteFolder = 17,
  RenameFolder = 18,
  StateChange = 19,  ///< anything in the account changed: its MODSEQ (for push; nothing else is in it)
};
inline constexpr unsigned kEventTypes = 20;  ///< one more than the highest number

/// A set of event types, bit `type` for each. Bit 63 is never set by this release.
using EventMask = std::uint64_t;
constexpr EventMask maskOf(EventType type) {
  return EventMask{1} << static_cast<unsigned>(type);
}
inline constexpr EventMask kAllEvents = ((EventMask{1} << kEventTypes) - 1) & ~EventMask{1};

/// "NewMsg", as evtType spells it.
View nameOf(EventType type);
/// The other way, in any case; nothing for other texts.
std::optional<EventType> eventTypeOf(View name);

/// 1, 2, 3 on the wire and in text.
enum class FlagMode : std::uint8_t { None = 0, Add = 1, Remove = 2, Replace = 3 };

/// The name in RFC 5423: "MessageNew", "FlagsClear"; "vnd.posthorn.StateChange" where it has none.
View rfc5423Name(EventType type, FlagMode mode);

/// Both ends belong to it.
struct EventUids {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool operator==(const EventUids&) const = default;
};

/// One event. Which members count depends on its type (event_text.cc has the table); texts are UTF-8.
struct Event {
  EventType type = EventType::StateChange;
  std::int64_t timestamp = 0;  ///< milliseconds since 1970, UTC
  std::string hostname;        ///< of the host that it happened on
  std::string process;         ///< "imapd", "deliver"
  std::uint32_t pid = 0;
  std::string owner;       ///< the account, canonical
  std::string user;        ///< in whose name it was done; empty: the owner
  std::string mailbox;     ///< "INBOX", "Work/2026"; empty: the account as a whole
  std::string oldMailbox;  ///< RenameFolder: its name before; CopyMsg: where they come from

  std::uint32_t uidValidity = 0;
  std::vector<EventUids> uids;  ///< ascending, at most kMaxEventRanges
  std::uint32_t lastUid = 0;    ///< the highest UID ever given in the mailbox
  std::uint32_t numMsgs = 0;    ///< in the mailbox, afterwards
  std::uint32_t numSeen = 0;
  std::uint32_t numDel = 0;
  std::uint64_t size = 0;    ///< octets of the message, of all messages when there are several
  std::uint64_t hdrLen = 0;  ///< of the first message
  std::int64_t internalDate = 0;
  std::uint64_t modseq = 0;

  FlagMode flagMode = FlagMode::None;
  std::vector<std::string> flags;  ///< set or cleared, or all there are now (Replace); at most kMaxEventFlags

  std::int64_t diskQuota = -1;  ///< octets; -1: none
  std::uint64_t diskUsed = 0;
  std::int64_t messageQuota = -1;
  std::uint64_t messagesUsed = 0;

  std::string service;  ///< "imap", "pop", "http"
  std::string admin;    ///< Login and Logout: who proved to be somebody else than `user`
  std::string clientAddress;
  std::uint16_t clientPort = 0;
  std::uint16_t serverPort = 0;
  std::string mechanism;      ///< Login: "PLAIN"
  std::string disconnect;     ///< Logout: "logout", "timeout"
  std::uint32_t seconds = 0;  ///< Logout: how long it lasted

  std::string header;  ///< the beginning of the message's header, as far as anybody wants it
  std::string body;    ///< and of its body

  [[nodiscard]] bool inInbox() const { return mailbox.empty() || mailbox == "INBOX"; }
  bool operator==(const Event&) const = default;
};

inline constexpr std::size_t kMaxEventRanges = 1024;
inline constexpr std::size_t kMaxEventFlags = 80;
inline constexpr std::size_t kMaxEventText = 2048;  ///< octets of a text, a flag; longer ones are cut
inline constexpr std::size_t kMaxEventPayload = std::size_t{64} * 1024;  ///< of header, and of body
/// No packet is larger.
inline constexpr std::size_t kMaxEventPacket = std::size_t{192} * 1024;

/// What goes over the socket in one packet: an event, and how many before it did not fit.
struct EventPacket {
  std::uint64_t lost = 0;
  Event event;
  bool operator==(const EventPacket&) const = default;
};

/// At most kMaxEventPacket octets: texts, lists and payloads are cut where they are longer than the limits.
Bytes encode(const EventPacket& packet);
/// Any bytes may come. Invalid: not a packet of this layout. Members that this release does not know are
/// skipped; of a type that it does not know: Unsupported.
Result<EventPacket> decodeEvent(View packet);

}  // namespace posthorn::events
