// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "mshttpd/jmap/blob_access.h"
#include "mshttpd/jmap/dates.h"
#include "mshttpd/jmap/email_change.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/message_check.h"
#include "mshttpd/jmap/methods.h"

// The same message may be imported as often as a client wishes: each time it is an email of its own, and
// alreadyExists is never said (RFC 8621 4.8 leaves that to the server).

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::string_view kProperties[] = {"blobId", "mailboxIds", "keywords", "receivedAt"};

bool known(std::string_view property) {
  for (const std::string_view one : kProperties)
    if (one == property) return true;
  return false;
}

/// The email, or a SetError.
std::variant<backend::Appended, Json> importOne(Call& call, const Call::Account& account,
                                                const Json& object) {
  Problems problems;
  Placement placement = readPlacement(call, object, problems);
  for (const auto& [key, value] : object.items())
    if (!known(key)) problems.add(key.substr(0, 100), "is no property of an EmailImport");
  const Json* id = member(object, "blobId");
  if (id == nullptr || !id->is_string()) problems.add("blobId", "must be an id");
  if (!problems.none()) return problems.setError();
  if (Json error = boundsError(placement); !error.is_null()) return error;
  const std::uint64_t most = call.limits().maxSizeUpload;
  const Result<BlobFile> blob = blobFiles(call, account, most)(id->get<std::string>());
  if (!blob.ok()) {
    if (blob.error().code == Errc::TooBig) return messageTooLarge(most);
    const bool missing = blob.error().code == Errc::NotFound || blob.error().code == Errc::Invalid;
    return missing ? setError("invalidProperties", "There is no such blob.", {"blobId"})
                   : setErrorOf(blob.error());
  }
  const Result<ImportFacts> facts = importFacts(*blob);
  if (!facts.ok()) return setErrorOf(facts.error());
  if (!facts->isMessage) return setError("invalidEmail", "The blob does not begin as a message does.");
  if (!placement.receivedAt) placement.receivedAt = facts->received;
  if (!placement.receivedAt) placement.receivedAt = imap::DateTime{secondsOf(call.now()), 0};
  Result<backend::Appended> appended =
      account.host->append({canonical(blob->source()), facts->octets, placement.mailboxes, placement.flags,
                            placement.receivedAt, false});
  if (!appended.ok()) return appendError(appended.error());
  return std::move(*appended);
}

}  // namespace

/// Email/import (RFC 8621 4.8).
Answer emailImport(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  const auto ifInState = stringArgument(args, "ifInState");
  if (!ifInState.ok()) return ifInState.error();
  const Json* emails = member(args, "emails");
  if (emails == nullptr || !emails->is_object()) return invalidArgument("emails", "must be an object");
  if (emails->size() > call.limits().maxObjectsInSet) return tooManyObjects(call);
  for (const auto& [creationId, object] : emails->items())
    if (!isId(creationId) || !object.is_object())
      return invalidArgument("emails", "must hold objects under ids");
  const Result<backend::State> state = account->host->state();
  if (!state.ok()) return state.error();
  if (*ifInState && **ifInState != *state)
    return Failure{"stateMismatch", "The account is in another state."};
  StateSpan states;
  states.begin(*state);
  Json created = Json::object();
  Json notCreated = Json::object();
  for (const auto& [creationId, object] : emails->items()) {
    const auto result = importOne(call, *account, object);
    if (const auto* error = std::get_if<Json>(&result)) {
      notCreated[creationId] = *error;
      continue;
    }
    const auto& appended = std::get<backend::Appended>(result);
    states.step(appended.before, appended.state);
    call.created(creationId, appended.id);
    created[creationId] = createdEmail(appended);
  }
  return Json{{"accountId", account->id},
              {"oldState", states.old()},
              {"newState", states.now()},
              {"created", created.empty() ? Json(nullptr) : std::move(created)},
              {"notCreated", notCreated.empty() ? Json(nullptr) : std::move(notCreated)}};
}

}  // namespace posthorn::mshttpd::jmap
