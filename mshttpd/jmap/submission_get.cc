// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/dates.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/identities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/query.h"
#include "mshttpd/jmap/submissions.h"

namespace posthorn::mshttpd::jmap {

namespace {

constexpr const char* kEntry = "/private/vendor/posthorn/submissions";
constexpr std::string_view kProperties[] = {"id",         "identityId", "emailId",    "threadId",
                                            "envelope",   "sendAt",     "undoStatus", "deliveryStatus",
                                            "dsnBlobIds", "mdnBlobIds"};

std::string textOf(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::int64_t sentAt(const Json& object) {
  return parseUtcDate(textOf(object, "sendAt")).value_or(0);
}

bool isIdList(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& one) { return one.is_string(); });
}

std::optional<Failure> checkCondition(const Json& condition) {
  for (const auto& [key, value] : condition.items()) {
    if (value.is_null()) continue;
    const bool ids = key == "identityIds" || key == "emailIds" || key == "threadIds";
    const bool date = key == "before" || key == "after";
    if (!ids && !date && key != "undoStatus")
      return Failure{"unsupportedFilter", "There is no condition " + key.substr(0, 100) + "."};
    const bool good = ids    ? isIdList(value)
                      : date ? value.is_string() && parseUtcDate(value.get<std::string>())
                             : value.is_string();
    if (!good) return Failure{"invalidArguments", key + " in the filter has a wrong value"};
  }
  return std::nullopt;
}

bool matchesCondition(const Json& condition, const Json& object) {
  for (const auto& [key, value] : condition.items()) {
    if (value.is_null()) continue;
    const std::string property = key == "identityIds" ? "identityId"
                                 : key == "emailIds"  ? "emailId"
                                 : key == "threadIds" ? "threadId"
                                                      : "";
    bool holds = true;
    if (!property.empty())
      holds = std::find(value.begin(), value.end(), textOf(object, property.c_str())) != value.end();
    else if (key == "undoStatus")
      holds = value == "final";
    else
      holds = key == "before" ? sentAt(object) < *parseUtcDate(value.get<std::string>())
                              : sentAt(object) >= *parseUtcDate(value.get<std::string>());
    if (!holds) return false;
  }
  return true;
}

int compare(const Json& a, const Json& b, const SortBy& by) {
  if (by.property == "sentAt") return sentAt(a) < sentAt(b) ? -1 : sentAt(a) > sentAt(b) ? 1 : 0;
  return textOf(a, by.property.c_str()).compare(textOf(b, by.property.c_str()));
}

std::vector<std::string> results(const KeptObjects& kept, const FilterAndSort& wish) {
  std::vector<const KeptObjects::Object*> found;
  for (const KeptObjects::Object& one : kept.objects())
    if (matchesFilter(wish.filter,
                      [&](const Json& condition) { return matchesCondition(condition, one.second); }))
      found.push_back(&one);
  std::stable_sort(found.begin(), found.end(), [&](const auto* a, const auto* b) {
    for (const SortBy& by : wish.sort) {
      const int order = compare(a->second, b->second, by);
      if (order != 0) return by.ascending ? order < 0 : order > 0;
    }
    return false;
  });
  std::vector<std::string> ids;
  for (const auto* one : found) ids.push_back(one->first);
  return ids;
}

/// What all four methods begin with; a failure, or the account and its records.
struct Records {
  const Call::Account* account = nullptr;
  std::optional<KeptObjects> kept;
  Failure failure;
};
Records open(Call& call, const Json& args) {
  Records out;
  out.account = senderAccount(call, args, out.failure);
  if (out.account == nullptr) return out;
  Result<KeptObjects> kept = readSubmissions(*out.account->host);
  if (kept.ok())
    out.kept = std::move(*kept);
  else
    out.failure = failureOf(kept.error());
  return out;
}

}  // namespace

Result<KeptObjects> readSubmissions(backend::MailHost& host) {
  return KeptObjects::read(host, kEntry, {.dropOldest = true});
}

void dropOldSubmissions(KeptObjects& kept, Wall now) {
  std::vector<std::string> old;
  for (const auto& [id, object] : kept.objects())
    if (sentAt(object) < secondsOf(now) - kSubmissionSeconds) old.push_back(id);
  for (const std::string& id : old) kept.remove(id);
}

Json submissionObject(const std::string& id, const Json& kept) {
  Json out = {{"id", id}};
  for (const char* property : {"identityId", "emailId", "threadId", "envelope", "sendAt"})
    out[property] = kept.contains(property) ? kept.at(property) : Json(nullptr);
  out["undoStatus"] = "final";
  out["deliveryStatus"] = kept.contains("deliveryStatus") ? kept.at("deliveryStatus") : Json(nullptr);
  out["dsnBlobIds"] = Json::array();
  out["mdnBlobIds"] = Json::array();
  return out;
}

/// EmailSubmission/get (RFC 8621 7.1).
Answer submissionGet(Call& call, const Json& args) {
  const Records records = open(call, args);
  if (!records.kept) return records.failure;
  GetArgs wanted;
  if (auto wrong = readGetArgs(call, args, kProperties, wanted)) return *wrong;
  std::vector<std::string> ids = wanted.ids;
  if (wanted.all)
    for (const auto& [id, object] : records.kept->objects()) ids.push_back(id);
  Json list = Json::array();
  for (const std::string& id : ids) {
    const Json* kept = records.kept->find(id);
    if (kept == nullptr) {
      wanted.notFound.push_back(id);
      continue;
    }
    Json object = Json::object();
    const Json whole = submissionObject(id, *kept);
    for (const auto& [key, value] : whole.items())
      if (wanted.wants(key)) object[key] = value;
    list.push_back(std::move(object));
  }
  return getResponse(records.account->id, records.kept->state(), std::move(list), wanted.notFound);
}

/// EmailSubmission/changes (RFC 8621 7.2).
Answer submissionChanges(Call& call, const Json& args) {
  const Records records = open(call, args);
  if (!records.kept) return records.failure;
  return keptChanges(records.account->id, args, *records.kept);
}

/// EmailSubmission/query (RFC 8621 7.3).
Answer submissionQuery(Call& call, const Json& args) {
  const Records records = open(call, args);
  if (!records.kept) return records.failure;
  FilterAndSort wish;
  if (auto wrong = readFilterAndSort(args, checkCondition, {"emailId", "threadId", "sentAt"}, wish))
    return *wrong;
  const Result<QueryWindow> window = readQueryWindow(args);
  if (!window.ok()) return window.error();
  return queryResponse(records.account->id, records.kept->state(), true, *window,
                       results(*records.kept, wish));
}

/// EmailSubmission/queryChanges (RFC 8621 7.4).
Answer submissionQueryChanges(Call& call, const Json& args) {
  const Records records = open(call, args);
  if (!records.kept) return records.failure;
  FilterAndSort wish;
  if (auto wrong = readFilterAndSort(args, checkCondition, {"emailId", "threadId", "sentAt"}, wish))
    return *wrong;
  const Result<QueryChangesArgs> wanted = readQueryChanges(args);
  if (!wanted.ok()) return wanted.error();
  const auto changes = records.kept->since(wanted->since, 0);
  if (!changes) return Failure{"cannotCalculateChanges", "That state is not remembered."};
  QueryDelta delta;
  delta.newState = records.kept->state();
  delta.results = results(*records.kept, wish);
  for (const auto* ids : {&changes->created, &changes->updated, &changes->destroyed})
    delta.maybe.insert(ids->begin(), ids->end());
  delta.immutable = true;
  return queryChangesResponse(records.account->id, *wanted, delta);
}

}  // namespace posthorn::mshttpd::jmap
