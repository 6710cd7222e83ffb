// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/posthorn_host.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/ascii.h"
#include "common/imap/parse/limits.h"
#include "mshttpd/backend/fetch_items.h"
#include "mshttpd/backend/text_windows.h"

namespace posthorn::mshttpd::backend {

using imap::CommandName;
namespace jmap = imap::jmap;

namespace {

/// Of the tagged OK.
Result<State> stateOf(const Reply& reply) {
  if (reply.done.code.kind != imap::ResponseCode::Kind::XState)
    return makeError(Errc::Unavailable, "the server does not say in which state the account is");
  return std::to_string(reply.done.code.number);
}

/// A state that is not ours is one that is too old.
Result<jmap::State> numberOf(const State& state) {
  const auto number = ascii::number(state);
  if (!number) return makeError(Errc::Conflict, "this is no state of the account");
  return *number;
}

template <typename T>
const T* dataOf(const Reply& reply) {
  for (const imap::Response& response : reply.data)
    if (const auto* data = std::get_if<T>(&response)) return data;
  return nullptr;
}

Error incomplete() {
  return makeError(Errc::Unavailable, "the server leaves out what was asked for");
}

imap::Flags flagsOf(const std::vector<std::string>& names) {
  imap::Flags flags;
  for (const std::string& name : names) {
    if (const auto system = imap::systemFlag(name))
      flags.system = static_cast<imap::SystemFlags>(flags.system | *system);
    else
      flags.keywords.push_back(name);
  }
  return flags;
}

/// About what an update is in a command: each word with a blank, each id maybe as a literal.
std::size_t octetsOf(const jmap::Update& update) {
  constexpr std::size_t kFixed = 64;
  constexpr std::size_t kMark = 12;
  std::size_t octets = kFixed + update.id.size() + kMark;
  const auto add = [&](const std::vector<std::string>& words) {
    for (const std::string& word : words) octets += word.size() + kMark;
  };
  if (update.setFlags) add(*update.setFlags);
  add(update.addFlags);
  add(update.dropFlags);
  if (update.setMailboxes) add(*update.setMailboxes);
  add(update.addMailboxes);
  add(update.dropMailboxes);
  return octets;
}

/// How many of them fit into one command; one at least.
std::size_t fitting(std::span<const jmap::Update> updates) {
  constexpr std::size_t kRoom = imap::kMaxCommand - 16UL * 1024;
  std::size_t count = 0;
  std::size_t octets = 0;
  while (count < updates.size() && count < imap::kMaxJmapUpdates) {
    octets += octetsOf(updates[count]);
    if (count > 0 && octets > kRoom) break;
    ++count;
  }
  return count;
}

/// Reads items of one message, wherever it lies.
Result<Bytes> readItem(Talk& talk, const std::string& owner, const Id& id, const imap::FetchAttribute& item) {
  jmap::MessagesArgs args{.owner = owner, .ids = {id}, .attributes = {item}};
  PH_TRY(Reply reply, talk.ask(Again::Yes, {.name = CommandName::XMessages, .args = std::move(args)}));
  PH_CHECK(expectOk(reply));
  for (imap::Response& response : reply.data) {
    auto* data = std::get_if<imap::MessageData>(&response);
    if (data == nullptr || data->items.empty()) continue;
    return std::move(data->items.front().text).value_or(Bytes());
  }
  return makeError(Errc::NotFound, "there is no such message");
}

}  // namespace

PosthornHost::PosthornHost(std::shared_ptr<Talk> talk, Names names, std::string owner,
                           const Abilities& abilities)
    : ImapAccount(std::move(talk), std::move(names), std::move(owner), abilities) {}

Result<std::unique_ptr<MailHost>> PosthornHost::open(std::shared_ptr<Talk> talk, const std::string& owner) {
  Abilities abilities{.changes = true, .stableIds = true, .threads = true, .atomicUpdate = true};
  imap::NamespaceData spaces;
  PH_CHECK(talk->with(Again::Yes, [&](Connection& connection) -> Status {
    abilities.sharing = connection.can("ACL");
    abilities.metadata = connection.can("METADATA") || connection.can("METADATA-SERVER");
    abilities.atomicMetadata = abilities.metadata;
    abilities.specialUse = connection.can("CREATE-SPECIAL-USE");
    abilities.quota = connection.can("QUOTA");
    abilities.binary = connection.can("BINARY");
    if (owner.empty()) return okStatus();
    PH_TRY(const Reply reply, connection.ask({.name = CommandName::Namespace, .args = imap::NoArgs{}}));
    if (const auto* data = dataOf<imap::NamespaceData>(reply)) spaces = *data;
    return okStatus();
  }));
  auto names = Names::of(spaces, owner);
  if (!names) return makeError(Errc::Unsupported, "the server shows nobody else's mailboxes");
  return std::unique_ptr<MailHost>(new PosthornHost(std::move(talk), *std::move(names), owner, abilities));
}

Result<State> PosthornHost::state() {
  PH_TRY(const Reply reply,
         demand(Again::Yes, {.name = CommandName::XUpdate,
                             .args = jmap::UpdateArgs{.owner = owner(), .ifState = {}, .updates = {}}}));
  return stateOf(reply);
}

Result<MailboxList> PosthornHost::mailboxes() {
  PH_TRY(Reply reply,
         demand(Again::Yes, {.name = CommandName::XMailboxes, .args = jmap::MailboxesArgs{owner()}}));
  MailboxList list;
  PH_TRY(list.state, stateOf(reply));
  for (imap::Response& response : reply.data)
    if (auto* data = std::get_if<jmap::MailboxData>(&response)) list.mailboxes.push_back(std::move(*data));
  // A parent's name is the beginning of its children's.
  std::sort(list.mailboxes.begin(), list.mailboxes.end(),
            [](const auto& a, const auto& b) { return a.name.utf8 < b.name.utf8; });
  return list;
}

// A state in the middle of a commit is "12.M345": all up to 12, and of 13 what happened to ids up to M345.
Result<Changes> PosthornHost::changes(jmap::DataType type, const State& since, std::uint32_t most) {
  const std::size_t dot = since.find('.');
  PH_TRY(const jmap::State from, numberOf(since.substr(0, dot)));
  jmap::ChangesArgs args{.owner = owner(), .type = type, .since = from, .after = {}, .most = most};
  if (dot != State::npos) args.after = since.substr(dot + 1);
  if (dot != State::npos && !jmap::isId(args.after))
    return makeError(Errc::Conflict, "this is no state of the account");
  PH_TRY(const Reply reply, demand(Again::Yes, {.name = CommandName::XChanges, .args = std::move(args)}));
  const auto* data = dataOf<jmap::ChangesData>(reply);
  if (data == nullptr) return incomplete();
  const std::string place = data->after.empty() ? std::string() : "." + data->after;
  return Changes{.oldState = since,
                 .newState = std::to_string(data->newState) + place,
                 .more = data->more,
                 .countsOnly = data->countsOnly,
                 .created = data->created,
                 .updated = data->updated,
                 .destroyed = data->destroyed};
}

Result<Found> PosthornHost::query(const jmap::QueryArgs& query) {
  jmap::QueryArgs args = query;
  args.owner = owner();
  PH_TRY(const Reply reply, demand(Again::Yes, {.name = CommandName::XQuery, .args = std::move(args)}));
  const auto* data = dataOf<jmap::QueryData>(reply);
  if (data == nullptr) return incomplete();
  return Found{.state = std::to_string(data->state),
               .position = data->position,
               .total = data->total,
               .ids = data->ids};
}

Result<Threads> PosthornHost::threads(std::span<const Id> ids) {
  Threads threads;
  if (ids.empty()) {
    PH_TRY(threads.state, state());
    return threads;
  }
  jmap::ThreadsArgs args{.owner = owner(), .ids = {ids.begin(), ids.end()}};
  PH_TRY(const Reply reply, demand(Again::Yes, {.name = CommandName::XThreads, .args = std::move(args)}));
  PH_TRY(threads.state, stateOf(reply));
  std::map<Id, const jmap::ThreadInfo*> got;
  for (const imap::Response& response : reply.data)
    if (const auto* data = std::get_if<jmap::ThreadInfo>(&response)) got[data->id] = data;
  for (const Id& id : ids) {
    const auto found = got.find(id);
    if (found != got.end())
      threads.threads.push_back(*found->second);
    else
      threads.unknown.push_back(id);
  }
  return threads;
}

Result<Messages> PosthornHost::messages(std::span<const Id> ids,
                                        std::span<const imap::FetchAttribute> items) {
  Messages out;
  if (ids.empty()) {
    PH_TRY(out.state, state());
    return out;
  }
  jmap::MessagesArgs args{
      .owner = owner(), .ids = {ids.begin(), ids.end()}, .attributes = {items.begin(), items.end()}};
  PH_TRY(Reply reply, demand(Again::Yes, {.name = CommandName::XMessages, .args = std::move(args)}));
  PH_TRY(out.state, stateOf(reply));
  std::map<Id, imap::MessageData> got;
  for (imap::Response& response : reply.data)
    if (auto* data = std::get_if<imap::MessageData>(&response)) got[data->id] = std::move(*data);
  for (const Id& id : ids) {
    const auto found = got.find(id);
    if (found == got.end()) {
      out.unknown.push_back(id);
      continue;
    }
    const imap::MessageData& data = found->second;
    out.messages.push_back({.id = id,
                            .threadId = data.threadId,
                            .mailboxIds = data.mailboxIds,
                            .flags = data.flags,
                            .octets = data.octets,
                            .internalDate = data.internalDate,
                            .items = inOrder(data.items, items)});
  }
  return out;
}

Result<Source> PosthornHost::text(const Id& email, const imap::Section& section, bool decoded) {
  auto read = [talk = sharedTalk(), owner = owner(), email](const imap::FetchAttribute& item) {
    return readItem(*talk, owner, email, item);
  };
  return textSource(std::move(read), section, decoded, abilities().binary);
}

Result<UpdateResult> PosthornHost::updateOnce(const std::optional<State>& ifState,
                                              std::span<const jmap::Update> updates) {
  jmap::UpdateArgs args{.owner = owner(), .ifState = {}, .updates = {updates.begin(), updates.end()}};
  if (ifState) {
    PH_TRY(args.ifState, numberOf(*ifState));
  }
  PH_TRY(const Reply reply, demand(Again::No, {.name = CommandName::XUpdate, .args = std::move(args)}));
  UpdateResult result;
  PH_TRY(result.newState, stateOf(reply));
  result.oldState = reply.done.code.before ? std::to_string(*reply.done.code.before) : result.newState;
  for (const imap::Response& response : reply.data)
    if (const auto* data = std::get_if<jmap::UpdateData>(&response)) result.outcomes.push_back(*data);
  if (result.outcomes.size() != updates.size()) return incomplete();
  return result;
}

Result<UpdateResult> PosthornHost::update(const std::optional<State>& ifState,
                                          std::span<const jmap::Update> updates) {
  std::size_t count = fitting(updates);
  if (ifState && count < updates.size())
    return makeError(Errc::Limit, "that is too much for one command, and so for one commit");
  PH_TRY(UpdateResult all, updateOnce(ifState, updates.first(count)));
  while (count < updates.size()) {
    const auto rest = updates.subspan(count);
    PH_TRY(UpdateResult more, updateOnce(std::nullopt, rest.first(fitting(rest))));
    count += more.outcomes.size();
    if (more.oldState != all.newState) all.oldState = more.oldState;
    all.newState = std::move(more.newState);
    std::move(more.outcomes.begin(), more.outcomes.end(), std::back_inserter(all.outcomes));
  }
  return all;
}

Result<std::string> PosthornHost::nameOf(const Id& mailbox) {
  PH_TRY(const MailboxList list, mailboxes());
  for (const jmap::MailboxData& data : list.mailboxes)
    if (data.id == mailbox) return serverName(data.name.utf8);
  return makeError(Errc::NotFound, "there is no such mailbox");
}

Result<Appended> PosthornHost::append(NewMessage message) {
  if (message.mailboxIds.empty()) return makeError(Errc::Invalid, "a message must be in a mailbox");
  PH_TRY(const std::string name, nameOf(message.mailboxIds.front()));
  imap::AppendMessage head;
  head.flags = flagsOf(message.flags);
  head.internalDate = message.receivedAt;
  head.binary = message.binary && abilities().binary;
  auto sent = talk().with(Again::No, [&](Connection& connection) {
    return connection.append(name, head, message.octets, message.text);
  });
  PH_TRY(const Reply reply, std::move(sent));
  PH_CHECK(expectOk(reply));
  const auto* data = dataOf<jmap::AppendedData>(reply);
  if (data == nullptr) return incomplete();
  Appended appended{.before = std::to_string(data->state - 1),
                    .state = std::to_string(data->state),
                    .id = data->emailId,
                    .threadId = data->threadId,
                    .octets = data->octets};
  if (message.mailboxIds.size() == 1) return appended;
  jmap::Update more;
  more.id = appended.id;
  more.addMailboxes.assign(message.mailboxIds.begin() + 1, message.mailboxIds.end());
  PH_TRY(const UpdateResult copied, update(std::nullopt, std::span(&more, 1)));
  if (copied.oldState != appended.state) appended.before = copied.oldState;
  appended.state = copied.newState;
  return appended;
}

Result<Id> PosthornHost::idOfMailbox(const std::string& serverName) {
  PH_TRY(const MailboxList list, mailboxes());
  for (const jmap::MailboxData& data : list.mailboxes) {
    const auto name = names().toServer(data.name.utf8);
    if (name && *name == serverName) return data.id;
  }
  return makeError(Errc::NotFound, "the mailbox is gone again");
}

Status PosthornHost::removeMailbox(const std::string& name, bool withMessages) {
  if (withMessages) return ImapAccount::removeMailbox(name, withMessages);
  // A message that comes between a look and DELETE would be lost.
  PH_TRY(const std::string at, serverName(name));
  PH_CHECK(demand(Again::No, {.name = CommandName::XRemove, .args = imap::MailboxArgs{{at}}}));
  return okStatus();
}

Status PosthornHost::swapMetadata(const std::string& entry, const std::optional<std::string>& before,
                                  const std::optional<std::string>& after) {
  if (!abilities().metadata) return makeError(Errc::Unsupported, "the server keeps no settings (METADATA)");
  imap::SwapMetadataArgs args;
  args.changes.push_back({.name = entry, .before = before, .after = after});
  // Said twice where the first one was heard after all, it is a Conflict, which callers look into.
  PH_TRY(const Reply reply,
         talk().ask(Again::Yes, {.name = CommandName::XSetmetadata, .args = std::move(args)}));
  const imap::ResponseCode& code = reply.done.code;
  const bool changed = code.kind == imap::ResponseCode::Kind::Metadata && !code.words.empty() &&
                       ascii::equal(code.words.front(), "CHANGED");
  if (!reply.ok() && changed) return makeError(Errc::Conflict, "somebody else has written the entry");
  return expectOk(reply);
}

}  // namespace posthorn::mshttpd::backend
