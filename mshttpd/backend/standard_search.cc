// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/imap/types/search_keys.h"
#include "mshttpd/backend/fetch_items.h"
#include "mshttpd/backend/search_keys.h"
#include "mshttpd/backend/standard_host.h"

// What SEARCH is asked where a server knows no more than IMAP.

namespace posthorn::mshttpd::backend {

using imap::CommandName;
using imap::SearchKey;
using imap::jmap::Filter;
using FetchKind = imap::FetchAttribute::Kind;

namespace {

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

bool isCharsetNeeded(const SearchKey& key) {
  const auto wide = [](const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7E; });
  };
  return wide(key.text) || std::any_of(key.children.begin(), key.children.end(), isCharsetNeeded);
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

}  // namespace posthorn::mshttpd::backend
