// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/pages.h"

#include <string>

#include <fmt/format.h>

namespace posthorn::mshttpd {
namespace {

constexpr std::string_view kStyle =
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:38rem;margin:4rem auto;padding:0 1rem;"
    "color:#1d2733;background:#fff}h1{font-size:1.6rem}p{margin:1rem 0}"
    "@media(prefers-color-scheme:dark){body{color:#e6eaf0;background:#14181d}}\n";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string statusPage(std::string_view host) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>Posthorn on {0}</title><link rel=\"stylesheet\" href=\"/status.css\"></head>\n"
      "<body><main><h1>Posthorn on {0}</h1>\n"
      "<p>The mail server is running.</p>\n"
      "<p>This release serves mail to mail clients; reading it in a browser is not part of it yet. "
      "Your administrator can tell you the server names for your mail program.</p>\n"
      "</main></body></html>\n",
      escaped(host));
}

}  // namespace

Response respond(const Request& request, std::string_view host) {
  if (request.hasBody) return problem(413);
  if (request.method != "GET" && request.method != "HEAD") {
    Response refused = problem(405);
    refused.extra = "Allow: GET, HEAD\r\n";
    return refused;
  }
  Response page{.keepAlive = request.keepAlive};
  if (request.path == "/") {
    page.contentType = "text/html; charset=utf-8";
    page.body = statusPage(host);
  } else if (request.path == "/status.css") {
    page.contentType = "text/css; charset=utf-8";
    page.body = kStyle;
  } else {
    page.status = 404;
    page.body = "404 Not Found\n";
  }
  return page;
}

}  // namespace posthorn::mshttpd
