// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/ascii.h"
#include "common/mime/search_text.h"
#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/email_body.h"
#include "mshttpd/jmap/email_filter.h"
#include "mshttpd/jmap/email_headers.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/marked_text.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

using imap::jmap::Filter;
using Kind = imap::FetchAttribute::Kind;

constexpr std::size_t kMaxPreview = 255;                      // octets, RFC 8621 5
constexpr std::size_t kMaxPartText = std::size_t{256} << 10;  // of one part that is looked through
constexpr std::size_t kMaxParts = 4;                          // of one message

/// What is looked for in subjects and in bodies. What must not be there is no match to show.
struct Terms {
  std::vector<std::string> subject;
  std::vector<std::string> body;

  // NOLINTNEXTLINE(misc-no-recursion): the filter's depth is bounded
  void gather(const Filter& filter) {
    if (filter.kind == Filter::Kind::Not) return;
    const bool text = filter.kind == Filter::Kind::Text;
    if (text || filter.kind == Filter::Kind::Subject) subject.push_back(filter.text);
    if (text || filter.kind == Filter::Kind::Body) body.push_back(filter.text);
    for (const Filter& part : filter.parts) gather(part);
  }
};

class Gatherer final : public mime::TextSink {
 public:
  void onText(Origin origin, View utf8) override {
    if (origin == Origin::Body) text += utf8;
  }
  [[nodiscard]] bool full() const override { return text.size() >= kMaxPartText; }
  std::string text;
};

bool isToken(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) ||
           std::string_view("-_.:+").find(c) != std::string_view::npos;
  });
}

/// The text of a part as search sees it.
Result<std::string> textOf(backend::MailHost& host, const backend::Id& email, const BodyPart& part) {
  PH_TRY(const backend::Source octets, host.text(email, wholePart(part.number), true));
  Gatherer gatherer;
  mime::SearchText search(gatherer);
  mime::MessageParser parser(&search);
  const std::string charset = part.charset.value_or("");
  parser.feed("Content-Type: " + part.type + (isToken(charset) ? "; charset=" + charset : "") + "\r\n\r\n");
  std::size_t read = 0;
  while (!gatherer.full() && read < 2 * kMaxPartText) {
    PH_TRY(const Bytes window, octets());
    if (window.empty()) break;
    read += window.size();
    parser.feed(window);
  }
  (void)parser.finish();
  return std::move(gatherer.text);
}

Result<Json> previewOf(backend::MailHost& host, const backend::Message& message, const imap::Value& structure,
                       const TextMarker& marker) {
  PH_TRY(const BodyPart root, readBodyStructure(structure));
  const BodyLists lists = flattenBody(root);
  std::vector<const BodyPart*> parts = lists.text;
  parts.insert(parts.end(), lists.html.begin(), lists.html.end());
  std::set<const BodyPart*> seen;
  for (const BodyPart* part : parts) {
    const bool readable = part->type == "text/plain" || part->type == "text/html";
    if (!readable || part->encoding == mime::Encoding::Unknown || !seen.insert(part).second) continue;
    if (seen.size() > kMaxParts) break;
    PH_TRY(const std::string text, textOf(host, message.id, *part));
    if (auto found = marker.around(text, kMaxPreview)) return Json(std::move(*found));
  }
  return Json(nullptr);
}

Result<Json> snippetOf(backend::MailHost& host, const backend::Message& message, const TextMarker& subjects,
                       const TextMarker& bodies, bool looksInBody) {
  Json out = Json::object();
  out["emailId"] = message.id;
  out["subject"] = nullptr;
  out["preview"] = nullptr;
  for (const imap::FetchItem& item : message.items) {
    if (item.attribute.kind == Kind::Envelope) {
      const Json subject = envelopeProperty(item.value, "subject");
      if (!subject.is_string()) continue;
      if (auto marked = subjects.whole(subject.get_ref<const std::string&>())) out["subject"] = *marked;
    }
    if (item.attribute.kind == Kind::BodyStructure && looksInBody) {
      PH_TRY(out["preview"], previewOf(host, message, item.value, bodies));
    }
  }
  return out;
}

Result<backend::Messages> fetch(backend::MailHost& host, const std::vector<std::string>& ids) {
  if (ids.empty()) return backend::Messages{};
  imap::FetchAttribute wanted[2];
  wanted[0].kind = Kind::Envelope;
  wanted[1].kind = Kind::BodyStructure;
  return host.messages(ids, wanted);
}

}  // namespace

Answer searchSnippetGet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  EmailSearch search;
  if (const auto refused = readEmailFilter(args, search)) return *refused;
  const auto wanted = stringsArgument(args, "emailIds");
  if (!wanted.ok()) return wanted.error();
  if (!*wanted) return invalidArgument("emailIds", "must be a list of ids");
  if ((*wanted)->size() > call.limits().maxObjectsInGet) return tooManyObjects(call);
  std::set<std::string> seen;
  std::vector<std::string> ids;
  std::vector<std::string> notFound;
  for (const std::string& id : **wanted) {
    if (seen.insert(id).second) (isId(id) ? ids : notFound).push_back(id);
  }
  Terms terms;
  if (search.filter) terms.gather(*search.filter);
  const TextMarker subjects(terms.subject);
  const TextMarker bodies(terms.body);
  const auto messages = fetch(*account->host, ids);
  if (!messages.ok()) return messages.error();
  notFound.insert(notFound.end(), messages->unknown.begin(), messages->unknown.end());
  Json list = Json::array();
  for (const backend::Message& message : messages->messages) {
    auto snippet = snippetOf(*account->host, message, subjects, bodies, !terms.body.empty());
    if (snippet.ok()) {
      list.push_back(std::move(*snippet));
    } else if (snippet.error().code == Errc::NotFound) {
      notFound.push_back(message.id);
    } else {
      return snippet.error();
    }
  }
  Json out = Json::object();
  out["accountId"] = account->id;
  out["list"] = std::move(list);
  out["notFound"] = notFound.empty() ? Json(nullptr) : Json(std::move(notFound));
  return out;
}

}  // namespace posthorn::mshttpd::jmap
