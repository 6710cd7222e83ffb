// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/response.h"

#include <ctime>

#include <fmt/format.h>

#include "common/proc/banner.h"

namespace posthorn::mshttpd {
namespace {

std::string_view reasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

// RFC 9110 §5.6.7; the names are fixed, so strftime's locale must not have a say.
std::string httpDate(Wall now) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday,
                     kMonths[utc.tm_mon], 1900 + utc.tm_year, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace

Response problem(int status) {
  return {.status = status, .body = fmt::format("{} {}\n", status, reasonOf(status)), .keepAlive = false};
}

std::string print(const Response& response, bool headOnly, Wall now) {
  std::string out = fmt::format(
      "HTTP/1.1 {} {}\r\n"
      "Date: {}\r\n"
      "Server: {}\r\n"
      "Content-Type: {}\r\n"
      "Content-Length: {}\r\n"
      "Cache-Control: no-store\r\n"
      "Content-Security-Policy: default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri "
      "'none'\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "{}{}\r\n",
      response.status, reasonOf(response.status), httpDate(now), proc::kProduct, response.contentType,
      response.body.size(), response.extra, response.keepAlive ? "" : "Connection: close\r\n");
  if (!headOnly) out += response.body;
  return out;
}

}  // namespace posthorn::mshttpd
