// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "common/imap/types/fetch.h"
#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::array<std::string_view, 3> kTypes{"Email", "Thread", "Mailbox"};

/// The message that holds the blob; nothing when it is an upload or no blob.
Result<std::optional<backend::Message>> holderOf(backend::MailHost& host, const std::string& blobId) {
  const auto blob = parseMailBlobId(blobId);
  if (!blob) return std::optional<backend::Message>();
  PH_TRY(backend::Messages found, host.messages({&blob->email, 1}, {}));
  if (found.messages.empty()) return std::optional<backend::Message>();
  return std::optional(std::move(found.messages.front()));
}

Json idsOf(const backend::Message& message, const std::string& type) {
  if (type == "Email") return Json::array({message.id});
  if (type == "Thread") return Json::array({message.threadId});
  return message.mailboxIds;
}

}  // namespace

/// Blob/lookup (RFC 9404 4.3): which messages, threads and mailboxes hold a blob.
Answer blobLookup(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  PH_TRY(const auto types, stringsArgument(args, "typeNames"));
  PH_TRY(const auto ids, stringsArgument(args, "ids"));
  if (!types) return invalidArgument("typeNames", "must be a list of types");
  if (!ids) return invalidArgument("ids", "must be a list of ids");
  if (ids->size() > call.limits().maxObjectsInGet) return Failure{"requestTooLarge"};
  // All of them are RFC 8621's.
  for (const std::string& type : *types)
    if (!call.uses(kMail) || std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end())
      return Failure{"unknownDataType", type.substr(0, 255) + " holds no blobs here, or is not in using"};

  Json list = Json::array();
  for (const std::string& given : *ids) {
    PH_TRY(const auto holder, holderOf(*account->host, call.resolve(given)));
    Json matched = Json::object();
    for (const std::string& type : *types) matched[type] = holder ? idsOf(*holder, type) : Json::array();
    list.push_back({{"id", given}, {"matchedIds", std::move(matched)}});
  }
  return Json{{"accountId", account->id}, {"list", std::move(list)}};
}

}  // namespace posthorn::mshttpd::jmap
