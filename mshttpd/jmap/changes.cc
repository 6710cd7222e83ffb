// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/changes.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/mailbox_tree.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {

using imap::jmap::DataType;

Failure changesFailure(const Error& error) {
  const bool unknown =
      error.code == Errc::Unsupported || error.code == Errc::Conflict || error.code == Errc::Invalid;
  if (!unknown) return failureOf(error);
  return {"cannotCalculateChanges", error.client.empty() ? "that state is not known any more" : error.client};
}

Result<std::uint32_t> maxChangesArgument(const Json& args) {
  PH_TRY(const auto most, unsignedArgument(args, "maxChanges"));
  if (most && *most == 0) return invalidArgument("maxChanges", "must be above 0");
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(most.value_or(0), std::numeric_limits<std::uint32_t>::max()));
}

Result<std::string> stateArgument(const Json& args, const char* name) {
  PH_TRY(auto state, stringArgument(args, name));
  if (!state) return invalidArgument(name, "must be a state");
  return std::move(*state);
}

namespace {

/// Adds the mailboxes whose parent came or went. cannotCalculateChanges where they are too many.
std::optional<Failure> addMoved(backend::MailHost& host, std::uint32_t most, backend::Changes& changes) {
  if (changes.created.empty() && changes.destroyed.empty()) return std::nullopt;
  auto list = host.mailboxes();
  if (!list.ok()) return failureOf(list.error());
  std::set<backend::Id> moved = movedBy(changes, MailboxTree(std::move(list->mailboxes)));
  for (const backend::Id& known : changes.updated) moved.erase(known);
  if (moved.empty()) return std::nullopt;
  changes.updated.insert(changes.updated.end(), moved.begin(), moved.end());
  changes.countsOnly = false;
  const std::size_t all = changes.created.size() + changes.updated.size() + changes.destroyed.size();
  if (most == 0 || all <= most) return std::nullopt;
  return Failure{"cannotCalculateChanges", "one step of these changes is more than maxChanges"};
}

}  // namespace

Answer changesOf(Call& call, const Json& args, DataType type) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  const auto since = stateArgument(args, "sinceState");
  if (!since.ok()) return since.error();
  const auto most = maxChangesArgument(args);
  if (!most.ok()) return most.error();
  auto changes = account->host->changes(type, *since, *most);
  if (!changes.ok()) return changesFailure(changes.error());
  if (type == DataType::Mailbox) {
    if (auto refused = addMoved(*account->host, *most, *changes)) return std::move(*refused);
  }
  Json out = Json::object();
  out["accountId"] = account->id;
  out["oldState"] = *since;
  out["newState"] = changes->newState;
  out["hasMoreChanges"] = changes->more;
  out["created"] = changes->created;
  out["updated"] = changes->updated;
  out["destroyed"] = changes->destroyed;
  if (type == DataType::Mailbox) {
    out["updatedProperties"] = nullptr;
    if (changes->countsOnly && !changes->updated.empty())
      out["updatedProperties"] = {"totalEmails", "unreadEmails", "totalThreads", "unreadThreads"};
  }
  return out;
}

Answer emailChanges(Call& call, const Json& args) {
  return changesOf(call, args, DataType::Email);
}

Answer threadChanges(Call& call, const Json& args) {
  return changesOf(call, args, DataType::Thread);
}

Answer mailboxChanges(Call& call, const Json& args) {
  return changesOf(call, args, DataType::Mailbox);
}

}  // namespace posthorn::mshttpd::jmap
