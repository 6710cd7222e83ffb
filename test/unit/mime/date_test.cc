// SPDX-License-Identifier: Apache-2.0
#include "common/mime/date.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mime;

namespace {

/// "seconds zone", or "none".
Bytes read(View value) {
  const auto date = parseDate(value);
  return date ? std::to_string(date->seconds) + " " + std::to_string(date->zoneMinutes) : "none";
}
constexpr std::int64_t kMoment = 1795244400;  // 2026-11-21 07:00:00 UTC
const Bytes kUtc = std::to_string(kMoment) + " 0";

}  // namespace

TEST_CASE("dates of RFC 5322") {
  CHECK(read("Sat, 21 Nov 2026 07:00:00 +0000") == kUtc);
  CHECK(read("21 Nov 2026 09:30:00 +0230") == std::to_string(kMoment) + " 150");
  CHECK(read("Fri, 20 Nov 2026 23:00 -0800") == std::to_string(kMoment) + " -480");
  CHECK(read("Sat, 21 Nov 2026 07:00:00 -0000") == kUtc);
  CHECK(read(" Sat,\r\n 21 Nov\r\n 2026 07:00:00 +0000 (UTC)") == kUtc);
  CHECK(read("Thu, 13\r\n      Feb\r\n        1969\r\n    23:32\r\n             -0330 (Newfoundland Time)") ==
        "-27723480 -210");
  CHECK(read("1 Jan 1970 00:00:00 GMT") == "0 0");
  CHECK(read("29 Feb 2024 00:00:00 Z") == "1709164800 0");
}

TEST_CASE("obsolete dates") {
  CHECK(read("21 Nov 97 09:55:06 GMT") == "880106106 0");
  CHECK(read("21 Nov 26 07:00 UT") == kUtc);
  CHECK(read("21 Nov 126 07:00:00 UT") == kUtc);
  CHECK(read("Sat (c), 21 (d) Nov 2026 (e) 07 : 00 : 00 +0000") == kUtc);
  CHECK(read("21 Nov 2026 02:00:00 EST") == std::to_string(kMoment) + " -300");
  CHECK(read("21 Nov 2026 07:00:00 A") == kUtc);
  CHECK(read("21 Nov 2026 08:00:00 CET") == std::to_string(kMoment) + " 60");
}

TEST_CASE("dates as they come") {
  CHECK(read("Sat Nov 21 07:00:00 2026") == kUtc);
  CHECK(read("Sat, 21-Nov-2026 07:00:00 +0000") == kUtc);
  CHECK(read("Samstag, 21 November 2026 07:00:00 GMT") == kUtc);
  CHECK(read("Mon, 21 Nov 2026 07:00:00 GMT") == kUtc);
  CHECK(read("Nov 21, 2026 7:00 AM GMT") == kUtc);
  CHECK(read("21 Nov 2026 09:00:00 GMT+0200") == std::to_string(kMoment) + " 120");
  CHECK(read("21 Nov 2026 09:00:00 +02:00") == std::to_string(kMoment) + " 120");
  CHECK(read("21 Nov 2026 07:00:00") == kUtc);
  CHECK(read("21 Nov 2026 07:00:00.123 +0000") == kUtc);
}

TEST_CASE("an impossible time is midnight, an unknown zone UTC") {
  const Bytes midnight = std::to_string(kMoment - 7 * 3600) + " 0";
  for (const View value :
       {"21 Nov 2026", "21 Nov 2026 25:00:00 +0000", "21 Nov 2026 07:61 +0000", "21 Nov 2026 x"})
    CHECK(read(value) == midnight);
  for (const View value : {"21 Nov 2026 07:00:00 XYZ", "21 Nov 2026 07:00:00 +9999",
                           "21 Nov 2026 07:00:00 +1", "21 Nov 2026 07:00:00 *"})
    CHECK(read(value) == kUtc);
}

TEST_CASE("without a readable date there is nothing") {
  for (const View value :
       {"", " ", "yesterday", "32 Nov 2026", "0 Nov 2026", "30 Feb 2026", "29 Feb 2025", "21 Foo 2026",
        "21 Nov", "Nov", "21", "2026-11-21", "99999999999999999999 Nov 2026", "()", "Sat,"})
    CHECK(read(value) == "none");
}

TEST_CASE("the day as written") {
  CHECK(parseDate("21 Nov 2026 23:30:00 -0800")->day() == daysFromCivil(2026, 11, 21));
  CHECK(parseDate("21 Nov 2026 00:30:00 +0800")->day() == daysFromCivil(2026, 11, 21));
  CHECK(parseDate("31 Dec 1969 12:00:00 +0000")->day() == -1);
  CHECK(daysFromCivil(1970, 1, 1) == 0);
  CHECK(daysFromCivil(2000, 3, 1) == 11'017);
}
