// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "mshttpd/backend/fetch_items.h"
#include "mshttpd/backend/search_keys.h"
#include "mshttpd/backend/standard_host.h"
#include "mshttpd/backend/text_windows.h"

namespace posthorn::mshttpd::backend {

using imap::CommandName;
using imap::FetchAttribute;
using Kind = FetchAttribute::Kind;

namespace {

constexpr std::size_t kIdsOfSearch = 64;

imap::SequenceSet setOf(const std::map<std::uint32_t, Id>& uids) {
  std::vector<std::uint32_t> list;
  list.reserve(uids.size());
  for (const auto& [uid, id] : uids) list.push_back(uid);
  return setOfUids(list);
}

}  // namespace

Id StandardHost::idOf(const Box& box, std::uint32_t uid) const {
  return fmt::format("{}-{:x}", box.data.id, uid);
}

/// Of an id that was made here; nothing for others.
std::optional<StandardHost::Place> StandardHost::placeOf(const Id& id) const {
  const std::size_t dash = id.rfind('-');
  if (dash == std::string::npos) return std::nullopt;
  const Box* box = boxById(id.substr(0, dash));
  std::uint32_t uid = 0;
  const char* end = id.data() + id.size();
  const auto read = std::from_chars(id.data() + dash + 1, end, uid, 16);
  if (box == nullptr || read.ec != std::errc() || read.ptr != end || uid == 0) return std::nullopt;
  return Place{box, uid};
}

Result<Reply> StandardHost::inMailbox(const Box& box, bool toWrite, Again again, const Request& request) {
  return talk().with(again, [&](Connection& connection) -> Result<Reply> {
    PH_CHECK(selectMailbox(connection, box.serverName, box.data.uidValidity, toWrite));
    PH_TRY(Reply reply, connection.ask(request));
    PH_CHECK(expectOk(reply));
    return reply;
  });
}

Status StandardHost::findIn(const Box& box, std::span<const Id> ids, std::map<Id, std::vector<Place>>& into) {
  for (std::size_t first = 0; first < ids.size(); first += kIdsOfSearch) {
    std::vector<imap::SearchKey> keys;
    for (const Id& id : ids.subspan(first, std::min(kIdsOfSearch, ids.size() - first))) {
      imap::SearchKey key;
      key.kind = imap::SearchKey::Kind::EmailId;
      key.text = id;
      keys.push_back(std::move(key));
    }
    PH_TRY(const auto uids, uidSearch(box, anyOf(std::move(keys))));
    if (uids.empty()) continue;
    PH_TRY(const Reply reply,
           inMailbox(box, false, Again::Yes, fetchRequest(setOfUids(uids), {attributeOf(Kind::EmailId)})));
    for (const imap::Response& response : reply.data) {
      const auto* data = std::get_if<imap::FetchData>(&response);
      if (data == nullptr) continue;
      const auto* uid = itemOf(*data, Kind::Uid);
      const auto* id = itemOf(*data, Kind::EmailId);
      if (uid == nullptr || id == nullptr || !id->text) continue;
      into[*id->text].push_back({&box, static_cast<std::uint32_t>(uid->number)});
    }
  }
  return okStatus();
}

Result<std::map<Id, std::vector<StandardHost::Place>>> StandardHost::find(std::span<const Id> ids) {
  std::map<Id, std::vector<Place>> found;
  if (ids.empty()) return found;
  PH_CHECK(load());
  if (can("OBJECTID")) {
    for (const Box& box : boxes_)
      if (box.selectable && box.data.messages > 0) PH_CHECK(findIn(box, ids, found));
    std::erase_if(found, [&](const auto& entry) {
      return std::find(ids.begin(), ids.end(), entry.first) == ids.end();
    });
    return found;
  }
  std::map<const Box*, std::vector<std::uint32_t>> wanted;
  for (const Id& id : ids)
    if (const auto place = placeOf(id)) wanted[place->box].push_back(place->uid);
  for (const auto& [box, uids] : wanted) {
    imap::SearchKey key;
    key.kind = imap::SearchKey::Kind::Uid;
    key.set = setOfUids(uids);
    PH_TRY(const auto there, uidSearch(*box, key));
    for (const std::uint32_t uid : there) found[idOf(*box, uid)].push_back({box, uid});
  }
  return found;
}

Status StandardHost::fetchFrom(const Box& box, const std::map<std::uint32_t, Id>& uids,
                               std::span<const FetchAttribute> items, std::map<Id, Message>& into) {
  std::vector<FetchAttribute> wanted{attributeOf(Kind::Uid), attributeOf(Kind::Flags),
                                     attributeOf(Kind::InternalDate), attributeOf(Kind::Rfc822Size)};
  for (const FetchAttribute& item : items) {
    if (item.kind == Kind::Preview && !can("PREVIEW") && !can("PREVIEW=FUZZY")) continue;
    if (item.kind == Kind::EmailId || item.kind == Kind::ThreadId || item.kind == Kind::Modseq) continue;
    if ((item.kind == Kind::Binary || item.kind == Kind::BinarySize) && !can("BINARY")) continue;
    wanted.push_back(item);
  }
  PH_TRY(Reply reply, inMailbox(box, false, Again::Yes, fetchRequest(setOf(uids), std::move(wanted))));
  for (imap::Response& response : reply.data) {
    auto* data = std::get_if<imap::FetchData>(&response);
    const auto* uid = data == nullptr ? nullptr : itemOf(*data, Kind::Uid);
    const auto known = uid == nullptr ? uids.end() : uids.find(static_cast<std::uint32_t>(uid->number));
    if (known == uids.end()) continue;
    Message message = messageOf(std::move(*data), items);
    message.id = known->second;
    message.threadId = known->second;
    // Two FETCH responses for one message: the second tells of a change.
    auto [place, isNew] = into.try_emplace(known->second, std::move(message));
    if (isNew) continue;
    std::erase_if(place->second.flags, [&](const std::string& flag) {
      return std::find(message.flags.begin(), message.flags.end(), flag) == message.flags.end();
    });
  }
  return okStatus();
}

Result<Messages> StandardHost::messages(std::span<const Id> ids, std::span<const FetchAttribute> items) {
  PH_CHECK(load());
  PH_TRY(const auto found, find(ids));
  // Each text is asked for once, at its first place; of the other copies only the flags count.
  std::map<const Box*, std::map<std::uint32_t, Id>> first;
  std::map<const Box*, std::map<std::uint32_t, Id>> others;
  for (const auto& [id, places] : found)
    for (std::size_t i = 0; i < places.size(); ++i)
      (i == 0 ? first : others)[places[i].box][places[i].uid] = id;
  std::map<Id, Message> got;
  for (const auto& [box, uids] : first) PH_CHECK(fetchFrom(*box, uids, items, got));
  for (const auto& [box, uids] : others) PH_CHECK(fetchFrom(*box, uids, {}, got));
  Messages out{.state = stateOfAll(), .messages = {}, .unknown = {}};
  for (const Id& id : ids) {
    const auto message = got.find(id);
    if (message == got.end()) {
      out.unknown.push_back(id);
      continue;
    }
    for (const Place& place : found.at(id)) message->second.mailboxIds.push_back(place.box->data.id);
    out.messages.push_back(message->second);
  }
  return out;
}

Result<Source> StandardHost::text(const Id& email, const imap::Section& section, bool decoded) {
  PH_CHECK(load());
  PH_TRY(const auto found, find(std::span(&email, 1)));
  if (found.empty()) return makeError(Errc::NotFound, "there is no such message");
  const Place place = found.begin()->second.front();
  auto read = [talk = sharedTalk(), name = place.box->serverName, validity = place.box->data.uidValidity,
               uid = place.uid](const FetchAttribute& item) {
    return fetchText(*talk, name, validity, uid, item);
  };
  return textSource(std::move(read), section, decoded, can("BINARY"));
}

}  // namespace posthorn::mshttpd::backend
