// SPDX-License-Identifier: Apache-2.0
#include "common/events/event_text.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/base/base64.h"

using namespace posthorn;
using namespace posthorn::events;

namespace {

constexpr View kKey = "enp://127.0.0.1/store";

Event newMessage() {
  Event e;
  e.type = EventType::NewMsg;
  e.timestamp = 1'047'488'403'000;
  e.hostname = "eman";
  e.process = "deliver";
  e.pid = 476;
  e.owner = "testuser";
  e.mailbox = "INBOX";
  e.numMsgs = 16;
  e.uidValidity = 1'046'993'605;
  e.uids = {{62, 62}};
  e.lastUid = 62;
  e.size = 877;
  e.hdrLen = 814;
  return e;
}

nlohmann::json json(const Event& event, View key = kKey) {
  return nlohmann::json::parse(eventJson(event, key));
}

}  // namespace

TEST_CASE("a reference reads as the manuals show it") {
  CHECK(eventReference(newMessage(), kKey) ==
        "enp://127.0.0.1/store?evtType=NewMsg&timestamp=1047488403000&hostname=eman&process=deliver&pid=476"
        "&mailboxName=testuser&userid=testuser&owner=testuser&numMsgs=16&numSeen=0&numDel=0"
        "&uidValidity=1046993605&imapUid=62&lastUid=62&size=877&hdrLen=814");
}

TEST_CASE("a key has the mailbox, the user and the owner put in") {
  Event e = newMessage();
  e.owner = "anna@example.com";
  e.user = "bert";
  e.mailbox = "Work/Über uns?&%";
  CHECK(eventKey(e, "enp://h/store/%M") == "enp://h/store/anna@example.com/Work/%C3%9Cber%20uns%3F%26%25");
  CHECK(eventKey(e, "enp://h/%o/%U/%d/") == "enp://h/anna@example.com/bert/example.com/");
  CHECK(eventKey(e, "enp://h/%x%%%") == "enp://h/%x%%%");
  e.mailbox = "INBOX";
  CHECK(eventKey(e, "enp://h/store/%M") == "enp://h/store/anna@example.com");
}

TEST_CASE("no value can end its parameter or its line") {
  Event e = newMessage();
  e.mailbox = "a&b=c d\r\n%\x01";
  e.hostname = "x y";
  const std::string text = eventReference(e, kKey);
  CHECK(text.find("mailboxName=testuser/a%26b%3Dc%20d%0D%0A%25%01&") != std::string::npos);
  CHECK(text.find("hostname=x%20y&") != std::string::npos);
  CHECK(text.find_first_of("\r\n \x01") == std::string::npos);
}

TEST_CASE("several messages stand in one event as a set") {
  Event e = newMessage();
  e.type = EventType::ReadMsg;
  e.uids = {{1, 5}, {7, 7}};
  e.numSeen = 11;
  e.numDel = 9;
  const std::string text = eventReference(e, kKey);
  CHECK(text.find("&numSeen=11&numDel=9&") != std::string::npos);
  CHECK(text.find("&imapUid=1&uidSet=1%3A5") == std::string::npos);  // ':' may stand there
  CHECK(text.find("&imapUid=1&uidSet=1:5,7&lastUid=62") != std::string::npos);
  CHECK(text.find("hdrLen") == std::string::npos);
  CHECK(json(e)["uidset"] == "1:5,7");
}

TEST_CASE("the JSON form has the names of RFC 5423") {
  Event e = newMessage();
  e.flags = {"\\Seen", "$Junk"};
  e.modseq = 99;
  e.service = "lmtp";
  const auto object = json(e);
  CHECK(object["event"] == "MessageNew");
  CHECK(object["evtType"] == "NewMsg");
  CHECK(object["serverFQDN"] == "eman");
  CHECK(object["process"] == "deliver");
  CHECK(object["service"] == "lmtp");
  CHECK(object["pid"] == 476);
  CHECK(object["user"] == "testuser");
  CHECK(object["mailboxID"] == "imap://testuser@eman/INBOX;UIDVALIDITY=1046993605");
  CHECK(object["uri"] == "imap://testuser@eman/INBOX;UIDVALIDITY=1046993605/;UID=62");
  CHECK(object["uidset"] == "62");
  CHECK(object["uidnext"] == 63);
  CHECK(object["messages"] == 16);
  CHECK(object["messageSize"] == 877);
  CHECK(object["modseq"] == 99);
  CHECK(object["flagNames"] == nlohmann::json({"\\Seen", "$Junk"}));
  CHECK(object["reference"] == eventReference(e, kKey));
  CHECK(object["timestamp"].get<std::string>().substr(0, 8) == "2003-03-");
  CHECK(object["timestamp"].get<std::string>().find(".000") != std::string::npos);
  CHECK(object.find("messageContent") == object.end());
  CHECK(eventJson(e, kKey).find('\n') == std::string::npos);
}

TEST_CASE("flags that were taken away are FlagsClear, those that were set FlagsSet") {
  Event e = newMessage();
  e.type = EventType::ChangeFlag;
  e.flags = {"\\Flagged"};
  e.flagMode = FlagMode::Add;
  CHECK(json(e)["event"] == "FlagsSet");
  CHECK(eventReference(e, kKey).find("&flagMode=1&flags=%5CFlagged") != std::string::npos);
  e.flagMode = FlagMode::Remove;
  CHECK(json(e)["event"] == "FlagsClear");
  e.flagMode = FlagMode::Replace;
  CHECK(json(e)["flagMode"] == 3);
}

TEST_CASE("quota is told in kilobytes, and only where there is one") {
  Event e = newMessage();
  e.type = EventType::OverQuota;
  e.mailbox.clear();
  e.diskQuota = 1024 * 1024;
  e.diskUsed = 1024 * 1024 + 1;
  e.messagesUsed = 12;
  const auto object = json(e);
  CHECK(object["event"] == "QuotaExceed");
  CHECK(object["diskQuota"] == 1024);
  CHECK(object["diskUsed"] == 1025);
  CHECK(object["messages"] == 12);
  CHECK(object.find("maxMessages") == object.end());
  CHECK(object.find("uidset") == object.end());
}

TEST_CASE("a session's events say who came from where") {
  Event e = newMessage();
  e.type = EventType::Login;
  e.mailbox.clear();
  e.admin = "root";
  e.clientAddress = "192.0.2.7";
  e.clientPort = 40001;
  e.serverPort = 143;
  e.mechanism = "PLAIN";
  const std::string text = eventReference(e, kKey);
  CHECK(text.find("&mailboxName=testuser&userid=testuser&owner=testuser&admin=root&clientIP=192.0.2.7&"
                  "clientPort=40001"
                  "&serverPort=143&mechanism=PLAIN") != std::string::npos);
  CHECK(text.find("seconds") == std::string::npos);
  e.type = EventType::Logout;
  e.seconds = 0;
  e.disconnect = "logout";
  CHECK(eventReference(e, kKey).find("&disconnect=logout&seconds=0") != std::string::npos);
}

TEST_CASE("payload is text where it is text, and base64 where it is not") {
  Event e = newMessage();
  e.header = "Subject: \"Über\"\r\n\r\n";
  e.body = "z\xC3";  // cut inside a character
  CHECK(json(e)["messageContent"] == "Subject: \"Über\"\r\n\r\nz");
  e.body = "\xFF\xFE\xFF\xFE\x01";
  const auto object = json(e);
  CHECK(object.find("messageContent") == object.end());
  CHECK(object["messageContentBase64"] == base64::encode(e.header + e.body));
  CHECK(eventReference(e, kKey).find("Subject") == std::string::npos);
}

TEST_CASE("a JSON string is valid whatever its octets are") {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  std::string out;
  putJsonString(out, all);
  const auto read = nlohmann::json::parse(out).get<std::string>();
  CHECK(read.substr(0, 128) == all.substr(0, 128));
}
