// SPDX-License-Identifier: Apache-2.0
#include "common/events/event.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>

#include "common/base/ascii.h"

// A packet: kMagic, kLayout, the type, then members in any order: number, kind and value. A number is eight
// octets, a text its length in four octets and its octets. A list is one member for each of its items.

namespace posthorn::events {

namespace {

constexpr char kMagic = 'E';
constexpr char kLayout = 1;
constexpr std::size_t kPrefix = 3;

struct TypeName {
  EventType type;
  View name;
  View rfc5423;
};

constexpr std::array<TypeName, kEventTypes - 1> kTypes{{
    {EventType::NewMsg, "NewMsg", "MessageNew"},
    {EventType::UpdateMsg, "UpdateMsg", "MessageAppend"},
    {EventType::CopyMsg, "CopyMsg", "MessageAppend"},
    {EventType::ReadMsg, "ReadMsg", "MessageRead"},
    {EventType::TrashMsg, "TrashMsg", "MessageTrash"},
    {EventType::DeleteMsg, "DeleteMsg", "MessageExpunge"},
    {EventType::ExpungeMsg, "ExpungeMsg", "MessageExpunge"},
    {EventType::PurgeMsg, "PurgeMsg", "MessageExpire"},
    {EventType::OverQuota, "OverQuota", "QuotaExceed"},
    {EventType::UnderQuota, "UnderQuota", "QuotaWithin"},
    {EventType::Login, "Login", "Login"},
    {EventType::Logout, "Logout", "Logout"},
    {EventType::ChangeFlag, "ChangeFlag", "FlagsSet"},
    {EventType::MsgFlags, "MsgFlags", "FlagsClear"},
    {EventType::AnnotateMsg, "AnnotateMsg", "AnnotationChange"},
    {EventType::CreateFolder, "CreateFolder", "MailboxCreate"},
    {EventType::DeleteFolder, "DeleteFolder", "MailboxDelete"},
    {EventType::RenameFolder, "RenameFolder", "MailboxRename"},
    {EventType::StateChange, "StateChange", "vnd.posthorn.StateChange"},
}};

constexpr bool inOrder() {
  for (std::size_t i = 0; i < kTypes.size(); ++i)
    if (static_cast<std::size_t>(kTypes[i].type) != i + 1) return false;
  return true;
}
static_assert(inOrder(), "kTypes is found by its number");

const TypeName& rowOf(EventType type) {
  const auto number = static_cast<std::size_t>(type);
  return kTypes.at(number - 1);
}

/// The numbers of members on the wire; never used again for anything else.
enum class Member : std::uint8_t {
  Lost = 1,
  Timestamp = 2,
  Hostname = 3,
  Process = 4,
  Pid = 5,
  Owner = 6,
  User = 7,
  Mailbox = 8,
  OldMailbox = 9,
  UidValidity = 10,
  Uids = 11,
  LastUid = 12,
  NumMsgs = 13,
  NumSeen = 14,
  NumDel = 15,
  Size = 16,
  HdrLen = 17,
  InternalDate = 18,
  Modseq = 19,
  FlagMode = 20,
  Flag = 21,
  DiskQuota = 22,
  DiskUsed = 23,
  MessageQuota = 24,
  MessagesUsed = 25,
  Service = 26,
  ClientAddress = 27,
  ClientPort = 28,
  ServerPort = 29,
  Mechanism = 30,
  Disconnect = 31,
  Seconds = 32,
  Header = 33,
  Body = 34,
  Admin = 35,
};

enum class Kind : std::uint8_t { Number = 1, Text = 2 };

/// Calls `visit` with each member of a packet that is one number or text, for both directions.
template <typename Packet, typename Visit>
void eachPlain(Packet& packet, Visit&& visit) {
  auto& event = packet.event;
  visit(Member::Lost, packet.lost);
  visit(Member::Timestamp, event.timestamp);
  visit(Member::Hostname, event.hostname);
  visit(Member::Process, event.process);
  visit(Member::Pid, event.pid);
  visit(Member::Owner, event.owner);
  visit(Member::User, event.user);
  visit(Member::Mailbox, event.mailbox);
  visit(Member::OldMailbox, event.oldMailbox);
  visit(Member::UidValidity, event.uidValidity);
  visit(Member::LastUid, event.lastUid);
  visit(Member::NumMsgs, event.numMsgs);
  visit(Member::NumSeen, event.numSeen);
  visit(Member::NumDel, event.numDel);
  visit(Member::Size, event.size);
  visit(Member::HdrLen, event.hdrLen);
  visit(Member::InternalDate, event.internalDate);
  visit(Member::Modseq, event.modseq);
  visit(Member::FlagMode, event.flagMode);
  visit(Member::DiskQuota, event.diskQuota);
  visit(Member::DiskUsed, event.diskUsed);
  visit(Member::MessageQuota, event.messageQuota);
  visit(Member::MessagesUsed, event.messagesUsed);
  visit(Member::Service, event.service);
  visit(Member::ClientAddress, event.clientAddress);
  visit(Member::ClientPort, event.clientPort);
  visit(Member::ServerPort, event.serverPort);
  visit(Member::Mechanism, event.mechanism);
  visit(Member::Disconnect, event.disconnect);
  visit(Member::Seconds, event.seconds);
  visit(Member::Header, event.header);
  visit(Member::Body, event.body);
  visit(Member::Admin, event.admin);
}

std::size_t mostOf(Member member) {
  return member == Member::Header || member == Member::Body ? kMaxEventPayload : kMaxEventText;
}

void put(Bytes& out, Member member, Kind kind) {
  out.push_back(static_cast<char>(member));
  out.push_back(static_cast<char>(kind));
}

void putNumber(Bytes& out, Member member, std::uint64_t value) {
  put(out, member, Kind::Number);
  putLe(out, value);
}

void putText(Bytes& out, Member member, View text) {
  text = text.substr(0, mostOf(member));
  put(out, member, Kind::Text);
  putLe(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

/// What a member holds when nobody has set it goes without saying.
struct Writer {
  Bytes& out;
  const EventPacket fresh = {};

  void operator()(Member member, const std::string& text) const {
    if (!text.empty()) putText(out, member, text);
  }
  void operator()(Member member, FlagMode mode) const {
    if (mode != FlagMode::None) putNumber(out, member, static_cast<std::uint64_t>(mode));
  }
  template <typename Number>
  void operator()(Member member, Number number) const {
    const bool quota = member == Member::DiskQuota || member == Member::MessageQuota;
    if (number != (quota ? static_cast<Number>(-1) : Number{0}))
      putNumber(out, member, static_cast<std::uint64_t>(number));
  }
};

/// One member as it was read.
struct Read {
  Member member;
  Kind kind;
  std::uint64_t number = 0;
  View text;
};

/// Puts a member where it belongs. `fits` turns false when it cannot be.
struct Taker {
  const Read& read;
  bool fits = true;

  void operator()(Member member, std::string& text) {
    if (member != read.member) return;
    if (read.kind != Kind::Text || read.text.size() > mostOf(member)) return void(fits = false);
    text = read.text;
  }
  void operator()(Member member, FlagMode& mode) {
    if (member != read.member) return;
    if (read.kind != Kind::Number || read.number > static_cast<std::uint64_t>(FlagMode::Replace))
      return void(fits = false);
    mode = static_cast<FlagMode>(read.number);
  }
  template <typename Number>
  void operator()(Member member, Number& number) {
    if (member != read.member) return;
    using Unsigned = std::make_unsigned_t<Number>;
    if (read.kind != Kind::Number || read.number > std::numeric_limits<Unsigned>::max())
      return void(fits = false);
    number = static_cast<Number>(read.number);
  }
};

bool takeRange(const Read& read, Event& event) {
  const EventUids range{static_cast<std::uint32_t>(read.number >> 32),
                        static_cast<std::uint32_t>(read.number & 0xFFFFFFFFU)};
  const bool ascends = event.uids.empty() || event.uids.back().last < range.first;
  if (read.kind != Kind::Number || range.first == 0 || range.first > range.last || !ascends ||
      event.uids.size() == kMaxEventRanges)
    return false;
  event.uids.push_back(range);
  return true;
}

bool takeFlag(const Read& read, Event& event) {
  if (read.kind != Kind::Text || read.text.empty() || read.text.size() > kMaxEventText ||
      event.flags.size() == kMaxEventFlags)
    return false;
  event.flags.emplace_back(read.text);
  return true;
}

/// The member at the beginning of `rest`, taken off it; nothing when it is cut off.
std::optional<Read> next(View& rest) {
  if (rest.size() < 2) return std::nullopt;
  Read read{static_cast<Member>(rest[0]), static_cast<Kind>(rest[1]), 0, {}};
  rest.remove_prefix(2);
  if (read.kind == Kind::Number) {
    if (rest.size() < sizeof(std::uint64_t)) return std::nullopt;
    read.number = getLe<std::uint64_t>(rest, 0);
    rest.remove_prefix(sizeof(std::uint64_t));
    return read;
  }
  if (read.kind != Kind::Text || rest.size() < sizeof(std::uint32_t)) return std::nullopt;
  const std::size_t length = getLe<std::uint32_t>(rest, 0);
  rest.remove_prefix(sizeof(std::uint32_t));
  if (rest.size() < length) return std::nullopt;
  read.text = rest.substr(0, length);
  rest.remove_prefix(length);
  return read;
}

Error malformed() {
  return makeError(Errc::Invalid, "events: not a packet of an event");
}

}  // namespace

View nameOf(EventType type) {
  return rowOf(type).name;
}

std::optional<EventType> eventTypeOf(View name) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const TypeName& row) { return ascii::equal(row.name, name); });
  return found == kTypes.end() ? std::nullopt : std::optional(found->type);
}

View rfc5423Name(EventType type, FlagMode mode) {
  if (type == EventType::ChangeFlag && mode == FlagMode::Remove) return "FlagsClear";
  return rowOf(type).rfc5423;
}

Bytes encode(const EventPacket& packet) {
  Bytes out{kMagic, kLayout, static_cast<char>(packet.event.type)};
  eachPlain(packet, Writer{out});
  for (std::size_t i = 0; i < std::min(packet.event.uids.size(), kMaxEventRanges); ++i) {
    const EventUids& range = packet.event.uids[i];
    putNumber(out, Member::Uids, std::uint64_t{range.first} << 32 | range.last);
  }
  // Together they must leave room for the payload.
  std::size_t room = std::size_t{16} * 1024;
  for (std::size_t i = 0; i < std::min(packet.event.flags.size(), kMaxEventFlags); ++i) {
    const View flag = View(packet.event.flags[i]).substr(0, room);
    if (flag.empty()) continue;
    putText(out, Member::Flag, flag);
    room -= std::min(flag.size(), kMaxEventText);
  }
  return out;
}

Result<EventPacket> decodeEvent(View packet) {
  if (packet.size() < kPrefix || packet.size() > kMaxEventPacket || packet[0] != kMagic ||
      packet[1] != kLayout)
    return malformed();
  const auto type = static_cast<unsigned char>(packet[2]);
  if (type == 0 || type >= kEventTypes)
    return makeError(Errc::Unsupported, "events: an event of an unknown type");
  EventPacket made;
  made.event.type = static_cast<EventType>(type);
  View rest = packet.substr(kPrefix);
  while (!rest.empty()) {
    const auto read = next(rest);
    if (!read) return malformed();
    bool fits = true;
    if (read->member == Member::Uids) {
      fits = takeRange(*read, made.event);
    } else if (read->member == Member::Flag) {
      fits = takeFlag(*read, made.event);
    } else {
      Taker taker{*read};
      eachPlain(made, taker);
      fits = taker.fits;
    }
    if (!fits) return malformed();
  }
  return made;
}

}  // namespace posthorn::events
