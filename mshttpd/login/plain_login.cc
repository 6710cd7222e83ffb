// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/login/plain_login.h"

#include <fmt/format.h>

#include "mshttpd/html.h"

namespace posthorn::mshttpd::login {
namespace {

http::Reply form(int status, std::string_view words) {
  const std::string error =
      words.empty() ? std::string()
                    : fmt::format("<p class=\"error\" role=\"alert\">{}</p>", html::escaped(words));
  return html::page(
      status, "Log in",
      fmt::format(
          "<main><form class=\"login\" method=\"post\" action=\"/login\"><h1>Log in to your mail</h1>{}"
          "<label for=\"user\">User name</label>"
          "<input id=\"user\" name=\"user\" type=\"text\" autocomplete=\"username\" "
          "autocapitalize=\"none\" spellcheck=\"false\" required autofocus>"
          "<label for=\"password\">Password</label>"
          "<input id=\"password\" name=\"password\" type=\"password\" "
          "autocomplete=\"current-password\" required>"
          "<button type=\"submit\">Log in</button></form></main>",
          error));
}

}  // namespace

http::Reply loginPage(const Context& context, http::Request& request) {
  http::Reply reply = form(200, {});
  if (context.settings.certificates && request.secure) {
    const std::size_t end = reply.body.find("</main>");
    reply.body.insert(
        end,
        "<form class=\"login\" method=\"post\" action=\"/login\"><input type=\"hidden\" "
        "name=\"certificate\" value=\"1\"><button type=\"submit\">Log in by certificate</button>"
        "</form>");
  }
  return reply;
}

http::Reply refusedPage(int status, std::string_view words) {
  return form(status, words);
}

}  // namespace posthorn::mshttpd::login
