// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/email_properties.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/parsed_message.h"

namespace posthorn::mshttpd::jmap {
namespace {

enum class Verdict : std::uint8_t { Parsed, NotParsable, NotFound };

/// What only a stored message has (RFC 8621 4.9).
void withoutMetadata(const EmailProperties& wanted, Json& email) {
  if (wanted.wants("id")) {
    email["id"] = nullptr;
  } else {
    email.erase("id");
  }
  for (const char* name : {"threadId", "mailboxIds", "keywords", "receivedAt"}) {
    if (wanted.wants(name)) email[name] = nullptr;
  }
}

Result<Verdict> parseOne(Call& call, const Call::Account& account, const std::string& id,
                         const EmailProperties& wanted, Json& out) {
  auto text = readBlob(call, account, id);
  if (!text.ok() && text.error().code == Errc::NotFound) return Verdict::NotFound;
  if (!text.ok() && text.error().code == Errc::TooBig) return Verdict::NotParsable;
  if (!text.ok()) return text.error();
  ParsedMessage message(std::move(*text), id);
  if (!message.isMessage()) return Verdict::NotParsable;
  const auto fetched = message.messages({}, attributesFor(wanted));
  if (!fetched.ok()) return Verdict::NotParsable;
  auto emails = renderEmails(message, wanted, fetched->messages);
  if (!emails.ok() || emails->empty()) return Verdict::NotParsable;
  out = std::move(emails->front().second);
  withoutMetadata(wanted, out);
  return Verdict::Parsed;
}

Json orNull(Json value) {
  return value.empty() ? Json(nullptr) : std::move(value);
}

}  // namespace

Answer emailParse(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  const auto wanted = readEmailProperties(args, EmailMethod::Parse);
  if (!wanted.ok()) return wanted.error();
  const auto ids = stringsArgument(args, "blobIds");
  if (!ids.ok()) return ids.error();
  if (!*ids) return invalidArgument("blobIds", "must be a list of ids");
  if ((*ids)->size() > call.limits().maxObjectsInGet) return tooManyObjects(call);
  Json parsed = Json::object();
  Json notParsable = Json::array();
  Json notFound = Json::array();
  std::set<std::string> seen;
  for (const std::string& id : **ids) {
    if (!seen.insert(id).second) continue;
    Json email;
    const auto verdict = parseOne(call, *account, call.resolve(id), *wanted, email);
    if (!verdict.ok()) return verdict.error();
    if (*verdict == Verdict::Parsed) parsed[id] = std::move(email);
    if (*verdict == Verdict::NotParsable) notParsable.push_back(id);
    if (*verdict == Verdict::NotFound) notFound.push_back(id);
  }
  Json out = Json::object();
  out["accountId"] = account->id;
  out["parsed"] = orNull(std::move(parsed));
  out["notParsable"] = orNull(std::move(notParsable));
  out["notFound"] = orNull(std::move(notFound));
  return out;
}

}  // namespace posthorn::mshttpd::jmap
