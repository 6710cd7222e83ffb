// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/identities.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "mshttpd/jmap/address_text.h"

namespace posthorn::mshttpd::jmap {

namespace {

constexpr const char* kEntry = "/private/vendor/posthorn/identities";
constexpr std::size_t kMostOwnAddresses = 100;

std::string hex(std::uint64_t number) {
  Bytes raw;
  putBe(raw, number);
  return toHex(raw);
}

Json identity(const std::string& id, const std::string& name, const std::string& email, bool mayDelete) {
  return {{"id", id},       {"name", name},        {"email", email},      {"replyTo", nullptr},
          {"bcc", nullptr}, {"textSignature", ""}, {"htmlSignature", ""}, {"mayDelete", mayDelete}};
}

/// What was kept replaces what stands there.
void overlay(Json& object, const Json& kept) {
  for (const char* property : {"name", "replyTo", "bcc", "textSignature", "htmlSignature"})
    if (const auto found = kept.find(property); found != kept.end()) object[property] = *found;
}

}  // namespace

std::string Identities::idOf(const std::string& address) {
  return "a" + hex(stableHash(ascii::toLower(address)));
}

Result<Identities> Identities::read(const Caller& caller, backend::MailHost& host) {
  PH_TRY(KeptObjects kept, KeptObjects::read(host, kEntry, {}));
  return Identities(caller, std::move(kept));
}

Identities::Identities(const Caller& caller, KeptObjects kept) : kept_(std::move(kept)) {
  std::string known = caller.name;
  for (const std::string& address : caller.addresses) {
    if (list_.size() == kMostOwnAddresses) break;
    known.append("\n").append(address);
    Json object = identity(idOf(address), caller.name, address, false);
    if (const Json* set = kept_.find(idOf(address))) overlay(object, *set);
    list_.push_back(std::move(object));
  }
  suffix_ = "-" + hex(stableHash(known));
  for (const auto& [id, set] : kept_.objects()) {
    const auto email = set.find("email");
    if (email == set.end() || !email->is_string()) continue;
    Json object = identity(id, "", email->get<std::string>(), true);
    overlay(object, set);
    list_.push_back(std::move(object));
  }
}

const Json* Identities::find(const std::string& id) const {
  const auto found =
      std::find_if(list_.begin(), list_.end(), [&](const Json& one) { return one.at("id") == id; });
  return found != list_.end() ? &*found : nullptr;
}

bool maySendFrom(const Caller& caller, std::string_view address) {
  const std::size_t at = address.rfind('@');
  const std::string whole = at == std::string_view::npos ? "" : "*" + std::string(address.substr(at));
  return !address.empty() &&
         std::any_of(caller.addresses.begin(), caller.addresses.end(), [&](const std::string& own) {
           return sameAddress(own, address) || (!whole.empty() && sameAddress(own, whole));
         });
}

const Call::Account* senderAccount(Call& call, const Json& args, Failure& failure) {
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr || account->own) return account;
  failure = {"accountNotSupportedByMethod", "Mail is sent from your own account."};
  return nullptr;
}

}  // namespace posthorn::mshttpd::jmap
