// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/print.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/base/ascii.h"
#include "common/proc/banner.h"

namespace posthorn::mshttpd::http {
namespace {

struct Standing {
  std::string_view name;
  std::string_view value;
};
// What each reply says unless it says something else itself.
constexpr Standing kStanding[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    // A link in a message must not tell its sender, by a look-up of its name, that the message is read.
    {"X-DNS-Prefetch-Control", "off"},
};
constexpr std::string_view kStrictTransport = "max-age=31536000";

bool says(const Reply& reply, std::string_view name) {
  return std::any_of(reply.headers.begin(), reply.headers.end(),
                     [&](const auto& header) { return ascii::equal(header.first, name); });
}

void field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value)
    if (!ascii::isControl(c)) out += c;
  out += "\r\n";
}

bool hasContent(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::string_view reasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

// The names are fixed, so strftime's locale must not have a say.
std::string httpDate(Wall time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday,
                     kMonths[utc.tm_mon], 1900 + utc.tm_year, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string printHead(const Reply& reply, const Framing& framing, Wall now) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", reply.status, reasonOf(reply.status));
  field(out, "Date", httpDate(now));
  field(out, "Server", proc::kProduct);
  if (hasContent(reply.status)) {
    if (!reply.type.empty()) field(out, "Content-Type", reply.type);
    if (framing.chunked) {
      field(out, "Transfer-Encoding", "chunked");
    } else if (reply.length || !reply.more) {
      field(out, "Content-Length", std::to_string(reply.length.value_or(reply.body.size())));
    }
  }
  for (const Standing& standing : kStanding)
    if (!says(reply, standing.name)) field(out, standing.name, standing.value);
  if (framing.secure) field(out, "Strict-Transport-Security", kStrictTransport);
  for (const auto& [name, value] : reply.headers) field(out, name, value);
  if (!framing.keepAlive) field(out, "Connection", "close");
  out += "\r\n";
  return out;
}

Reply problem(int status, std::string_view type, std::string_view detail, std::string_view limit) {
  jmap::Json body = {{"type", type.empty() ? "about:blank" : type}, {"status", status}, {"detail", detail}};
  if (!limit.empty()) body["limit"] = limit;
  Reply reply;
  reply.status = status;
  reply.type = "application/problem+json; charset=utf-8";
  reply.body = body.dump(-1, ' ', false, jmap::Json::error_handler_t::replace) + '\n';
  if (status == 503 || status == 429) reply.headers.emplace_back("Retry-After", "10");
  return reply;
}

Reply jsonError(int status, std::string_view words, std::string_view code) {
  Reply reply;
  reply.status = status;
  reply.body = jmap::Json{{"error", words}, {"code", code}}.dump() + '\n';
  if (status == 503 || status == 429) reply.headers.emplace_back("Retry-After", "10");
  return reply;
}

std::string chunk(View bytes) {
  if (bytes.empty()) return "0\r\n\r\n";
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

}  // namespace posthorn::mshttpd::http
