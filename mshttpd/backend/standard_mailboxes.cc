// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "mshttpd/backend/standard_host.h"

namespace posthorn::mshttpd::backend {

using imap::CommandName;
using imap::ListReturn;
using imap::StatusItem;
using imap::StatusItems;

namespace {

constexpr std::size_t kMostMailboxes = 10'000;
constexpr const char* kAllRights = "lrswipkxtea";
constexpr const char* kRightsOfNothing = "lkx";  // of a name that is only there for those below it

constexpr std::array<std::string_view, 7> kUses{"\\All",  "\\Archive", "\\Drafts", "\\Flagged",
                                                "\\Junk", "\\Sent",    "\\Trash"};

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& one) { return ascii::equal(one, word); });
}

/// As good as no two mailboxes have the same one.
std::string madeId(const std::string& name, std::uint32_t uidValidity) {
  return fmt::format("b{:016x}{:08x}", stableHash(name), uidValidity);
}

void takeStatus(const imap::StatusData& status, StandardHost::Box& box) {
  for (const auto& [item, number] : status.numbers) {
    switch (item) {
      case StatusItem::Messages:
        box.data.messages = static_cast<std::uint32_t>(number);
        break;
      case StatusItem::Unseen:
        box.data.unseen = static_cast<std::uint32_t>(number);
        break;
      case StatusItem::UidNext:
        box.uidNext = static_cast<std::uint32_t>(number);
        break;
      case StatusItem::UidValidity:
        box.data.uidValidity = static_cast<std::uint32_t>(number);
        break;
      case StatusItem::Size:
        box.data.octets = number;
        break;
      case StatusItem::HighestModseq:
        box.modseq = number;
        break;
      default:
        break;
    }
  }
  // Every message is its own thread here.
  box.data.threads = box.data.messages;
  box.data.unseenThreads = box.data.unseen;
  box.data.id = status.mailboxId.empty() ? madeId(box.serverName, box.data.uidValidity) : status.mailboxId;
}

}  // namespace

Result<Reply> StandardHost::list() const {
  imap::ListArgs args;
  args.patterns = names().patterns();
  if (can("LIST-EXTENDED")) {
    args.extended = true;
    args.returning.add(ListReturn::Subscribed);
    if (can("SPECIAL-USE")) args.returning.add(ListReturn::SpecialUse);
    return talk().ask(Again::Yes, {.name = CommandName::List, .args = std::move(args)});
  }
  Reply all;
  for (const std::string& pattern : names().patterns()) {
    imap::ListArgs one;
    one.patterns = {pattern};
    PH_TRY(Reply reply, talk().ask(Again::Yes, {.name = CommandName::List, .args = std::move(one)}));
    if (!reply.ok()) return reply;
    std::move(reply.data.begin(), reply.data.end(), std::back_inserter(all.data));
  }
  return all;
}

Status StandardHost::askSubscriptions() {
  if (can("LIST-EXTENDED")) return okStatus();
  for (const std::string& pattern : names().patterns()) {
    imap::ListArgs args;
    args.patterns = {pattern};
    PH_TRY(const Reply reply, demand(Again::Yes, {.name = CommandName::Lsub, .args = std::move(args)}));
    for (const imap::Response& response : reply.data) {
      const auto* entry = std::get_if<imap::ListData>(&response);
      if (entry == nullptr) continue;
      for (Box& box : boxes_)
        if (box.serverName == entry->mailbox.utf8) box.data.subscribed = true;
    }
  }
  return okStatus();
}

/// STATUS of all that can be selected; those that are gone meanwhile are left out.
Status StandardHost::askStatus() {
  StatusItems items{StatusItem::Messages, StatusItem::Unseen, StatusItem::UidNext, StatusItem::UidValidity};
  if (can("STATUS=SIZE")) items.add(StatusItem::Size);
  if (can("CONDSTORE") || can("QRESYNC")) items.add(StatusItem::HighestModseq);
  if (can("OBJECTID")) items.add(StatusItem::MailboxId);
  std::vector<Request> requests;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    boxes_[i].data.id = madeId(boxes_[i].serverName, 0);
    if (!boxes_[i].selectable) continue;
    requests.push_back(
        {.name = CommandName::Status, .args = imap::StatusArgs{{boxes_[i].serverName}, items}});
    asked.push_back(i);
  }
  PH_TRY(const auto replies, talk().askAll(Again::Yes, requests));
  std::vector<std::size_t> gone;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    Box& box = boxes_[asked[i]];
    const imap::StatusData* status = nullptr;
    for (const imap::Response& response : replies[i].data)
      if (const auto* data = std::get_if<imap::StatusData>(&response)) status = data;
    if (replies[i].ok() && status != nullptr)
      takeStatus(*status, box);
    else
      gone.push_back(asked[i]);
  }
  for (auto at = gone.rbegin(); at != gone.rend(); ++at)
    boxes_.erase(boxes_.begin() + static_cast<std::ptrdiff_t>(*at));
  return okStatus();
}

/// In one's own account there is no need to ask; in others' there is.
Status StandardHost::askRights() {
  for (Box& box : boxes_) box.data.rights = box.selectable ? kAllRights : kRightsOfNothing;
  if (owner().empty() || !abilities().sharing) return okStatus();
  std::vector<Request> requests;
  for (const Box& box : boxes_)
    requests.push_back({.name = CommandName::Myrights, .args = imap::MailboxArgs{{box.serverName}}});
  PH_TRY(const auto replies, talk().askAll(Again::Yes, requests));
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    boxes_[i].data.rights.clear();
    for (const imap::Response& response : replies[i].data)
      if (const auto* data = std::get_if<imap::MyRightsData>(&response)) boxes_[i].data.rights = data->rights;
  }
  std::erase_if(boxes_, [](const Box& box) { return box.data.rights.find('l') == std::string::npos; });
  return okStatus();
}

Status StandardHost::load() {
  if (loaded_) return okStatus();
  boxes_.clear();
  PH_TRY(const Reply reply, list());
  PH_CHECK(expectOk(reply));
  for (const imap::Response& response : reply.data) {
    const auto* entry = std::get_if<imap::ListData>(&response);
    if (entry == nullptr || has(entry->attributes, "\\NonExistent")) continue;
    const auto name = names().fromServer(entry->mailbox.utf8);
    if (!name) continue;
    if (boxes_.size() == kMostMailboxes) return makeError(Errc::Limit, "there are too many mailboxes");
    Box box;
    box.serverName = entry->mailbox.utf8;
    box.selectable = !has(entry->attributes, "\\Noselect");
    box.data.name = imap::canonicalName(*name);
    box.data.subscribed = has(entry->attributes, "\\Subscribed");
    for (const std::string_view use : kUses)
      if (has(entry->attributes, use)) box.data.specialUses.emplace_back(use);
    boxes_.push_back(std::move(box));
  }
  PH_CHECK(askSubscriptions());
  PH_CHECK(askStatus());
  PH_CHECK(askRights());
  // A parent's name is the beginning of its children's.
  std::sort(boxes_.begin(), boxes_.end(),
            [](const Box& a, const Box& b) { return a.data.name.utf8 < b.data.name.utf8; });
  loaded_ = true;
  return okStatus();
}

State StandardHost::stateOfAll() const {
  std::string text;
  for (const Box& box : boxes_)
    text += fmt::format("{}\n{} {} {} {} {} {} {} {}\n", box.data.name.utf8, box.data.id,
                        box.data.uidValidity, box.uidNext, box.data.messages, box.data.unseen,
                        box.data.octets, box.modseq, box.data.subscribed);
  return fmt::format("s{:016x}", stableHash(text));
}

const StandardHost::Box* StandardHost::boxById(const Id& id) const {
  for (const Box& box : boxes_)
    if (box.data.id == id) return &box;
  return nullptr;
}

const StandardHost::Box* StandardHost::boxByName(const std::string& serverName) const {
  for (const Box& box : boxes_)
    if (box.serverName == serverName) return &box;
  return nullptr;
}

Result<State> StandardHost::state() {
  loaded_ = false;
  PH_CHECK(load());
  return stateOfAll();
}

Result<MailboxList> StandardHost::mailboxes() {
  loaded_ = false;
  PH_CHECK(load());
  MailboxList list{.state = stateOfAll(), .mailboxes = {}};
  for (const Box& box : boxes_) list.mailboxes.push_back(box.data);
  return list;
}

Result<Id> StandardHost::idOfMailbox(const std::string& serverName) {
  loaded_ = false;
  PH_CHECK(load());
  if (const Box* box = boxByName(serverName)) return box->data.id;
  return makeError(Errc::NotFound, "the mailbox is gone again");
}

}  // namespace posthorn::mshttpd::backend
