// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/email_filter.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/query.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// Ids of one answer; a client that wants more asks for the next window.
constexpr std::uint64_t kMaxIds = 10'000;
/// Results and changes that a queryChanges is worked out of.
constexpr std::uint32_t kMaxResults = 100'000;
constexpr std::size_t kMaxAround = 4000;  // ids of one list that a back end takes

imap::jmap::QueryArgs queryOf(const EmailSearch& search) {
  imap::jmap::QueryArgs out;
  out.filter = search.filter;
  out.sort = search.sort;
  out.collapseThreads = search.collapseThreads;
  return out;
}

Failure queryFailure(const Error& error) {
  if (error.code == Errc::NotFound) return {"anchorNotFound", "the anchor is not among the results"};
  if (error.code == Errc::Unsupported || error.code == Errc::Invalid || error.code == Errc::Limit)
    return {"unsupportedFilter", error.client.empty() ? "the mail server cannot search so" : error.client};
  return failureOf(error);
}

/// The other messages of the threads that something has happened in: with collapsed threads, or where a
/// keyword of one decides about all.
Status addAround(backend::MailHost& host, const std::string& since, const backend::Changes& changes,
                 std::set<std::string>& maybe) {
  PH_TRY(const backend::Changes threads, host.changes(imap::jmap::DataType::Thread, since, 0));
  std::set<std::string> touched(threads.updated.begin(), threads.updated.end());
  touched.insert(threads.created.begin(), threads.created.end());
  std::vector<backend::Id> changed = changes.created;
  changed.insert(changed.end(), changes.updated.begin(), changes.updated.end());
  if (changed.size() > kMaxAround) return makeError(Errc::Unsupported, "too much has changed");
  if (!changed.empty()) {
    PH_TRY(const backend::Messages messages, host.messages(changed, {}));
    for (const backend::Message& message : messages.messages) touched.insert(message.threadId);
  }
  if (touched.size() > kMaxAround) return makeError(Errc::Unsupported, "too much has changed");
  if (touched.empty()) return {};
  const std::vector<backend::Id> ids(touched.begin(), touched.end());
  PH_TRY(const backend::Threads around, host.threads(ids));
  for (const imap::jmap::ThreadInfo& thread : around.threads)
    maybe.insert(thread.emails.begin(), thread.emails.end());
  return {};
}

Result<QueryDelta> deltaOf(backend::MailHost& host, const EmailSearch& search, const std::string& since) {
  imap::jmap::QueryArgs query = queryOf(search);
  query.limit = kMaxResults + 1;
  PH_TRY(backend::Found found, host.query(query));
  if (found.ids.size() > kMaxResults) return makeError(Errc::Unsupported, "there are too many results");
  // Asked behind the results: what changes in between is told as changed, and at worst once more.
  PH_TRY(const backend::Changes changes, host.changes(imap::jmap::DataType::Email, since, 0));
  QueryDelta out;
  out.newState = std::move(found.state);
  out.results = std::move(found.ids);
  out.immutable = search.immutable && !search.collapseThreads;
  out.maybe.insert(changes.destroyed.begin(), changes.destroyed.end());
  out.maybe.insert(changes.created.begin(), changes.created.end());
  // A message's other properties never change.
  if (!out.immutable) out.maybe.insert(changes.updated.begin(), changes.updated.end());
  if (search.collapseThreads || search.looksAround) {
    PH_CHECK(addAround(host, since, changes, out.maybe));
  }
  return out;
}

}  // namespace

Answer emailQuery(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  EmailSearch search;
  if (const auto refused = readEmailSearch(args, search)) return *refused;
  const auto window = readQueryWindow(args);
  if (!window.ok()) return window.error();
  imap::jmap::QueryArgs query = queryOf(search);
  query.position = window->position;
  query.anchor = window->anchor;
  query.anchorOffset = window->anchor ? window->anchorOffset : 0;
  query.total = window->total;
  const std::uint64_t limit = std::min(window->limit.value_or(kMaxIds), kMaxIds);
  query.limit = static_cast<std::uint32_t>(limit);
  const auto found = account->host->query(query);
  if (!found.ok()) return queryFailure(found.error());
  Json out = Json::object();
  out["accountId"] = account->id;
  out["queryState"] = found->state;
  out["canCalculateChanges"] = account->host->abilities().changes;
  out["position"] = found->position;
  out["ids"] = found->ids;
  if (window->total) out["total"] = found->total.value_or(found->ids.size());
  // Told where it is another one than asked for (RFC 8620 5.5).
  const bool other = window->limit ? *window->limit > kMaxIds : found->ids.size() >= kMaxIds;
  if (other) out["limit"] = kMaxIds;
  return out;
}

Answer emailQueryChanges(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  EmailSearch search;
  if (const auto refused = readEmailSearch(args, search)) return *refused;
  const auto wanted = readQueryChanges(args);
  if (!wanted.ok()) return wanted.error();
  const auto delta = deltaOf(*account->host, search, wanted->since);
  if (!delta.ok()) return changesFailure(delta.error());
  return queryChangesResponse(account->id, *wanted, *delta);
}

}  // namespace posthorn::mshttpd::jmap
