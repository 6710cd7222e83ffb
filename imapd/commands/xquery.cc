// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "common/imap/print/jmap.h"
#include "common/store/objects/query.h"
#include "imapd/commands/commands.h"
#include "imapd/jmap.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {
namespace {

namespace jmap = imap::jmap;
namespace objects = store::objects;

// A search through texts holds a thread no longer than this.
constexpr std::chrono::seconds kLongest{60};

objects::Filter filterOf(const jmap::Filter& filter) {
  static_assert(static_cast<int>(objects::Filter::Kind::Header) ==
                static_cast<int>(jmap::Filter::Kind::Header));
  objects::Filter made;
  made.kind = static_cast<objects::Filter::Kind>(filter.kind);
  for (const jmap::Filter& part : filter.parts) made.parts.push_back(filterOf(part));
  made.mailboxes = mailboxIdsOf(filter.ids);
  made.flag = objects::flagOf(filter.text);
  made.name = filter.name;
  made.text = filter.text;
  made.time = filter.time;
  made.number = filter.number;
  return made;
}

objects::Query queryOf(const jmap::QueryArgs& args) {
  static_assert(static_cast<int>(objects::Sort::Key::SomeInThread) ==
                static_cast<int>(jmap::Comparator::Key::SomeInThread));
  objects::Query query;
  if (args.filter) query.filter = filterOf(*args.filter);
  for (const jmap::Comparator& one : args.sort)
    query.sort.push_back(
        {static_cast<objects::Sort::Key>(one.key), one.ascending, objects::flagOf(one.keyword)});
  query.collapseThreads = args.collapseThreads;
  query.position = args.position;
  if (args.anchor) query.anchor = emailIdOf(*args.anchor).value_or(Id128());
  query.anchorOffset = args.anchorOffset;
  query.limit = args.limit;
  query.total = args.total;
  return query;
}

}  // namespace

/// XQUERY: messages of all mailboxes, sorted, a window of them (RFC 8621 4.4).
Result<Answer> commands::xQuery(Mail& mail, const jmap::QueryArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const JmapAccount target, jmapAccountOf(mail, args.owner));
  const auto began = std::chrono::steady_clock::now();
  const auto goOn = [&] { return mail.wanted() && std::chrono::steady_clock::now() - began < kLongest; };
  const auto found = objects::query(target.account, target.asker, queryOf(args), goOn);
  if (!found.ok() && found.error().code == Errc::NotFound)
    return jmapRefusal("[XANCHORNOTFOUND]", "The anchor is not among the found");
  if (!found.ok() && found.error().code == Errc::Cancelled)
    return jmapRefusal("[LIMIT]", "The search takes too long; ask for less");
  if (!found.ok()) return found.error();
  jmap::QueryData data;
  data.state = found->state;
  data.position = found->position;
  data.total = found->total;
  for (const Id128& id : found->ids) data.ids.push_back(emailIdText(id));
  Answer answer;
  imap::putJmap(answer.untagged, data);
  answer.text = stateText(found->state);
  return answer;
}

}  // namespace posthorn::imapd
