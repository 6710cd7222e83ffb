// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/base/ascii.h"
#include "common/mime/address.h"
#include "common/mime/envelope.h"
#include "common/mime/fold.h"
#include "common/mime/header.h"
#include "common/mime/search_text.h"
#include "common/mime/subject.h"
#include "common/mime/words.h"
#include "test/unit/mshttpd/fake_mail_host.h"

namespace posthorn::mshttpd::backend {
namespace {

using imap::jmap::Comparator;
using imap::jmap::Filter;

bool has(const FakeEmail& email, const std::string& flag) {
  return std::any_of(email.flags.begin(), email.flags.end(),
                     [&](const std::string& one) { return ascii::equal(one, flag); });
}

bool holds(View text, const std::string& wanted) {
  return mime::fold(text).find(mime::fold(wanted)) != Bytes::npos;
}

bool field(const FakeEmail& email, View name, const std::string& wanted) {
  const auto fields = mime::headerFields(View(email.raw).substr(0, email.digest.outline[0].bodyStart));
  return std::any_of(fields.begin(), fields.end(), [&](const mime::Field& one) {
    return ascii::equal(one.name, name) && (wanted.empty() || holds(mime::decodeHeader(one.value), wanted));
  });
}

class Body final : public mime::TextSink {
 public:
  void onText(Origin origin, View utf8) override {
    if (origin == Origin::Body) text += utf8;
  }
  Bytes text;
};

bool body(const FakeEmail& email, const std::string& wanted) {
  Body sink;
  mime::SearchText search(sink);
  mime::MessageParser parser(&search);
  parser.feed(email.raw);
  (void)parser.finish();
  return holds(sink.text, wanted);
}

bool inThread(const FakeAccount& account, const FakeEmail& email, const std::string& flag, bool all) {
  const auto emails = account.emailsOf(email.threadId);
  const auto carries = [&](const FakeEmail* one) { return has(*one, flag); };
  return all ? std::all_of(emails.begin(), emails.end(), carries)
             : std::any_of(emails.begin(), emails.end(), carries);
}

bool matchesText(const FakeEmail& email, const Filter& filter) {
  using Kind = Filter::Kind;
  switch (filter.kind) {
    case Kind::From:
      return field(email, "From", filter.text);
    case Kind::To:
      return field(email, "To", filter.text);
    case Kind::Cc:
      return field(email, "Cc", filter.text);
    case Kind::Bcc:
      return field(email, "Bcc", filter.text);
    case Kind::Subject:
      return field(email, "Subject", filter.text);
    case Kind::Header:
      return field(email, filter.name, filter.text);
    case Kind::Body:
      return body(email, filter.text);
    default:
      return body(email, filter.text) || field(email, "From", filter.text) ||
             field(email, "To", filter.text) || field(email, "Cc", filter.text) ||
             field(email, "Bcc", filter.text) || field(email, "Subject", filter.text);
  }
}

Bytes nameOf(const std::vector<mime::Address>& addresses) {
  for (const auto& address : addresses) {
    if (address.groupStart() || address.groupEnd()) continue;
    if (address.name && !address.name->empty()) return mime::decodeWords(*address.name);
    return mime::spellAddress(address);
  }
  return {};
}

struct SortKey {
  std::int64_t number = 0;
  Bytes text;
};

SortKey keyOf(const FakeAccount& account, const FakeEmail& email, const Comparator& by) {
  using Key = Comparator::Key;
  switch (by.key) {
    case Key::ReceivedAt:
      return {email.date.seconds, {}};
    case Key::SentAt:
      return {email.digest.sent ? email.digest.sent->seconds : email.date.seconds, {}};
    case Key::Size:
      return {static_cast<std::int64_t>(email.raw.size()), {}};
    case Key::HasKeyword:
      return {has(email, by.keyword) ? 1 : 0, {}};
    case Key::AllInThread:
      return {inThread(account, email, by.keyword, true) ? 1 : 0, {}};
    case Key::SomeInThread:
      return {inThread(account, email, by.keyword, false) ? 1 : 0, {}};
    default:
      break;
  }
  const auto envelope = mime::parseEnvelope(email.digest.envelope);
  if (!envelope.ok()) return {};
  if (by.key == Key::Subject) return {0, mime::fold(mime::baseSubject(envelope->subject.value_or("")).text)};
  return {0, mime::fold(nameOf(by.key == Key::From ? envelope->from : envelope->to))};
}

}  // namespace

bool fakeMatches(const FakeAccount& account, const FakeEmail& email, const Filter& filter) {
  using Kind = Filter::Kind;
  const auto part = [&](const Filter& one) { return fakeMatches(account, email, one); };
  const auto millis = email.date.seconds * 1000;
  switch (filter.kind) {
    case Kind::And:
      return std::all_of(filter.parts.begin(), filter.parts.end(), part);
    case Kind::Or:
      return std::any_of(filter.parts.begin(), filter.parts.end(), part);
    case Kind::Not:
      return std::none_of(filter.parts.begin(), filter.parts.end(), part);
    case Kind::InMailbox:
      return email.mailboxes.count(filter.ids.at(0)) > 0;
    case Kind::InMailboxOtherThan:
      return std::any_of(email.mailboxes.begin(), email.mailboxes.end(), [&](const Id& id) {
        return std::find(filter.ids.begin(), filter.ids.end(), id) == filter.ids.end();
      });
    case Kind::Before:
      return millis < filter.time;
    case Kind::After:
      return millis >= filter.time;
    case Kind::MinSize:
      return email.raw.size() >= filter.number;
    case Kind::MaxSize:
      return email.raw.size() < filter.number;
    case Kind::AllInThread:
      return inThread(account, email, filter.text, true);
    case Kind::SomeInThread:
      return inThread(account, email, filter.text, false);
    case Kind::NoneInThread:
      return !inThread(account, email, filter.text, false);
    case Kind::HasKeyword:
      return has(email, filter.text);
    case Kind::NotKeyword:
      return !has(email, filter.text);
    case Kind::HasAttachment:
      return email.digest.hasAttachment == (filter.number == 1);
    default:
      return matchesText(email, filter);
  }
}

bool fakeBefore(const FakeAccount& account, const FakeEmail& a, const FakeEmail& b,
                const std::vector<Comparator>& sort) {
  for (const Comparator& by : sort) {
    const SortKey left = keyOf(account, a, by);
    const SortKey right = keyOf(account, b, by);
    if (left.number != right.number) return (left.number < right.number) == by.ascending;
    if (left.text != right.text) return (left.text < right.text) == by.ascending;
  }
  return a.id < b.id;
}

Result<Found> FakeMailHost::query(const imap::jmap::QueryArgs& query) {
  PH_CHECK(enter("query"));
  std::vector<const FakeEmail*> list;
  for (const auto& [id, email] : account_->emails) {
    if (!account_->alive(email) || !visible(email)) continue;
    if (!query.filter || fakeMatches(*account_, email, *query.filter)) list.push_back(&email);
  }
  std::sort(list.begin(), list.end(), [&](const FakeEmail* a, const FakeEmail* b) {
    return fakeBefore(*account_, *a, *b, query.sort);
  });
  if (query.collapseThreads) {
    std::set<Id> seen;
    std::erase_if(list, [&](const FakeEmail* email) { return !seen.insert(email->threadId).second; });
  }
  const auto total = static_cast<std::int64_t>(list.size());
  std::int64_t from = query.position < 0 ? std::max<std::int64_t>(0, total + query.position) : query.position;
  if (query.anchor) {
    const auto at = std::find_if(list.begin(), list.end(),
                                 [&](const FakeEmail* email) { return email->id == *query.anchor; });
    if (at == list.end()) return makeError(Errc::NotFound, "no such anchor");
    from = std::max<std::int64_t>(0, (at - list.begin()) + query.anchorOffset);
  }
  Found found;
  found.state = std::to_string(account_->modseq);
  found.position = static_cast<std::uint64_t>(from);
  if (query.total) found.total = list.size();
  for (std::int64_t i = from; i < total; ++i) {
    if (query.limit && found.ids.size() >= *query.limit) break;
    found.ids.push_back(list[static_cast<std::size_t>(i)]->id);
  }
  return found;
}

}  // namespace posthorn::mshttpd::backend
