// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/identities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/query.h"
#include "mshttpd/jmap/set.h"

// ShareNotifications (RFC 9670 3): this server keeps none (3.1 leaves their number to it), so that every user
// has an empty list that never changes. What is shared shows as an account of the session.

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::string_view kProperties[] = {"id",         "created",         "changedBy",
                                            "objectType", "objectAccountId", "objectId",
                                            "name",       "oldRights",       "newRights"};
constexpr const char* kState = "0";

/// What all of them begin with; a failure, or the account.
struct Begun {
  const Call::Account* account = nullptr;
  Failure failure;
};
Begun begin(Call& call, const Json& args) {
  Begun out;
  out.account = senderAccount(call, args, out.failure);
  return out;
}

}  // namespace

/// ShareNotification/get (RFC 9670 3.3).
Answer shareNotificationGet(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (begun.account == nullptr) return begun.failure;
  GetArgs wanted;
  if (auto wrong = readGetArgs(call, args, kProperties, wanted)) return *wrong;
  wanted.notFound.insert(wanted.notFound.end(), wanted.ids.begin(), wanted.ids.end());
  return getResponse(begun.account->id, kState, Json::array(), wanted.notFound);
}

/// ShareNotification/changes (RFC 9670 3.4).
Answer shareNotificationChanges(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (begun.account == nullptr) return begun.failure;
  const Result<std::string> since = stateArgument(args, "sinceState");
  if (!since.ok()) return since.error();
  if (*since != kState) return Failure{"cannotCalculateChanges", "There is no such state."};
  return Json{{"accountId", begun.account->id}, {"oldState", kState},       {"newState", kState},
              {"hasMoreChanges", false},        {"created", Json::array()}, {"updated", Json::array()},
              {"destroyed", Json::array()}};
}

/// ShareNotification/set (RFC 9670 3.5).
Answer shareNotificationSet(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (begun.account == nullptr) return begun.failure;
  SetArgs wanted;
  if (auto wrong = readSetArgs(call, args, wanted)) return *wrong;
  if (wanted.ifInState && *wanted.ifInState != kState)
    return Failure{"stateMismatch", "There is no such state."};
  const Json forbidden = setError("forbidden", "Notifications are made by the server.");
  SetReply reply;
  for (const auto& [creationId, object] : wanted.create) reply.notCreated(creationId, forbidden);
  for (const SetArgs::Update& one : wanted.update) reply.notUpdated(one.named, forbidden);
  for (const SetArgs::Update& one : wanted.destroy) reply.notDestroyed(one.named, setError("notFound"));
  return Answer(reply.arguments(begun.account->id, kState, kState));
}

/// ShareNotification/query (RFC 9670 3.6).
Answer shareNotificationQuery(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (begun.account == nullptr) return begun.failure;
  const Result<QueryWindow> window = readQueryWindow(args);
  if (!window.ok()) return window.error();
  return queryResponse(begun.account->id, kState, true, *window, {});
}

/// ShareNotification/queryChanges (RFC 9670 3.7).
Answer shareNotificationQueryChanges(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (begun.account == nullptr) return begun.failure;
  const Result<QueryChangesArgs> wanted = readQueryChanges(args);
  if (!wanted.ok()) return wanted.error();
  if (wanted->since != kState) return Failure{"cannotCalculateChanges", "There is no such state."};
  QueryDelta delta;
  delta.newState = kState;
  return queryChangesResponse(begun.account->id, *wanted, delta);
}

}  // namespace posthorn::mshttpd::jmap
