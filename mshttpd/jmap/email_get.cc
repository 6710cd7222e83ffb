// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <utility>

#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/email_properties.h"
#include "mshttpd/jmap/email_render.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// The messages of an account.
class AccountSource final : public EmailSource {
 public:
  explicit AccountSource(backend::MailHost& host) : host_(host) {}

  Result<backend::Messages> messages(std::span<const backend::Id> ids,
                                     std::span<const imap::FetchAttribute> items) override {
    return host_.messages(ids, items);
  }
  Result<backend::Source> text(const backend::Id& email, const imap::Section& section,
                               bool decoded) override {
    return host_.text(email, section, decoded);
  }
  [[nodiscard]] bool binary() const override { return host_.abilities().binary; }
  [[nodiscard]] std::string partBlob(const backend::Id& email, const PartNumber& part) const override {
    return partBlobId(email, part);
  }
  [[nodiscard]] std::string messageBlob(const backend::Id& email) const override {
    return messageBlobId(email);
  }

 private:
  backend::MailHost& host_;
};

/// `ids` null: all, unless they are more than one call may get.
std::optional<Failure> allIds(const Call& call, backend::MailHost& host, std::vector<std::string>& ids) {
  imap::jmap::QueryArgs query;
  query.limit = call.limits().maxObjectsInGet + 1;
  auto found = host.query(query);
  if (!found.ok()) return failureOf(found.error());
  if (found->ids.size() > call.limits().maxObjectsInGet) return tooManyObjects(call);
  ids = std::move(found->ids);
  return std::nullopt;
}

Result<backend::Messages> fetch(backend::MailHost& host, const std::vector<std::string>& ids,
                                const EmailProperties& wanted) {
  if (!ids.empty()) return host.messages(ids, attributesFor(wanted));
  PH_TRY(backend::State state, host.state());
  return backend::Messages{std::move(state), {}, {}};
}

}  // namespace

Answer emailGet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  GetArgs get;
  if (const auto refused = readGetArgs(call, args, {}, get)) return *refused;
  const auto wanted = readEmailProperties(args, EmailMethod::Get);
  if (!wanted.ok()) return wanted.error();
  if (get.all) {
    if (const auto refused = allIds(call, *account->host, get.ids)) return *refused;
  }
  const auto messages = fetch(*account->host, get.ids, *wanted);
  if (!messages.ok()) return messages.error();
  AccountSource source(*account->host);
  auto emails = renderEmails(source, *wanted, messages->messages);
  if (!emails.ok()) return emails.error();
  Json list = Json::array();
  std::set<std::string> shown;
  for (auto& [id, email] : *emails) {
    shown.insert(id);
    list.push_back(std::move(email));
  }
  for (std::string& id : get.ids) {
    if (!get.all && shown.count(id) == 0) get.notFound.push_back(std::move(id));
  }
  return getResponse(account->id, messages->state, std::move(list), get.notFound);
}

}  // namespace posthorn::mshttpd::jmap
