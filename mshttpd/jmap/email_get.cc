// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/email_properties.h"
#include "mshttpd/jmap/email_render.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// Messages that are opened in one go, and what their texts may weigh in all.
constexpr std::size_t kHeavyMessages = 100;
constexpr std::size_t kMaxOctets = std::size_t{64} << 20;

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

/// Whether messages are opened for it: then not all of them are held at a time.
bool heavy(const EmailProperties& wanted) {
  return wanted.wants("headers") || wanted.wants("bodyValues") || !wanted.envelopeIsEnough();
}

/// What has been made of the messages so far.
struct Gathered {
  backend::State state;  ///< before the first of them
  Json list = Json::array();
  std::set<std::string> shown;
  std::size_t octets = 0;
};

Status gather(backend::MailHost& host, std::span<const std::string> ids, const EmailProperties& wanted,
              Gathered& out) {
  PH_TRY(const backend::Messages messages, host.messages(ids, attributesFor(wanted)));
  if (out.state.empty()) out.state = messages.state;
  for (const backend::Message& message : messages.messages) {
    for (const imap::FetchItem& item : message.items) out.octets += item.text ? item.text->size() : 0;
  }
  if (out.octets > kMaxOctets) return makeError(Errc::TooBig, "so much is not read at once");
  AccountSource source(host);
  PH_TRY(RenderedEmails emails, renderEmails(source, wanted, messages.messages));
  for (auto& [id, email] : emails) {
    out.shown.insert(id);
    out.octets += weightOf(email, kMaxOctets);
    out.list.push_back(std::move(email));
  }
  if (out.octets > kMaxOctets) return makeError(Errc::TooBig, "so much is not read at once");
  return {};
}

Result<Gathered> gatherAll(backend::MailHost& host, std::span<const std::string> ids,
                           const EmailProperties& wanted) {
  Gathered out;
  if (ids.empty()) {
    PH_TRY(out.state, host.state());
  }
  const std::size_t most = heavy(wanted) ? kHeavyMessages : ids.size();
  while (!ids.empty()) {
    const auto some = ids.first(std::min(ids.size(), most));
    PH_CHECK(gather(host, some, wanted, out));
    ids = ids.subspan(some.size());
  }
  return out;
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
  auto emails = gatherAll(*account->host, get.ids, *wanted);
  if (!emails.ok() && emails.error().code == Errc::TooBig)
    return Failure{"requestTooLarge", "ask for fewer messages, or for less of them"};
  if (!emails.ok()) return emails.error();
  for (std::string& id : get.ids) {
    if (!get.all && emails->shown.count(id) == 0) get.notFound.push_back(std::move(id));
  }
  return getResponse(account->id, emails->state, std::move(emails->list), get.notFound);
}

}  // namespace posthorn::mshttpd::jmap
