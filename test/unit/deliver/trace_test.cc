// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/trace.h"

#include <cstdlib>
#include <ctime>

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::deliver;

namespace {

void inZone(const char* zone) {
  ::setenv("TZ", zone, 1);
  ::tzset();
}

}  // namespace

TEST_CASE("a sender is shown unless it could begin another field") {
  CHECK(returnPath("anna@example.org") == "anna@example.org");
  CHECK(returnPath("<anna@example.org>") == "anna@example.org");
  CHECK(returnPath("")->empty());
  CHECK(returnPath("\"an <na>\"@example.org") == "\"an <na>\"@example.org");
  CHECK_FALSE(returnPath("anna\r\nX: y"));
  CHECK_FALSE(returnPath("an na@example.org"));
  CHECK_FALSE(returnPath(std::string(600, 'a')));
}

TEST_CASE("trace fields name sender and recipient") {
  CHECK(traceFields("a@b", "c@d") == "Return-Path: <a@b>\r\nDelivered-To: c@d\r\n");
  CHECK(traceFields("", "c@d") == "Return-Path: <>\r\nDelivered-To: c@d\r\n");
  CHECK(traceFields(std::nullopt, "c") == "Delivered-To: c\r\n");
  CHECK(traceFields(std::nullopt, "j\xc3\xbcrgen@d") == "Delivered-To: j\xc3\xbcrgen@d\r\n");
  CHECK(traceFields(std::nullopt, "a\r\nb").find("\r\nb") == std::string::npos);
}

TEST_CASE("a date is that of RFC 5322, in local time") {
  const Wall when{std::chrono::seconds{1'795'255'872}};
  inZone("UTC0");
  CHECK(fieldDate(when) == "Sat, 21 Nov 2026 10:11:12 +0000");
  inZone("XXX-5:30");
  CHECK(fieldDate(when) == "Sat, 21 Nov 2026 15:41:12 +0530");
  inZone("XXX3:30");
  CHECK(fieldDate(when) == "Sat, 21 Nov 2026 06:41:12 -0330");
  inZone("UTC0");
}

TEST_CASE("Received says who brought the message, and no stranger ends it") {
  inZone("UTC0");
  const Wall when{std::chrono::seconds{1'795'255'872}};
  CHECK(receivedField({"mx.example", "192.0.2.1", "mail.example", "LMTPS", "7.1", "a@b"}, when) ==
        "Received: from mx.example ([192.0.2.1])\r\n\tby mail.example (Posthorn) with LMTPS id 7.1\r\n"
        "\tfor <a@b>;\r\n\tSat, 21 Nov 2026 10:11:12 +0000\r\n");
  const std::string odd = receivedField({"x; (y)\r\nX: z", "", "h", "LMTP", "1", "a@b"}, when);
  CHECK(odd.starts_with("Received: from x? ?y?"));
  CHECK(odd.find("\nX:") == std::string::npos);
  CHECK(odd.find("(unix)") != std::string::npos);
}
