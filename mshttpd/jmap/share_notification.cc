// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/dates.h"
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

std::optional<Failure> checkCondition(const Json& condition) {
  for (const auto& [key, value] : condition.items()) {
    const bool date = key == "after" || key == "before";
    if (!date && key != "objectType" && key != "objectAccountId")
      return Failure{"unsupportedFilter", "There is no condition " + key.substr(0, 100) + "."};
    const bool good = date ? value.is_null() || (value.is_string() && parseUtcDate(value.get<std::string>()))
                           : value.is_string();
    if (!good) return Failure{"invalidArguments", key + " in the filter has a wrong value"};
  }
  return std::nullopt;
}

/// What is wrong with filter and sort: with nothing to find they make no difference.
std::optional<Failure> checkQuery(const Json& args) {
  if (auto wrong = checkFilter(member(args, "filter"), checkCondition)) return wrong;
  std::vector<SortBy> sort;
  if (auto wrong = readSort(args, sort)) return wrong;
  for (const SortBy& by : sort)
    if (by.property != "created") return Failure{"unsupportedSort", "Notifications are sorted by created."};
  return std::nullopt;
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
  if (const auto most = maxChangesArgument(args); !most.ok()) return most.error();
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
  if (auto wrong = checkQuery(args)) return *wrong;
  const Result<QueryWindow> window = readQueryWindow(args);
  if (!window.ok()) return window.error();
  return queryResponse(begun.account->id, kState, true, *window, {});
}

/// ShareNotification/queryChanges (RFC 9670 3.7).
Answer shareNotificationQueryChanges(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (begun.account == nullptr) return begun.failure;
  if (auto wrong = checkQuery(args)) return *wrong;
  const Result<QueryChangesArgs> wanted = readQueryChanges(args);
  if (!wanted.ok()) return wanted.error();
  if (wanted->since != kState) return Failure{"cannotCalculateChanges", "There is no such state."};
  QueryDelta delta;
  delta.newState = kState;
  return queryChangesResponse(begun.account->id, *wanted, delta);
}

}  // namespace posthorn::mshttpd::jmap
