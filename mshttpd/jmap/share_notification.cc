// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>

#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/dates.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/identities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/query.h"
#include "mshttpd/jmap/set.h"
#include "mshttpd/jmap/share_notices.h"

// ShareNotifications (RFC 9670 3) over what share_notices.h keeps.

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::string_view kProperties[] = {"id",         "created",         "changedBy",
                                            "objectType", "objectAccountId", "objectId",
                                            "name",       "oldRights",       "newRights"};

/// What all of them begin with; a failure, or the account and its notices.
struct Begun {
  const Call::Account* account = nullptr;
  std::optional<KeptObjects> kept;
  Failure failure;
};
Begun begin(Call& call, const Json& args) {
  Begun out;
  out.account = senderAccount(call, args, out.failure);
  if (out.account == nullptr) return out;
  Result<KeptObjects> kept = readShareNotices(*out.account->host);
  if (kept.ok())
    out.kept = std::move(*kept);
  else
    out.failure = failureOf(kept.error());
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

std::int64_t createdAt(const Json& notice) {
  const auto text = notice.find("created");
  if (text == notice.end() || !text->is_string()) return 0;
  return parseUtcDate(text->get_ref<const std::string&>()).value_or(0);
}

bool matches(const Json& condition, const Json& notice) {
  for (const auto& [key, value] : condition.items()) {
    if (value.is_null()) continue;
    bool fits = true;
    if (key == "after" || key == "before") {
      const std::int64_t than = parseUtcDate(value.get<std::string>()).value_or(0);
      fits = key == "after" ? createdAt(notice) >= than : createdAt(notice) < than;
    } else {
      fits = notice.value(key, Json()) == value;
    }
    if (!fits) return false;
  }
  return true;
}

std::vector<std::string> run(const KeptObjects& kept, const FilterAndSort& wish) {
  std::vector<const KeptObjects::Object*> found;
  for (const KeptObjects::Object& one : kept.objects())
    if (matchesFilter(wish.filter, [&](const Json& condition) { return matches(condition, one.second); }))
      found.push_back(&one);
  // Those of one second stand in the order in which they came.
  if (!wish.sort.empty()) {
    const bool ascending = wish.sort.front().ascending;
    std::stable_sort(found.begin(), found.end(), [&](const auto* a, const auto* b) {
      return ascending ? createdAt(a->second) < createdAt(b->second)
                       : createdAt(b->second) < createdAt(a->second);
    });
  }
  std::vector<std::string> ids;
  for (const auto* one : found) ids.push_back(one->first);
  return ids;
}

}  // namespace

/// ShareNotification/get (RFC 9670 3.3).
Answer shareNotificationGet(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (!begun.kept) return begun.failure;
  GetArgs wanted;
  if (auto wrong = readGetArgs(call, args, kProperties, wanted)) return *wrong;
  if (wanted.all)
    for (const auto& [id, notice] : begun.kept->objects()) wanted.ids.push_back(id);
  Json list = Json::array();
  for (const std::string& id : wanted.ids) {
    const Json* notice = begun.kept->find(id);
    if (notice == nullptr) {
      wanted.notFound.push_back(id);
      continue;
    }
    Json object = {{"id", id}};
    for (const std::string_view property : kProperties)
      if (property != "id" && wanted.wants(property))
        object[std::string(property)] = notice->value(std::string(property), Json());
    list.push_back(std::move(object));
  }
  return getResponse(begun.account->id, begun.kept->state(), std::move(list), wanted.notFound);
}

/// ShareNotification/changes (RFC 9670 3.4).
Answer shareNotificationChanges(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (!begun.kept) return begun.failure;
  return keptChanges(begun.account->id, args, *begun.kept);
}

/// ShareNotification/set (RFC 9670 3.5): they are dismissed, nothing else.
Answer shareNotificationSet(Call& call, const Json& args) {
  Begun begun = begin(call, args);
  if (!begun.kept) return begun.failure;
  SetArgs wanted;
  if (auto wrong = readSetArgs(call, args, wanted)) return *wrong;
  const std::string oldState = begun.kept->state();
  if (wanted.ifInState && *wanted.ifInState != oldState)
    return Failure{"stateMismatch", "The notifications are in another state."};
  const Json forbidden = setError("forbidden", "Notifications are made by the server.");
  SetReply reply;
  for (const auto& [creationId, object] : wanted.create) reply.notCreated(creationId, forbidden);
  for (const SetArgs::Update& one : wanted.update) reply.notUpdated(one.named, forbidden);
  for (const SetArgs::Update& one : wanted.destroy) {
    if (begun.kept->remove(one.id))
      reply.destroyed(one.id);
    else
      reply.notDestroyed(one.named, setError("notFound", "There is no such notification."));
  }
  const Status saved = begun.kept->save(*begun.account->host);
  if (!saved.ok() && saved.error().code == Errc::Conflict)
    return Failure{"serverUnavailable", "A notification came at the same moment. Try again."};
  if (!saved.ok()) return failureOf(saved.error());
  return Answer(reply.arguments(begun.account->id, oldState, begun.kept->state()));
}

/// ShareNotification/query (RFC 9670 3.6).
Answer shareNotificationQuery(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (!begun.kept) return begun.failure;
  FilterAndSort wish;
  if (auto wrong = readFilterAndSort(args, checkCondition, {"created"}, wish)) return *wrong;
  const Result<QueryWindow> window = readQueryWindow(args);
  if (!window.ok()) return window.error();
  return queryResponse(begun.account->id, begun.kept->state(), true, *window, run(*begun.kept, wish));
}

/// ShareNotification/queryChanges (RFC 9670 3.7).
Answer shareNotificationQueryChanges(Call& call, const Json& args) {
  const Begun begun = begin(call, args);
  if (!begun.kept) return begun.failure;
  FilterAndSort wish;
  if (auto wrong = readFilterAndSort(args, checkCondition, {"created"}, wish)) return *wrong;
  const Result<QueryChangesArgs> wanted = readQueryChanges(args);
  if (!wanted.ok()) return wanted.error();
  const auto changes = begun.kept->since(wanted->since, 0);
  if (!changes) return Failure{"cannotCalculateChanges", "That state is not remembered."};
  QueryDelta delta;
  delta.newState = begun.kept->state();
  delta.results = run(*begun.kept, wish);
  delta.immutable = true;
  for (const auto* ids : {&changes->created, &changes->updated, &changes->destroyed})
    delta.maybe.insert(ids->begin(), ids->end());
  return queryChangesResponse(begun.account->id, *wanted, delta);
}

}  // namespace posthorn::mshttpd::jmap
