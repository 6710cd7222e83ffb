// SPDX-License-Identifier: Apache-2.0
#include "common/events/event.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::events;

namespace {

/// Every member has a value of its own.
EventPacket full() {
  EventPacket packet;
  packet.lost = 17;
  Event& e = packet.event;
  e.type = EventType::UpdateMsg;
  e.timestamp = 1'047'488'403'123;
  e.hostname = "eman";
  e.process = "imapd";
  e.pid = 476;
  e.owner = "anna";
  e.user = "bert";
  e.mailbox = "Work/2026";
  e.oldMailbox = "Old";
  e.uidValidity = 1'046'993'605;
  e.uids = {{3, 7}, {9, 9}, {11, 0xFFFFFFFE}};
  e.lastUid = 0xFFFFFFFE;
  e.numMsgs = 16;
  e.numSeen = 11;
  e.numDel = 9;
  e.size = 877;
  e.hdrLen = 814;
  e.internalDate = -5;
  e.modseq = 1ULL << 47;
  e.flagMode = FlagMode::Replace;
  e.flags = {"\\Seen", "$Forwarded"};
  e.diskQuota = 0;
  e.diskUsed = 4096;
  e.messageQuota = 100;
  e.messagesUsed = 5;
  e.service = "imap";
  e.admin = "root";
  e.clientAddress = "2001:db8::1";
  e.clientPort = 40000;
  e.serverPort = 993;
  e.mechanism = "PLAIN";
  e.disconnect = "timeout";
  e.seconds = 61;
  e.header = "Subject: x\r\n\r\n";
  e.body = std::string("\0\xFFz", 3);
  return packet;
}

}  // namespace

TEST_CASE("a packet comes back as it was, whatever is set") {
  const EventPacket all = full();
  CHECK(decodeEvent(encode(all)).value() == all);
  for (unsigned type = 1; type < kEventTypes; ++type) {
    EventPacket bare;
    bare.event.type = static_cast<EventType>(type);
    const Bytes bytes = encode(bare);
    CHECK(bytes.size() == 3);
    CHECK(decodeEvent(bytes).value() == bare);
  }
}

TEST_CASE("no packet that is cut anywhere is taken for another one") {
  const EventPacket all = full();
  const Bytes whole = encode(all);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = decodeEvent(View(whole).substr(0, length));
    if (!cut.ok()) continue;
    // It ended between two members.
    CHECK(encode(cut.value()).size() <= length);
    CHECK_FALSE(cut.value() == all);
  }
}

TEST_CASE("what is not a packet is refused") {
  const Bytes good = encode(full());
  const auto refused = [](View bytes) {
    const auto result = decodeEvent(bytes);
    return !result.ok() && result.error().code == Errc::Invalid;
  };
  CHECK(refused(""));
  CHECK(refused("X" + good.substr(1)));
  CHECK(refused(good.substr(0, 1) + "\x02" + good.substr(2)));
  CHECK(refused(good + Bytes(kMaxEventPacket, '\0')));
  CHECK(decodeEvent(View("E\x01\x00", 3)).error().code == Errc::Unsupported);
  CHECK(decodeEvent("E\x01\x7F").error().code == Errc::Unsupported);

  Bytes number("E\x01\x01", 3);
  number += "\x05\x01";  // pid, a number
  putLe(number, std::uint64_t{1} << 32);
  CHECK(refused(number));  // does not fit
  Bytes text("E\x01\x01", 3);
  text += "\x05\x02";  // pid as a text
  putLe(text, std::uint32_t{1});
  CHECK(refused(text + "1"));
  Bytes length("E\x01\x01", 3);
  length += "\x06\x02";
  putLe(length, std::uint32_t{0xFFFFFFFF});
  CHECK(refused(length + "anna"));
  Bytes kind("E\x01\x01", 3);
  kind += "\x06\x03";
  CHECK(refused(kind + Bytes(12, '\0')));
}

TEST_CASE("members that are not known are skipped") {
  Bytes packet = encode(full());
  packet += "\x7E\x01";
  putLe(packet, std::uint64_t{5});
  packet += "\x7F\x02";
  putLe(packet, std::uint32_t{3});
  packet += "new";
  CHECK(decodeEvent(packet).value() == full());
}

TEST_CASE("ranges of UIDs must ascend and be few") {
  EventPacket packet;
  packet.event.uids = {{5, 4}};
  CHECK_FALSE(decodeEvent(encode(packet)).ok());
  packet.event.uids = {{0, 4}};
  CHECK_FALSE(decodeEvent(encode(packet)).ok());
  packet.event.uids = {{5, 6}, {6, 7}};
  CHECK_FALSE(decodeEvent(encode(packet)).ok());
  packet.event.uids.clear();
  for (std::uint32_t i = 0; i < kMaxEventRanges + 10; ++i)
    packet.event.uids.push_back({2 * i + 1, 2 * i + 1});
  const auto cut = decodeEvent(encode(packet));
  CHECK(cut.value().event.uids.size() == kMaxEventRanges);
}

TEST_CASE("nothing makes a packet larger than its limit, or one that is refused") {
  EventPacket packet = full();
  const std::string huge(1 << 20, 'x');
  Event& e = packet.event;
  for (std::string* text : {&e.hostname, &e.process, &e.owner, &e.user, &e.mailbox, &e.oldMailbox, &e.service,
                            &e.admin, &e.clientAddress, &e.mechanism, &e.disconnect, &e.header, &e.body})
    *text = huge;
  e.flags.assign(1000, huge);
  e.uids.clear();
  for (std::uint32_t i = 0; i < 5000; ++i) e.uids.push_back({2 * i + 1, 2 * i + 1});
  const Bytes bytes = encode(packet);
  CHECK(bytes.size() <= kMaxEventPacket);
  const auto read = decodeEvent(bytes);
  REQUIRE(read.ok());
  CHECK(read.value().event.owner.size() == kMaxEventText);
  CHECK(read.value().event.body.size() == kMaxEventPayload);
}

TEST_CASE("types have names, and RFC 5423's") {
  CHECK(nameOf(EventType::NewMsg) == "NewMsg");
  CHECK(eventTypeOf("purgemsg") == EventType::PurgeMsg);
  CHECK_FALSE(eventTypeOf("NewMs"));
  CHECK(rfc5423Name(EventType::NewMsg, FlagMode::None) == "MessageNew");
  CHECK(rfc5423Name(EventType::CopyMsg, FlagMode::None) == "MessageAppend");
  CHECK(rfc5423Name(EventType::PurgeMsg, FlagMode::None) == "MessageExpire");
  CHECK(rfc5423Name(EventType::ChangeFlag, FlagMode::Add) == "FlagsSet");
  CHECK(rfc5423Name(EventType::ChangeFlag, FlagMode::Remove) == "FlagsClear");
  CHECK(rfc5423Name(EventType::MsgFlags, FlagMode::Remove) == "FlagsClear");
  CHECK(rfc5423Name(EventType::OverQuota, FlagMode::None) == "QuotaExceed");
  CHECK(rfc5423Name(EventType::UnderQuota, FlagMode::None) == "QuotaWithin");
  CHECK(rfc5423Name(EventType::RenameFolder, FlagMode::None) == "MailboxRename");
}
