// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/mime/date.h"
#include "common/mime/subject.h"
#include "common/mime/words.h"
#include "mshttpd/backend/fetch_items.h"
#include "mshttpd/backend/query_window.h"
#include "mshttpd/backend/search_keys.h"
#include "mshttpd/backend/standard_host.h"

namespace posthorn::mshttpd::backend {

using imap::SearchKey;
using imap::jmap::Comparator;
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
