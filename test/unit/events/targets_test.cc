// SPDX-License-Identifier: Apache-2.0
#include "common/events/targets.h"

#include <catch2/catch.hpp>

#include "common/config/idle.h"
#include "common/config/snapshot.h"

using namespace posthorn;
using namespace posthorn::events;

namespace {

std::shared_ptr<const config::Snapshot> configOf(const std::string& more) {
  const auto loaded = config::parse("server.directory: /tmp\n" + more, "/tmp/x.yaml");
  INFO(loaded.report());
  REQUIRE(loaded.ok());
  return loaded.snapshot;
}

Event ofType(EventType type, const std::string& mailbox = "INBOX") {
  Event e;
  e.type = type;
  e.mailbox = mailbox;
  e.header = "Subject: x\r\n\r\n";
  e.body = "body";
  return e;
}

}  // namespace

TEST_CASE("ms-internal is there without being configured, and wants everything but payload") {
  const auto targets = targetsFrom(*configOf(""));
  REQUIRE(targets.size() == 1);
  const Target& own = targets.front();
  CHECK(own.name == "ms-internal");
  CHECK(own.local);
  CHECK(own.key == "enp://127.0.0.1/store");
  CHECK(own.enabled == kAllEvents);
  CHECK(own.nonInbox);
  const auto share = own.shareOf(ofType(EventType::NewMsg, "Work"));
  REQUIRE(share);
  CHECK(share->header.empty());
  CHECK(share->body.empty());
  CHECK(config::whyNoIdle(*configOf("")).empty());
}

TEST_CASE("each switch turns its own events off") {
  const std::pair<const char*, EventMask> switches[] = {
      {"annotatemsg", maskOf(EventType::AnnotateMsg)},
      {"changeflag", maskOf(EventType::ChangeFlag)},
      {"copymsg", maskOf(EventType::CopyMsg)},
      {"deletemsg", maskOf(EventType::DeleteMsg)},
      {"expungemsg", maskOf(EventType::ExpungeMsg)},
      {"loguser", maskOf(EventType::Login) | maskOf(EventType::Logout)},
      {"msgflags", maskOf(EventType::MsgFlags)},
      {"newmsg", maskOf(EventType::NewMsg)},
      {"overquota", maskOf(EventType::OverQuota)},
      {"purgemsg", maskOf(EventType::PurgeMsg)},
      {"readmsg", maskOf(EventType::ReadMsg)},
      {"trashmsg", maskOf(EventType::TrashMsg)},
      {"underquota", maskOf(EventType::UnderQuota)},
      {"updatemsg", maskOf(EventType::UpdateMsg)},
  };
  for (const auto& [name, types] : switches) {
    INFO(name);
    const auto targets =
        targetsFrom(*configOf("\"notifytarget:ms-internal." + std::string(name) + ".enable\": no\n"));
    CHECK(targets.front().enabled == (kAllEvents & ~types));
  }
}

TEST_CASE("newer types are told as the older ones where they are off, and both off is silence") {
  const auto target = [](const std::string& more) { return targetsFrom(*configOf(more)).front(); };
  const Event expunged = ofType(EventType::ExpungeMsg);
  const Event copied = ofType(EventType::CopyMsg);
  CHECK(target("").typeFor(expunged) == EventType::ExpungeMsg);
  const Target older = target(
      "\"notifytarget:ms-internal.expungemsg.enable\": no\n\"notifytarget:ms-internal.copymsg.enable\": "
      "no\n");
  CHECK(older.typeFor(expunged) == EventType::DeleteMsg);
  CHECK(older.typeFor(copied) == EventType::UpdateMsg);
  CHECK(older.shareOf(copied)->type == EventType::UpdateMsg);
  CHECK(older.published(maskOf(EventType::DeleteMsg)) ==
        (maskOf(EventType::DeleteMsg) | maskOf(EventType::ExpungeMsg)));
  CHECK((unionOf({older}).enabled & maskOf(EventType::CopyMsg)) != 0);
  const Target silent = target(
      "\"notifytarget:ms-internal.expungemsg.enable\": no\n\"notifytarget:ms-internal.deletemsg.enable\": "
      "no\n");
  CHECK_FALSE(silent.typeFor(expunged));
  CHECK((unionOf({silent}).enabled & maskOf(EventType::ExpungeMsg)) == 0);
}

TEST_CASE("without other mailboxes there are events of INBOX and of the account") {
  const auto config = configOf("ens.noneinbox.enable: 0\n");
  const Target target = targetsFrom(*config).front();
  CHECK_FALSE(target.nonInbox);
  CHECK(target.typeFor(ofType(EventType::NewMsg)));
  CHECK_FALSE(target.typeFor(ofType(EventType::NewMsg, "Work")));
  CHECK(target.typeFor(ofType(EventType::Login, "")));
  CHECK_FALSE(config::whyNoIdle(*config).empty());
  CHECK_FALSE(config::whyNoIdle(*configOf("\"notifytarget:ms-internal.noneinbox.enable\": 0\n")).empty());
  CHECK(config::whyNoIdle(*configOf("\"notifytarget:other.noneinbox.enable\": 0\n")).empty());
}

TEST_CASE("a target of another host is not local, and payload is its own") {
  const auto targets = targetsFrom(*configOf(
      "ens.port: 7997\n\"notifytarget:far.enshost\": 192.0.2.9\n\"notifytarget:far.maxheadersize\": 9\n"
      "\"notifytarget:far.maxbodysize\": 2\n\"notifytarget:near.enshost\": localhost\n"
      "\"notifytarget:port.ensport\": 7998\n"));
  REQUIRE(targets.size() == 4);
  CHECK(targets[0].name == "ms-internal");
  CHECK(targets[1].name == "far");
  CHECK_FALSE(targets[1].local);
  CHECK(targets[1].host == "192.0.2.9");
  CHECK(targets[1].shareOf(ofType(EventType::NewMsg))->header == "Subject: ");
  CHECK(targets[1].shareOf(ofType(EventType::NewMsg))->body == "bo");
  CHECK(targets[2].local);
  CHECK_FALSE(targets[3].local);
  CHECK(unionOf(targets).maxHeader == 9);
  CHECK(unionOf(targets).maxBody == 2);
}

TEST_CASE("the older names mean the same, with and without an instance") {
  const auto targets =
      targetsFrom(*configOf("local.store.notifyplugin.iBiff.newmsg.enable: 0\n"
                            "local.store.notifyplugin.iBiff.enseventkey: enp://127.0.0.1/store/%M\n"
                            "local.store.notifyplugin.enseventkey: enp://eman/store/%M\n"
                            "local.store.notifyplugin.readmsg.enable: 0\n"));
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].key == "enp://eman/store/%M");
  CHECK(targets[0].enabled == (kAllEvents & ~maskOf(EventType::ReadMsg)));
  CHECK(targets[1].name == "iBiff");
  CHECK(targets[1].key == "enp://127.0.0.1/store/%M");
  CHECK(targets[1].enabled == (kAllEvents & ~maskOf(EventType::NewMsg)));
}
