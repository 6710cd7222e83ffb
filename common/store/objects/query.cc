// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/query.h"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_set>

#include "common/store/objects/emails.h"
#include "common/store/objects/judge.h"
#include "common/store/objects/order.h"
#include "common/store/ops.h"

namespace posthorn::store::objects {

namespace {

constexpr std::size_t kStride = 16;

void spell(Bytes& out, View text) {
  putLe(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

void spell(Bytes& out, const FlagName& flag) {
  putLe(out, flag.system);
  spell(out, flag.keyword);
}

void spell(Bytes& out, const Filter& filter) {
  putLe(out, static_cast<std::uint8_t>(filter.kind));
  putLe(out, static_cast<std::uint32_t>(filter.parts.size()));
  for (const Filter& part : filter.parts) spell(out, part);
  putLe(out, static_cast<std::uint32_t>(filter.mailboxes.size()));
  for (const Id128& id : filter.mailboxes) out.append(id.view());
  spell(out, filter.flag);
  spell(out, filter.name);
  spell(out, filter.text);
  putLe(out, static_cast<std::uint64_t>(filter.time));
  putLe(out, filter.number);
}

/// Names a result by all that it depends on.
std::string resultName(const AccountHandle& account, const Asker& asker, const Query& query, Modseq state) {
  Bytes name = "Q";
  spell(name, account.id());
  spell(name, asker ? asker->id : std::string());
  putLe(name, state);
  putLe(name, std::uint8_t{query.collapseThreads});
  for (const Sort& sort : query.sort) {
    putLe(name, static_cast<std::uint8_t>(sort.key));
    putLe(name, std::uint8_t{sort.ascending});
    spell(name, sort.flag);
  }
  if (query.filter) spell(name, *query.filter);
  return name;
}

class Search {
 public:
  Search(const AccountHandle& account, const Asker& asker, const Query& query,
         const std::function<bool()>& goOn)
      : account_(account), asker_(asker), query_(query), goOn_(goOn) {}

  /// The whole result, remembered or new.
  Result<std::shared_ptr<const Ids>> run(Modseq& state) {
    auto snapshot = account_.domain().snapshot();
    if (!snapshot.ok()) return snapshot.error();
    PH_TRY(const auto user, readUser(**snapshot));
    state = user.modseq;
    const std::string name = resultName(account_, asker_, query_, state);
    const Memory* memory = account_.memory();
    if (memory != nullptr)
      if (auto known = memory->find<Ids>(name)) return known;
    PH_TRY(const Emails emails, Emails::read(**snapshot, account_, asker_));
    std::optional<Judge> judge;
    if (query_.filter) {
      PH_TRY(judge, Judge::make(**snapshot, emails, *query_.filter));
    }
    PH_TRY(const Order order, Order::make(**snapshot, emails, query_.sort));
    snapshot->reset();
    PH_TRY(auto found, choose(emails, judge));
    PH_CHECK(order.apply(account_, emails, found, goOn_));
    if (query_.collapseThreads) collapse(emails, found);
    auto ids = std::make_shared<Ids>();
    ids->reserve(found.size());
    for (const std::uint32_t email : found) ids->push_back(emails.fact(email).emailId);
    if (memory != nullptr) memory->keep<Ids>(name, ids, ids->size() * sizeof(Id128));
    return std::shared_ptr<const Ids>(std::move(ids));
  }

 private:
  Result<std::vector<std::uint32_t>> choose(const Emails& emails, const std::optional<Judge>& judge) const {
    std::vector<std::uint32_t> found;
    for (std::size_t email = 0; email < emails.size(); ++email) {
      if (email % kStride == 0 && !goOn_())
        return makeError(Errc::Cancelled, "store: nobody waits for the answer");
      if (judge) {
        std::optional<Texts> texts;
        const auto matched = judge->matches(account_, emails, email, texts);
        // A message that is gone or damaged cannot be looked into; the others can.
        const bool unreadable = !matched.ok() && (matched.error().code == Errc::NotFound ||
                                                  matched.error().code == Errc::Corrupt);
        if (!matched.ok() && !unreadable) return matched.error();
        if (unreadable || !*matched) continue;
      }
      found.push_back(static_cast<std::uint32_t>(email));
    }
    return found;
  }

  static void collapse(const Emails& emails, std::vector<std::uint32_t>& found) {
    std::unordered_set<std::uint64_t> seen;
    seen.reserve(found.size());
    std::erase_if(found,
                  [&](std::uint32_t email) { return !seen.insert(emails.fact(email).threadId).second; });
  }

  const AccountHandle& account_;
  const Asker& asker_;
  const Query& query_;
  const std::function<bool()>& goOn_;
};

Result<std::uint64_t> beginOf(const Query& query, const Ids& ids) {
  const auto size = static_cast<std::int64_t>(ids.size());
  std::int64_t begin = query.position;
  if (query.anchor) {
    const auto at = std::find(ids.begin(), ids.end(), *query.anchor);
    if (at == ids.end()) return makeError(Errc::NotFound, "store: the anchor is not among the found");
    const std::int64_t anchor = at - ids.begin();
    // Far beyond either end is as good as at it, and cannot overflow.
    begin = anchor + std::clamp(query.anchorOffset, -size, size);
  } else if (begin < 0) {
    begin = begin < -size ? 0 : begin + size;
  }
  return static_cast<std::uint64_t>(std::max<std::int64_t>(begin, 0));
}

}  // namespace

Result<QueryAnswer> query(const AccountHandle& account, const Asker& asker, const Query& query,
                          const std::function<bool()>& goOn) {
  QueryAnswer answer;
  PH_TRY(const auto ids, Search(account, asker, query, goOn).run(answer.state));
  PH_TRY(answer.position, beginOf(query, *ids));
  if (query.total) answer.total = ids->size();
  const std::size_t begin = std::min<std::size_t>(answer.position, ids->size());
  const std::size_t most = std::min<std::size_t>(query.limit.value_or(kMostFound), kMostFound);
  const std::size_t end = begin + std::min(most, ids->size() - begin);
  answer.ids.assign(ids->begin() + static_cast<std::ptrdiff_t>(begin),
                    ids->begin() + static_cast<std::ptrdiff_t>(end));
  return answer;
}

}  // namespace posthorn::store::objects
