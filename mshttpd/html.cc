// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/html.h"

#include <fmt/format.h>

namespace posthorn::mshttpd::html {

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
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

http::Reply page(int status, std::string_view title, std::string_view body) {
  http::Reply reply;
  reply.status = status;
  reply.type = "text/html; charset=utf-8";
  reply.mayCompress = false;  // forms hold the session's token
  reply.headers.emplace_back("Content-Security-Policy",
                             "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
                             "frame-ancestors 'none'");
  reply.body = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>{}</title><link rel=\"stylesheet\" href=\"/plain/style.css\"></head>\n<body>{}</body></html>\n",
      escaped(title), body);
  return reply;
}

std::string_view style() {
  return "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem;"
         "color:#1d2733;background:#fff}h1{font-size:1.4rem}a{color:#0b57a4}"
         "form.login{max-width:22rem;margin:3rem auto}label{display:block;margin:.8rem 0 .2rem}"
         "input[type=text],input[type=password]{width:100%;box-sizing:border-box;font:inherit;padding:.5rem;"
         "border:1px solid #6b7785;border-radius:4px;background:inherit;color:inherit}"
         "button{font:inherit;margin-top:1rem;padding:.5rem 1.2rem;border:1px solid "
         "#0b57a4;border-radius:4px;"
         "background:#0b57a4;color:#fff}nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;"
         "gap:.3rem 1rem}nav [aria-current]{font-weight:700}table{border-collapse:collapse;width:100%}"
         "th{text-align:left}td,th{padding:.35rem .6rem .35rem 0;border-bottom:1px solid #d5dbe1;"
         "vertical-align:top;overflow-wrap:anywhere}tr.unread td{font-weight:700}"
         "pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}.error{color:#a4150b}"
         "header{display:flex;justify-content:space-between;align-items:center;gap:1rem}"
         "dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem}dt{font-weight:700}dd{margin:0;"
         "overflow-wrap:anywhere}"
         "@media(prefers-color-scheme:dark){body{color:#e6eaf0;background:#14181d}a{color:#8ec3ff}"
         ".error{color:#ff9d95}td,th{border-color:#39424c}}\n";
}

}  // namespace posthorn::mshttpd::html
