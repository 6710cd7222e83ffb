// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/imap/types/search_keys.h"
#include "common/mime/date.h"
#include "common/mime/subject.h"
#include "common/mime/words.h"
#include "mshttpd/backend/fetch_items.h"
#include "mshttpd/backend/query_window.h"
#include "mshttpd/backend/search_keys.h"
#include "mshttpd/backend/standard_host.h"

namespace posthorn::mshttpd::backend {

using imap::CommandName;
using imap::SearchKey;
using imap::jmap::Comparator;
using imap::jmap::Filter;
using FetchKind = imap::FetchAttribute::Kind;

/// A message that fits, with what it is sorted by.
struct StandardHost::Hit {
  Id id;
  std::int64_t received = 0;
  std::int64_t sent = 0;
  std::uint64_t octets = 0;
  std::string from;
  std::string to;
  std::string subject;
  std::vector<std::string> flags;
};

namespace {

constexpr std::size_t kMostHits = 100'000;
constexpr std::size_t kUidsOfCommand = 4000;
constexpr std::int64_t kDay = 86'400;

SearchKey textKey(SearchKey::Kind kind, const std::string& text) {
  SearchKey key;
  key.kind = kind;
  key.text = text;
  return key;
}

SearchKey flagKey(std::string flag, bool set) {
  SearchKey key;
  // JMAP's own names of IMAP's flags (RFC 8621 4.1.1).
  for (const char* name : {"$seen", "$answered", "$flagged", "$draft"})
    if (ascii::equal(flag, name)) flag[0] = '\\';
  if (const auto system = imap::systemFlag(flag)) {
    key.kind = set ? SearchKey::Kind::Flag : SearchKey::Kind::NoFlag;
    key.flag = *system;
    return key;
  }
  key.kind = set ? SearchKey::Kind::Keyword : SearchKey::Kind::NoKeyword;
  key.text = std::move(flag);
  return key;
}

SearchKey numberKey(SearchKey::Kind kind, std::uint64_t number) {
  SearchKey key;
  key.kind = kind;
  key.number = number;
  return key;
}

SearchKey dateKey(SearchKey::Kind kind, std::int64_t seconds) {
  SearchKey key;
  key.kind = kind;
  const std::int64_t day = seconds >= 0 ? seconds / kDay : (seconds - kDay + 1) / kDay;
  key.date = imap::dateOfDays(day);
  return key;
}

bool hasFlag(const std::vector<std::string>& flags, const std::string& wanted) {
  return std::any_of(flags.begin(), flags.end(),
                     [&](const std::string& flag) { return ascii::equal(flag, wanted); });
}

/// The first address of one of ENVELOPE's lists: its name, else its address.
std::string firstAddress(const imap::Value& list) {
  if (list.items.empty() || list.items.front().items.size() < 4) return {};
  const auto& parts = list.items.front().items;
  if (!parts[0].text.empty()) return ascii::toLower(mime::decodeWords(parts[0].text));
  return ascii::toLower(parts[2].text + "@" + parts[3].text);
}

/// Below 0: a goes before b.
template <typename T>
int order(const T& a, const T& b) {
  if (a < b) return -1;
  return b < a ? 1 : 0;
}

bool needsEnvelope(const std::vector<Comparator>& sort) {
  return std::any_of(sort.begin(), sort.end(), [](const Comparator& by) {
    return by.key == Comparator::Key::SentAt || by.key == Comparator::Key::From ||
           by.key == Comparator::Key::To || by.key == Comparator::Key::Subject;
  });
}

bool isCharsetNeeded(const SearchKey& key) {
  const auto wide = [](const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7E; });
  };
  return wide(key.text) || std::any_of(key.children.begin(), key.children.end(), isCharsetNeeded);
}

bool isConstant(const SearchKey& key, bool value) {
  if (value) return key.kind == SearchKey::Kind::All;
  return key.kind == SearchKey::Kind::Not && key.children.front().kind == SearchKey::Kind::All;
}

SearchKey constant(bool value) {
  return value ? everything() : nothing();
}

bool holds(const std::vector<Id>& ids, const Id& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

Result<std::vector<std::uint32_t>> StandardHost::uidSearch(const Box& box, const SearchKey& key) {
  imap::SearchArgs args;
  args.program.key = key;
  if (isCharsetNeeded(key)) args.program.charset = "UTF-8";
  PH_TRY(const Reply reply, inMailbox(box, false, Again::Yes,
                                      {.name = CommandName::Search, .args = std::move(args), .uid = true}));
  std::vector<std::uint32_t> uids;
  for (const imap::Response& response : reply.data)
    if (const auto* data = std::get_if<imap::SearchData>(&response))
      uids.insert(uids.end(), data->numbers.begin(), data->numbers.end());
  return uids;
}

/// SEARCH knows days, JMAP milliseconds: the days around the moment are looked at one by one.
Result<SearchKey> StandardHost::receivedKey(const Box& box, const Filter& filter) {
  const bool before = filter.kind == Filter::Kind::Before;
  const std::int64_t seconds = filter.time >= 0 ? filter.time / 1000 : (filter.time - 999) / 1000;
  // A day of SEARCH is one of the message's own zone, at most 14 hours away.
  std::vector<SearchKey> around;
  around.push_back(dateKey(SearchKey::Kind::Since, seconds - kDay));
  around.push_back(dateKey(SearchKey::Kind::Before, seconds + 2 * kDay));
  PH_TRY(const auto near, uidSearch(box, allOf(std::move(around))));
  std::vector<std::uint32_t> fits;
  for (std::size_t first = 0; first < near.size(); first += kUidsOfCommand) {
    const auto some = std::span(near).subspan(first, std::min(kUidsOfCommand, near.size() - first));
    PH_TRY(const Reply reply,
           inMailbox(box, false, Again::Yes,
                     fetchRequest(setOfUids(some), {attributeOf(FetchKind::InternalDate)})));
    for (const imap::Response& response : reply.data) {
      const auto* data = std::get_if<imap::FetchData>(&response);
      const auto* uid = data == nullptr ? nullptr : itemOf(*data, FetchKind::Uid);
      const auto* date = data == nullptr ? nullptr : itemOf(*data, FetchKind::InternalDate);
      if (uid == nullptr || date == nullptr) continue;
      const bool earlier = date->date.seconds * 1000 < filter.time;
      if (earlier == before) fits.push_back(static_cast<std::uint32_t>(uid->number));
    }
  }
  std::vector<SearchKey> keys;
  keys.push_back(before ? dateKey(SearchKey::Kind::Before, seconds - kDay)
                        : dateKey(SearchKey::Kind::Since, seconds + 2 * kDay));
  if (!fits.empty()) {
    SearchKey exact;
    exact.kind = SearchKey::Kind::Uid;
    exact.set = setOfUids(fits);
    keys.push_back(std::move(exact));
  }
  return anyOf(std::move(keys));
}

/// What SEARCH has to be asked in one mailbox; nothing when the server cannot be asked that.
Result<std::optional<SearchKey>> StandardHost::keyFor(const Box& box, const Filter& filter) {
  using Kind = Filter::Kind;
  using Got = std::optional<SearchKey>;
  switch (filter.kind) {
    case Kind::And:
    case Kind::Or:
    case Kind::Not: {
      std::vector<SearchKey> parts;
      const bool all = filter.kind == Kind::And;
      for (const Filter& part : filter.parts) {
        PH_TRY(auto key, keyFor(box, part));
        if (!key) return Got();
        if (isConstant(*key, all)) continue;
        if (isConstant(*key, !all)) return Got(constant(filter.kind == Kind::Or));
        parts.push_back(*std::move(key));
      }
      if (parts.empty()) return Got(constant(filter.kind != Kind::Or));
      if (all) return Got(allOf(std::move(parts)));
      SearchKey any = anyOf(std::move(parts));
      return Got(filter.kind == Kind::Or ? std::move(any) : notThat(std::move(any)));
    }
    case Kind::InMailbox:
      return Got(constant(holds(filter.ids, box.data.id)));
    case Kind::InMailboxOtherThan:
      return Got(constant(!holds(filter.ids, box.data.id)));
    case Kind::Before:
    case Kind::After: {
      PH_TRY(SearchKey key, receivedKey(box, filter));
      return Got(std::move(key));
    }
    case Kind::MinSize:
      return Got(filter.number == 0 ? everything() : numberKey(SearchKey::Kind::Larger, filter.number - 1));
    case Kind::MaxSize:
      return Got(numberKey(SearchKey::Kind::Smaller, filter.number));
    case Kind::AllInThread:
    case Kind::SomeInThread:
    case Kind::HasKeyword:
      return Got(flagKey(filter.text, true));
    case Kind::NoneInThread:
    case Kind::NotKeyword:
      return Got(flagKey(filter.text, false));
    case Kind::HasAttachment:
      return Got();
    case Kind::Text:
      return Got(textKey(SearchKey::Kind::Text, filter.text));
    case Kind::From:
      return Got(textKey(SearchKey::Kind::From, filter.text));
    case Kind::To:
      return Got(textKey(SearchKey::Kind::To, filter.text));
    case Kind::Cc:
      return Got(textKey(SearchKey::Kind::Cc, filter.text));
    case Kind::Bcc:
      return Got(textKey(SearchKey::Kind::Bcc, filter.text));
    case Kind::Subject:
      return Got(textKey(SearchKey::Kind::Subject, filter.text));
    case Kind::Body:
      return Got(textKey(SearchKey::Kind::Body, filter.text));
    case Kind::Header: {
      SearchKey key = textKey(SearchKey::Kind::Header, filter.text);
      key.name = filter.name;
      return Got(std::move(key));
    }
  }
  return Got();
}

namespace {

void takeEnvelope(const imap::Value& envelope, std::int64_t received, std::int64_t& sent, std::string& from,
                  std::string& to, std::string& subject) {
  sent = received;
  if (envelope.items.size() < 6) return;
  if (const auto date = mime::parseDate(envelope.items[0].text)) sent = date->seconds;
  subject = ascii::toLower(mime::baseSubject(envelope.items[1].text).text);
  from = firstAddress(envelope.items[2]);
  to = firstAddress(envelope.items[5]);
}

}  // namespace

Status StandardHost::searchIn(const Box& box, const imap::jmap::QueryArgs& query, std::vector<Hit>& into) {
  SearchKey key = everything();
  if (query.filter) {
    PH_TRY(auto wanted, keyFor(box, *query.filter));
    if (!wanted) return makeError(Errc::Unsupported, "this IMAP server cannot search for attachments");
    key = *std::move(wanted);
  }
  if (isConstant(key, false)) return okStatus();
  PH_TRY(const auto uids, uidSearch(box, key));
  if (into.size() + uids.size() > kMostHits)
    return makeError(Errc::Limit, "the search finds more messages than can be sorted");
  std::vector<imap::FetchAttribute> items{attributeOf(FetchKind::InternalDate)};
  if (can("OBJECTID")) items.push_back(attributeOf(FetchKind::EmailId));
  if (needsEnvelope(query.sort)) items.push_back(attributeOf(FetchKind::Envelope));
  for (const Comparator& by : query.sort) {
    if (by.key == Comparator::Key::Size) items.push_back(attributeOf(FetchKind::Rfc822Size));
    if (!by.keyword.empty()) items.push_back(attributeOf(FetchKind::Flags));
  }
  for (std::size_t first = 0; first < uids.size(); first += kUidsOfCommand) {
    const auto some = std::span(uids).subspan(first, std::min(kUidsOfCommand, uids.size() - first));
    PH_TRY(const Reply reply, inMailbox(box, false, Again::Yes, fetchRequest(setOfUids(some), items)));
    for (const imap::Response& response : reply.data) {
      const auto* data = std::get_if<imap::FetchData>(&response);
      const auto* uid = data == nullptr ? nullptr : itemOf(*data, FetchKind::Uid);
      const auto* date = data == nullptr ? nullptr : itemOf(*data, FetchKind::InternalDate);
      if (uid == nullptr || date == nullptr) continue;
      Hit hit;
      const auto* id = itemOf(*data, FetchKind::EmailId);
      hit.id = id != nullptr && id->text ? *id->text : idOf(box, static_cast<std::uint32_t>(uid->number));
      hit.received = date->date.seconds;
      if (const auto* size = itemOf(*data, FetchKind::Rfc822Size)) hit.octets = size->number;
      if (const auto* flags = itemOf(*data, FetchKind::Flags)) hit.flags = flags->flags;
      if (const auto* envelope = itemOf(*data, FetchKind::Envelope))
        takeEnvelope(envelope->value, hit.received, hit.sent, hit.from, hit.to, hit.subject);
      into.push_back(std::move(hit));
    }
  }
  return okStatus();
}

Result<std::vector<StandardHost::Hit>> StandardHost::search(const imap::jmap::QueryArgs& query) {
  std::vector<Hit> hits;
  for (const Box& box : boxes_)
    if (box.selectable && box.data.messages > 0 && box.data.rights.find('r') != std::string::npos)
      PH_CHECK(searchIn(box, query, hits));
  const auto compare = [&](const Hit& a, const Hit& b) {
    for (const Comparator& by : query.sort) {
      int result = 0;
      switch (by.key) {
        case Comparator::Key::ReceivedAt:
          result = order(a.received, b.received);
          break;
        case Comparator::Key::SentAt:
          result = order(a.sent, b.sent);
          break;
        case Comparator::Key::Size:
          result = order(a.octets, b.octets);
          break;
        case Comparator::Key::From:
          result = order(a.from, b.from);
          break;
        case Comparator::Key::To:
          result = order(a.to, b.to);
          break;
        case Comparator::Key::Subject:
          result = order(a.subject, b.subject);
          break;
        case Comparator::Key::HasKeyword:
        case Comparator::Key::AllInThread:
        case Comparator::Key::SomeInThread:
          result = order(hasFlag(a.flags, by.keyword), hasFlag(b.flags, by.keyword));
          break;
      }
      if (result != 0) return by.ascending ? result < 0 : result > 0;
    }
    return a.id < b.id;
  };
  std::sort(hits.begin(), hits.end(), compare);
  // A message in several mailboxes stands once, at its first place.
  std::set<Id> seen;
  std::erase_if(hits, [&](const Hit& hit) { return !seen.insert(hit.id).second; });
  return hits;
}

Result<Found> StandardHost::query(const imap::jmap::QueryArgs& query) {
  PH_CHECK(load());
  PH_TRY(const std::vector<Hit> hits, search(query));
  std::vector<Id> ids;
  ids.reserve(hits.size());
  for (const Hit& hit : hits) ids.push_back(hit.id);
  PH_TRY(Found found, windowOf(ids, query));
  found.state = stateOfAll();
  return found;
}

}  // namespace posthorn::mshttpd::backend
