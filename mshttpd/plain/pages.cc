// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/plain/pages.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/mime/html_text.h"
#include "mshttpd/html.h"
#include "mshttpd/http/target.h"
#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/request.h"

namespace posthorn::mshttpd::plain {
namespace {

using html::escaped;
using jmap::Json;

constexpr unsigned kMessages = 50;
constexpr std::size_t kMostText = 256UL * 1024;

Json call(std::string_view method, Json arguments, std::string_view id) {
  return Json::array({method, std::move(arguments), id});
}

// The arguments of the responses, in the order of the calls; an error when one failed.
Result<std::vector<Json>> ask(const Context& context, const http::Request& request, Json calls) {
  const std::size_t wanted = calls.size();
  const Json whole = {{"using", {jmap::kCore, jmap::kMail}}, {"methodCalls", std::move(calls)}};
  const jmap::Outcome outcome = jmap::runRequest(*context.services, *request.caller, whole.dump());
  if (outcome.problem) return makeError(Errc::Unavailable, outcome.problem->detail);
  const Json answer = Json::parse(outcome.body, nullptr, false);
  std::vector<Json> found;
  if (!answer.is_object() || !answer.contains("methodResponses"))
    return makeError(Errc::Internal, "not a response");
  for (const Json& response : answer["methodResponses"]) {
    if (response[0] == "error") return makeError(Errc::Unavailable, response[1].dump());
    found.push_back(response[1]);
  }
  if (found.size() < wanted) return makeError(Errc::Internal, "not all calls were answered");
  return found;
}

std::string text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string people(const Json& list) {
  std::string out;
  if (!list.is_array()) return out;
  for (const Json& person : list) {
    const std::string name = text(person, "name");
    if (!out.empty()) out += ", ";
    out += name.empty() ? text(person, "email") : name + " <" + text(person, "email") + ">";
  }
  return out;
}

std::string head(const http::Request& request, std::string_view title) {
  return fmt::format(
      "<header><h1>{}</h1><form method=\"post\" action=\"/logout\"><input type=\"hidden\" name=\"csrf\" "
      "value=\"{}\"><button type=\"submit\">Log out</button></form></header>",
      escaped(title), escaped(request.csrf));
}

http::Reply unreachable(const http::Request& request) {
  return html::page(
      503, "Mail",
      head(request, "Mail") +
          "<main><p class=\"error\" role=\"alert\">The mail server does not answer now. Try again "
          "later.</p></main>");
}

const Json* chosen(const Json& mailboxes, const std::string& id) {
  const Json* inbox = nullptr;
  for (const Json& mailbox : mailboxes) {
    if (text(mailbox, "id") == id) return &mailbox;
    if (text(mailbox, "role") == "inbox") inbox = &mailbox;
  }
  return inbox;
}

std::string folders(const Json& mailboxes, const Json& current) {
  std::string out = "<nav aria-label=\"Folders\"><ul>";
  for (const Json& mailbox : mailboxes) {
    const bool here = text(mailbox, "id") == text(current, "id");
    const auto unread = mailbox.value("unreadEmails", 0U);
    out += fmt::format("<li><a href=\"/plain/?mailbox={}\"{}>{}{}</a></li>",
                       http::percentEncoded(text(mailbox, "id")), here ? " aria-current=\"page\"" : "",
                       escaped(text(mailbox, "name")), unread > 0 ? fmt::format(" ({})", unread) : "");
  }
  return out + "</ul></nav>";
}

std::string rows(const Json& emails) {
  if (emails.empty()) return "<p>There is no message here.</p>";
  std::string out =
      "<table><thead><tr><th scope=\"col\">From</th><th scope=\"col\">Subject</th><th "
      "scope=\"col\">Date</th></tr></thead><tbody>";
  for (const Json& email : emails) {
    const std::string subject = text(email, "subject");
    const bool seen = email.contains("keywords") && email["keywords"].contains("$seen");
    out +=
        fmt::format("<tr{}><td>{}</td><td><a href=\"/plain/read?id={}\">{}</a></td><td>{}</td></tr>",
                    seen ? "" : " class=\"unread\"", escaped(people(email.value("from", Json::array()))),
                    http::percentEncoded(text(email, "id")),
                    escaped(subject.empty() ? "(no subject)" : subject), escaped(text(email, "receivedAt")));
  }
  return out + "</tbody></table>";
}

std::string htmlAsText(const std::string& page) {
  Bytes out;
  mime::HtmlText reader(mime::HtmlText::Values::Drop);
  reader.feed(page, out);
  reader.finish(out);
  return out;
}

// All text parts; HTML as its text.
std::string bodyText(const Json& email) {
  std::string out;
  for (const Json& part : email.value("textBody", Json::array())) {
    const std::string id = text(part, "partId");
    const auto values = email.find("bodyValues");
    if (id.empty() || values == email.end() || !values->contains(id)) continue;
    const std::string value = text((*values)[id], "value");
    out += text(part, "type") == "text/html" ? htmlAsText(value) : value;
    out += '\n';
  }
  return out;
}

std::string attachments(const Json& email, const std::string& account) {
  std::string out;
  for (const Json& part : email.value("attachments", Json::array())) {
    const std::string name = text(part, "name").empty() ? "attachment" : text(part, "name");
    out += fmt::format("<li><a href=\"/jmap/download/{}/{}/{}\">{}</a></li>", http::percentEncoded(account),
                       http::percentEncoded(text(part, "blobId")), http::percentEncoded(name), escaped(name));
  }
  return out.empty() ? out : "<h2>Attachments</h2><ul>" + out + "</ul>";
}

}  // namespace

http::Reply listRoute(const Context& context, http::Request& request) {
  const std::string account = jmap::accountId(request.caller->user);
  const auto mailboxes =
      ask(context, request,
          Json::array(
              {call("Mailbox/get",
                    {{"accountId", account}, {"properties", {"id", "name", "role", "unreadEmails"}}}, "m")}));
  if (!mailboxes.ok()) return unreachable(request);
  const Json& all = (*mailboxes)[0]["list"];
  const Json* current = chosen(all, request.parameters["mailbox"]);
  if (current == nullptr) return unreachable(request);
  const auto found =
      ask(context, request,
          Json::array({call("Email/query",
                            {{"accountId", account},
                             {"filter", {{"inMailbox", text(*current, "id")}}},
                             {"sort", Json::array({{{"property", "receivedAt"}, {"isAscending", false}}})},
                             {"limit", kMessages}},
                            "q"),
                       call("Email/get",
                            {{"accountId", account},
                             {"#ids", {{"resultOf", "q"}, {"name", "Email/query"}, {"path", "/ids"}}},
                             {"properties", {"id", "from", "subject", "receivedAt", "keywords"}}},
                            "g")}));
  if (!found.ok()) return unreachable(request);
  const std::string name = text(*current, "name");
  return html::page(
      200, name,
      head(request, name) + folders(all, *current) + "<main>" + rows((*found)[1]["list"]) + "</main>");
}

http::Reply readRoute(const Context& context, http::Request& request) {
  const std::string account = jmap::accountId(request.caller->user);
  const auto found =
      ask(context, request,
          Json::array(
              {call("Email/get",
                    {{"accountId", account},
                     {"ids", {request.parameters["id"]}},
                     {"properties",
                      {"from", "to", "cc", "subject", "receivedAt", "textBody", "attachments", "bodyValues"}},
                     {"fetchTextBodyValues", true},
                     {"maxBodyValueBytes", kMostText}},
                    "g")}));
  if (!found.ok()) return unreachable(request);
  const Json& list = (*found)[0]["list"];
  if (!list.is_array() || list.empty())
    return html::page(404, "No such message",
                      head(request, "No such message") + "<main><p><a href=\"/plain/\">Back</a></p></main>");
  const Json& email = list[0];
  const std::string subject = text(email, "subject").empty() ? "(no subject)" : text(email, "subject");
  return html::page(
      200, subject,
      head(request, subject) +
          fmt::format(
              "<nav><a "
              "href=\"/plain/\">Back</a></nav><main><dl><dt>From</dt><dd>{}</dd><dt>To</dt><dd>{}</dd>"
              "<dt>Date</dt><dd>{}</dd></dl><pre>{}</pre>{}</main>",
              escaped(people(email.value("from", Json::array()))),
              escaped(people(email.value("to", Json::array()))), escaped(text(email, "receivedAt")),
              escaped(bodyText(email)), attachments(email, account)));
}

http::Reply styleRoute(const Context&, http::Request&) {
  http::Reply reply;
  reply.type = "text/css; charset=utf-8";
  reply.headers = {{"Cache-Control", "no-cache"}};
  reply.body = html::style();
  return reply;
}

http::Reply leadRoute(const Context&, http::Request&) {
  http::Reply reply;
  reply.status = 303;
  reply.headers = {{"Location", "/plain/"}};
  return reply;
}

}  // namespace posthorn::mshttpd::plain
