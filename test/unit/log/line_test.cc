// SPDX-License-Identifier: Apache-2.0
#include "common/log/line.h"

#include <cstdlib>

#include <catch2/catch.hpp>
#include <time.h>

using namespace posthorn::log;

namespace {

constexpr Message kLogin{"login-failed", Level::Notice, "Account", "Login failed.", "Nothing."};
constexpr Message kClose{"close",   Level::Notice,
                         "Account", "Connection closed.",
                         "",        "close [{client}] [{user}] {login} {length} {in} {out} {selected}"};

/// 1998-12-03 06:54:32.007 at +02:00.
Stamp stamp() {
  ::setenv("TZ", "XXX-2", 1);  // NOLINT(concurrency-mt-unsafe)
  ::tzset();
  Stamp s;
  s.time = {912660872, 7'000'000};
  s.host = "SiroePost";
  s.process = "imapd";
  s.pid = 232;
  return s;
}

std::string line(Format format, const Message& message, std::vector<Field> fields) {
  return formatLine(format, stamp(), message, fields);
}

std::string keyValue(const std::string& value) {
  const std::string whole = line(Format::KeyValue, kLogin, {{"v", value}});
  const std::size_t from = whole.find("v=");
  return whole.substr(from + 2, whole.find(" category=") - from - 2);
}

}  // namespace

TEST_CASE("a key=value line") {
  CHECK(line(Format::KeyValue, kLogin, {{"client", "192.0.2.1:4711"}, {"user", "anna"}}) ==
        "time=1998-12-03T06:54:32.007+02:00 level=notice process=imapd[232] event=login-failed "
        "client=192.0.2.1:4711 user=anna category=Account text=\"Login failed.\"\n");
}

TEST_CASE("values cannot forge a line or a pair") {
  CHECK(keyValue("plain") == "plain");
  CHECK(keyValue("") == "\"\"");
  CHECK(keyValue("two words") == "\"two words\"");
  CHECK(keyValue("a=b") == "\"a=b\"");
  CHECK(keyValue("say \"hi\"") == R"("say \"hi\"")");
  CHECK(keyValue("a\\b") == R"("a\\b")");
  CHECK(keyValue("a\r\nlevel=critical") == R"("a\r\nlevel=critical")");
  CHECK(keyValue(std::string("a\0b\x1b[2J\x7f", 8)) == R"("a\x00b\x1b[2J\x7f")");
  CHECK(keyValue("Jörg") == "\"Jörg\"");
  CHECK(keyValue("\xff\xc0\xaf") == R"("\xff\xc0\xaf")");
  CHECK(keyValue("a\xe2\x80\xae"
                 "b") == R"("a\xe2\x80\xae)"
                         R"(b")");
  CHECK(keyValue("a\xc2\x85") == R"("a\xc2\x85")");
}

TEST_CASE("values and lines are bounded") {
  const std::string value = keyValue(std::string(5000, 'x'));
  CHECK(value.size() == kMaxValue + 5);
  CHECK(value.substr(value.size() - 4) == "...\"");
  std::vector<Field> fields;
  for (int i = 0; i < 100; ++i) fields.push_back({"k", std::string(kMaxValue, '\x01')});
  for (const Format format : {Format::KeyValue, Format::Json, Format::Classic}) {
    const std::string whole = line(format, kLogin, fields);
    CHECK(whole.size() <= kMaxLine);
    CHECK(whole.find('\n') == whole.size() - 1);
  }
}

TEST_CASE("a JSON line") {
  CHECK(line(Format::Json, kLogin, {{"user", "a\"\\\n\x01\xff"}}) ==
        "{\"time\":\"1998-12-03T06:54:32.007+02:00\",\"level\":\"notice\",\"process\":\"imapd\",\"pid\":232,"
        "\"event\":\"login-failed\",\"category\":\"Account\",\"text\":\"Login failed.\","
        "\"user\":\"a\\\"\\\\\\n\\\\x01\\\\xff\"}\n");
}

TEST_CASE("the manuals' line") {
  CHECK(
      line(Format::Classic, kClose,
           {{"client", "127.0.0.1"},
            {"user", "unauthenticated"},
            {"login", "1998/12/3 6:54:32"},
            {"length", "0:00:00"},
            {"in", "0"},
            {"out", "115"},
            {"selected", "0"}}) ==
      "03/Dec/1998:06:54:32 +0200 SiroePost imapd[232]: Account Notice: close [127.0.0.1] [unauthenticated] "
      "1998/12/3 6:54:32 0:00:00 0 115 0\n");
  CHECK(line(Format::Classic, kLogin, {{"user", "an na"}}) ==
        "03/Dec/1998:06:54:32 +0200 SiroePost imapd[232]: Account Notice: Login failed. user=\"an na\"\n");
  CHECK(line(Format::Classic, kClose, {{"client", "a\nb"}}).find("close [a\\nb] [-] - ") !=
        std::string::npos);
  CHECK(createdLine(stamp()) ==
        "03/Dec/1998:06:54:32 +0200 SiroePost imapd[232]: General Notice: Log created (912660872)\n");
}

TEST_CASE("zones west of Greenwich and with half hours") {
  Stamp s = stamp();
  ::setenv("TZ", "XXX3:30", 1);  // NOLINT(concurrency-mt-unsafe)
  ::tzset();
  CHECK(createdLine(s).substr(0, 26) == "03/Dec/1998:01:24:32 -0330");
}

TEST_CASE("the journal's datagram") {
  const std::vector<Field> fields{{"user", "a\nPRIORITY=0"}, {"in-flight", "3"}};
  CHECK(journalEntry(stamp(), kLogin, fields) ==
        "MESSAGE=Login failed. user=\"a\\nPRIORITY=0\" in-flight=3\nPRIORITY=5\nSYSLOG_IDENTIFIER=imapd\n"
        "POSTHORN_EVENT=login-failed\nPOSTHORN_CATEGORY=Account\nPOSTHORN_USER=a\\nPRIORITY=0\n"
        "POSTHORN_IN_FLIGHT=3\n");
}
