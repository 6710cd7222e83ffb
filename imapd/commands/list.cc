// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/imap/print/response.h"
#include "imapd/commands/commands.h"
#include "imapd/listing.h"
#include "imapd/mailbox_list.h"
#include "imapd/mailbox_status.h"

namespace posthorn::imapd {
namespace {

using imap::ListReturn;
using imap::ListSelect;

std::vector<std::string> patternsOf(const imap::ListArgs& args) {
  std::vector<std::string> patterns;
  for (const std::string& pattern : args.patterns) {
    // A reference is a prefix unless the pattern begins at the root (RFC 3501 6.3.8).
    const bool absolute = pattern.starts_with('/');
    std::string whole = absolute ? pattern.substr(1) : args.reference + pattern;
    if (const auto end = whole.find_first_of("/*%");
        imap::canonicalName(whole.substr(0, end)).utf8 == "INBOX")
      whole.replace(0, end == std::string::npos ? whole.size() : end, "INBOX");
    patterns.push_back(std::move(whole));
  }
  return patterns;
}

bool matchesAny(const std::string& name, const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matchesPattern(name, pattern); });
}

/// The attributes of a listed name, in the order of RFC 5258's examples.
std::vector<std::string> attributesOf(const std::string& name, const ListNode& node,
                                      const imap::ListArgs& args) {
  std::vector<std::string> attributes;
  if (!node.exists) {
    if (args.extended) attributes.emplace_back("\\NonExistent");
    attributes.emplace_back("\\Noselect");
  }
  if (name == "INBOX") attributes.emplace_back("\\NoInferiors");
  attributes.emplace_back(node.children ? "\\HasChildren" : "\\HasNoChildren");
  const bool tellsSubscribed =
      args.returning.has(ListReturn::Subscribed) || args.selecting.has(ListSelect::Subscribed);
  if (tellsSubscribed && node.subscribed) attributes.emplace_back("\\Subscribed");
  if (node.exists)
    for (const View use : store::spellSpecialUse(node.entry->status.specialUse)) attributes.emplace_back(use);
  return attributes;
}

/// Whether the selection options want it (RFC 5258 3.1, RFC 6154 3).
bool selected(const ListNode& node, const imap::ListArgs& args) {
  const bool special = node.exists && node.entry->status.specialUse != 0;
  if (args.selecting.has(ListSelect::SpecialUse) && !special) return false;
  if (args.selecting.has(ListSelect::Subscribed)) return node.subscribed;
  return node.exists || node.children;
}

/// A level above mailboxes of others is told where levels are asked for alone (RFC 4314 4: LIST behaves as if
/// what may not be looked up were not there).
bool isHiddenLevel(const std::string& name, const ListNode& node, const imap::ListArgs& args,
                   const std::vector<std::string>& patterns) {
  const bool asked = args.selecting.has(ListSelect::Subscribed) && node.subscribed;
  if (node.exists || asked || !isLevelOfOthers(name)) return false;
  return std::none_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    const bool asks = pattern.ends_with('%') || pattern.find_first_of("*%") == std::string::npos;
    return asks && matchesPattern(name, pattern);
  });
}

/// The handle of a listed mailbox, and what the user may do with it.
Found foundOf(const Mail& mail, const Listing& listing, const store::MailboxEntry& entry) {
  const auto shared = listing.shared.find(entry.name);
  if (shared != listing.shared.end()) return shared->second;
  return {store::MailboxHandle(mail.account, entry.status.number, entry.status.uidValidity, entry.name)};
}

/// STATUS of a listed mailbox; nothing when it may not be read.
Status putStatus(std::string& out, const Mail& mail, const Found& found, const store::MailboxEntry& entry,
                 const imap::ListArgs& args) {
  if (!found.may(store::kMayRead)) return {};
  store::MailboxStatus now = entry.status;
  if (!found.own()) {
    PH_TRY(now, found.box.status());
  }
  return putMailboxStatus(out, mail, {entry.name}, found.box, now, args.statusItems);
}

Status listOne(std::string& out, const Mail& mail, const Listing& listing, const std::string& name,
               const ListNode& node, const imap::ListArgs& args) {
  imap::ListData data;
  data.attributes = attributesOf(name, node, args);
  data.delimiter = '/';
  data.mailbox = {name};
  if (args.selecting.has(ListSelect::RecursiveMatch) && node.subscribedChildren)
    data.childInfo = {"SUBSCRIBED"};
  imap::putList(out, data, {.utf8 = mail.features.utf8});
  if (!node.exists) return {};
  const Found found = foundOf(mail, listing, *node.entry);
  if (args.returning.has(ListReturn::MyRights))
    imap::putMyRights(out, {data.mailbox, store::spellRights(found.rights)}, {.utf8 = mail.features.utf8});
  if (!args.returning.has(ListReturn::Status)) return {};
  const Status told = putStatus(out, mail, found, *node.entry, args);
  // A mailbox that is removed at this moment has no STATUS; the others have (RFC 5819 2).
  const bool gone =
      !told.ok() && (told.error().code == Errc::NotFound || told.error().code == Errc::Conflict);
  return gone ? Status() : told;
}

/// LIST "" "": the delimiter is asked for.
Answer delimiter() {
  imap::ListData data;
  data.attributes = {"\\Noselect"};
  data.delimiter = '/';
  Answer answer;
  imap::putList(answer.untagged, data);
  return answer;
}

bool asksDelimiter(const imap::ListArgs& args) {
  return !args.extended && args.patterns.size() == 1 && args.patterns[0].empty();
}

}  // namespace

/// LIST (RFC 3501 6.3.8, RFC 5258, RFC 5819, RFC 6154, RFC 8440).
Result<Answer> commands::list(Mail& mail, const imap::ListArgs& args, Request request) {
  static_cast<void>(request);
  if (asksDelimiter(args)) return delimiter();
  const auto patterns = patternsOf(args);
  PH_TRY(const Listing listing, listingFor(mail, patterns));
  Answer answer;
  if (args.returning.has(ListReturn::Status) && args.statusItems.has(imap::StatusItem::HighestModseq))
    enableCondstore(mail, answer.untagged);
  const ListTree tree(listing.entries);
  for (const auto& [name, node] : tree.nodes()) {
    if (!matchesAny(name, patterns) || isHiddenLevel(name, node, args, patterns)) continue;
    const bool below = args.selecting.has(ListSelect::RecursiveMatch) && node.subscribedChildren;
    if (selected(node, args) || below) PH_CHECK(listOne(answer.untagged, mail, listing, name, node, args));
  }
  return answer;
}

/// LSUB (RFC 3501 6.3.9).
Result<Answer> commands::lsub(Mail& mail, const imap::ListArgs& args, Request request) {
  static_cast<void>(request);
  const auto patterns = patternsOf(args);
  const bool levels = std::any_of(patterns.begin(), patterns.end(),
                                  [](const std::string& pattern) { return pattern.ends_with('%'); });
  PH_TRY(const auto entries, mail.account.list());
  Answer answer;
  const ListTree tree(entries);
  for (const auto& [name, node] : tree.nodes()) {
    const bool level = levels && node.subscribedChildren;
    if (!(node.subscribed || level) || !matchesAny(name, patterns)) continue;
    imap::ListData data;
    data.lsub = true;
    // A level above subscriptions that is none itself (RFC 3501 6.3.9).
    if (!node.subscribed) data.attributes = {"\\Noselect"};
    data.delimiter = '/';
    data.mailbox = {name};
    imap::putList(answer.untagged, data, {.utf8 = mail.features.utf8});
  }
  return answer;
}

}  // namespace posthorn::imapd
