// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string_view>
#include <utility>

#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::string_view kProperties[] = {"id", "emailIds"};

/// `ids` null: the threads of all messages, unless they are more than one call may get.
std::optional<Failure> allIds(const Call& call, backend::MailHost& host, std::vector<std::string>& ids) {
  imap::jmap::QueryArgs query;
  query.collapseThreads = true;
  query.limit = call.limits().maxObjectsInGet + 1;
  const auto found = host.query(query);
  if (!found.ok()) return failureOf(found.error());
  if (found->ids.size() > call.limits().maxObjectsInGet) return tooManyObjects(call);
  if (found->ids.empty()) return std::nullopt;
  const auto messages = host.messages(found->ids, {});
  if (!messages.ok()) return failureOf(messages.error());
  std::set<std::string> seen;
  for (const backend::Message& message : messages->messages) {
    if (seen.insert(message.threadId).second) ids.push_back(message.threadId);
  }
  return std::nullopt;
}

Result<backend::Threads> fetch(backend::MailHost& host, const std::vector<std::string>& ids) {
  if (!ids.empty()) return host.threads(ids);
  PH_TRY(backend::State state, host.state());
  return backend::Threads{std::move(state), {}, {}};
}

}  // namespace

Answer threadGet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  GetArgs get;
  if (const auto refused = readGetArgs(call, args, kProperties, get)) return *refused;
  if (get.all) {
    if (const auto refused = allIds(call, *account->host, get.ids)) return *refused;
  }
  const auto threads = fetch(*account->host, get.ids);
  if (!threads.ok()) return threads.error();
  Json list = Json::array();
  for (const imap::jmap::ThreadInfo& thread : threads->threads) {
    Json one = Json::object();
    one["id"] = thread.id;
    if (get.wants("emailIds")) one["emailIds"] = thread.emails;
    list.push_back(std::move(one));
  }
  if (!get.all) get.notFound.insert(get.notFound.end(), threads->unknown.begin(), threads->unknown.end());
  return getResponse(account->id, threads->state, std::move(list), get.notFound);
}

}  // namespace posthorn::mshttpd::jmap
