// SPDX-License-Identifier: Apache-2.0
#include "imapd/listing.h"

#include <algorithm>

#include "common/store/reader.h"

namespace posthorn::imapd {
namespace {

std::string_view literalOf(std::string_view pattern) {
  return pattern.substr(0, pattern.find_first_of("*%"));
}

bool reachesOthers(std::string_view pattern) {
  const std::string_view literal = literalOf(pattern);
  return kOthersPrefix.starts_with(literal) || literal.starts_with(kOthersPrefix);
}

/// "anna" of "Shared Folders/User/anna/*": who names an owner needs no hint.
std::string_view ownerNamed(std::string_view pattern) {
  std::string_view literal = literalOf(pattern);
  if (!literal.starts_with(kOthersPrefix)) return {};
  literal.remove_prefix(kOthersPrefix.size());
  const auto slash = literal.find('/');
  return slash == std::string_view::npos ? std::string_view() : literal.substr(0, slash);
}

std::vector<std::string> ownersFor(const Mail& mail, const std::vector<std::string>& patterns) {
  if (!mail.others || std::none_of(patterns.begin(), patterns.end(), reachesOthers)) return {};
  std::vector<std::string> owners = sharersFor(mail);
  for (const std::string& pattern : patterns)
    if (const auto owner = ownerNamed(pattern); !owner.empty() && owner != mail.account.id())
      owners.emplace_back(owner);
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  return owners;
}

/// Nothing is shared any more. Somebody may share anew at this moment: then the hint that he has left comes
/// back.
void dropHint(const Mail& mail, const store::AccountHandle& account) {
  if (!store::noteSharer(mail.account, account.id(), false).ok()) return;
  const auto now = visibleIn(mail, account);
  if (now.ok() && !now->empty()) static_cast<void>(store::noteSharer(mail.account, account.id(), true));
}

class Collector {
 public:
  Collector(const Mail& mail, Listing& listing) : mail_(mail), listing_(listing) {
    for (const auto& entry : listing_.entries)
      if (!entry.exists) subscribed_.emplace(entry.name, &entry - listing_.entries.data());
  }

  void take(const std::string& owner) {
    const auto account = accountOf(mail_, owner);
    if (!account.ok()) return;
    const auto visible = visibleIn(mail_, *account);
    if (!visible.ok()) return;
    if (visible->empty()) dropHint(mail_, *account);
    for (const auto& one : *visible)
      if ((one.rights & store::kMayLookUp) != 0) put(*account, one);
  }

 private:
  void put(const store::AccountHandle& account, const store::VisibleMailbox& one) {
    const std::string name = std::string(kOthersPrefix) + account.id() + "/" + one.name;
    const store::MailboxHandle box(account, one.status.number, one.status.uidValidity, one.name);
    listing_.shared.emplace(name, Found{box.as({mail_.account.id(), one.rights}), one.rights});
    store::MailboxEntry entry;
    entry.name = name;
    entry.status = one.status;
    entry.status.specialUse = 0;  // what the owner uses it for is no use of others
    if (const auto known = subscribed_.find(name); known != subscribed_.end()) {
      entry.subscribed = true;
      listing_.entries[static_cast<std::size_t>(known->second)] = std::move(entry);
      return;
    }
    listing_.entries.push_back(std::move(entry));
  }

  const Mail& mail_;
  Listing& listing_;
  std::map<std::string, std::ptrdiff_t> subscribed_;  // places in entries of names without a mailbox
};

}  // namespace

Result<Listing> listingFor(const Mail& mail, const std::vector<std::string>& patterns) {
  Listing listing;
  PH_TRY(listing.entries, mail.account.list());
  const auto owners = ownersFor(mail, patterns);
  if (owners.empty()) return listing;
  Collector collector(mail, listing);
  for (const std::string& owner : owners) collector.take(owner);
  return listing;
}

bool isLevelOfOthers(std::string_view name) {
  return name.starts_with(kOthersPrefix) ||
         (kOthersPrefix.starts_with(name) && kOthersPrefix[name.size()] == '/');
}

}  // namespace posthorn::imapd
