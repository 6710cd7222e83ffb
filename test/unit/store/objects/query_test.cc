// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/query.h"

#include "common/store/acl.h"
#include "test/unit/store/objects/model.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;
using objects::Filter;
using objects::Sort;

namespace {

const auto kGoOn = [] { return true; };

Filter condition(Filter::Kind kind) {
  Filter filter;
  filter.kind = kind;
  return filter;
}
Filter textOf(Filter::Kind kind, const std::string& text) {
  Filter filter = condition(kind);
  filter.text = text;
  return filter;
}
Filter flagged(Filter::Kind kind, SystemFlags flag) {
  Filter filter = condition(kind);
  filter.flag.system = flag;
  return filter;
}
Filter group(Filter::Kind kind, std::vector<Filter> parts) {
  Filter filter = condition(kind);
  filter.parts = std::move(parts);
  return filter;
}

objects::Ids idsOf(const AccountHandle& account, const objects::Query& query,
                   const objects::Asker& asker = {}) {
  return must(objects::query(account, asker, query, kGoOn)).ids;
}
objects::Ids found(const AccountHandle& account, const Filter& filter) {
  objects::Query query;
  query.filter = filter;
  return idsOf(account, query);
}

/// What a filter finds, by the words of RFC 8621 4.4.1, in the order of the ids.
template <typename Fits>
objects::Ids expected(const AccountView& view, Fits fits) {
  objects::Ids ids;
  for (const auto& [id, email] : view.emails)
    if (fits(email)) ids.push_back(id);
  return ids;
}

void checkFilters(const AccountHandle& account, const AccountView& view) {
  for (const auto& [id, mailbox] : view.mailboxes) {
    Filter in = condition(Filter::Kind::InMailbox);
    in.mailboxes = {id};
    CHECK(found(account, in) == expected(view, [&](const auto& e) { return e.mailboxes.contains(id); }));
    Filter other = condition(Filter::Kind::InMailboxOtherThan);
    other.mailboxes = {id};
    CHECK(found(account, other) ==
          expected(view, [&](const auto& e) { return e.mailboxes.size() > e.mailboxes.count(id); }));
    CHECK(found(account, group(Filter::Kind::Not, {in, flagged(Filter::Kind::HasKeyword, kSeen)})) ==
          expected(view, [&](const auto& e) { return !e.mailboxes.contains(id) && (e.flags & kSeen) == 0; }));
  }
  const auto inThread = [&](const EmailView& email, auto test) {
    std::size_t count = 0;
    for (const Id128& id : view.threads.at(email.thread)) count += test(view.emails.at(id)) ? 1 : 0;
    return std::pair(count, view.threads.at(email.thread).size());
  };
  const auto seen = [](const EmailView& e) { return (e.flags & kSeen) != 0; };
  CHECK(found(account, flagged(Filter::Kind::AllInThread, kSeen)) == expected(view, [&](const auto& e) {
          const auto [some, all] = inThread(e, seen);
          return some == all;
        }));
  CHECK(found(account, flagged(Filter::Kind::SomeInThread, kSeen)) ==
        expected(view, [&](const auto& e) { return inThread(e, seen).first > 0; }));
  CHECK(found(account, flagged(Filter::Kind::NoneInThread, kSeen)) ==
        expected(view, [&](const auto& e) { return inThread(e, seen).first == 0; }));
  Filter keyword = condition(Filter::Kind::HasKeyword);
  keyword.flag.keyword = "$K1";
  CHECK(found(account, keyword) == expected(view, [](const auto& e) { return e.keywords.contains("$k1"); }));
  Filter size = condition(Filter::Kind::MinSize);
  size.number = 170;
  CHECK(found(account, size) == expected(view, [](const auto& e) { return e.size >= 170; }));
}

void checkSorting(const AccountHandle& account, const AccountView& view) {
  objects::Query query;
  query.sort = {{Sort::Key::HasKeyword, false, {kFlagged, ""}}, {Sort::Key::Size, true, {}}};
  objects::Ids all = expected(view, [](const auto&) { return true; });
  std::stable_sort(all.begin(), all.end(), [&](const Id128& a, const Id128& b) {
    const EmailView& x = view.emails.at(a);
    const EmailView& y = view.emails.at(b);
    const auto keyOf = [](const EmailView& e) { return std::pair((e.flags & kFlagged) == 0, e.size); };
    return keyOf(x) < keyOf(y);
  });
  CHECK(idsOf(account, query) == all);
  query.collapseThreads = true;
  std::set<std::uint64_t> threads;
  std::erase_if(all, [&](const Id128& id) { return !threads.insert(view.emails.at(id).thread).second; });
  CHECK(idsOf(account, query) == all);
}

}  // namespace

TEST_CASE("queries find what the words say, in order") {
  const unsigned seed = GENERATE(1U, 2U, 3U);
  World world("memory");
  Chaos chaos(world, seed);
  for (int i = 0; i < 120; ++i) {
    chaos.step();
    if (i % 10 != 9) continue;
    const AccountView view = viewOf(world.account);
    checkFilters(world.account, view);
    checkSorting(world.account, view);
  }
}

TEST_CASE("a window of the found is cut by position or anchor") {
  World world("memory");
  auto box = world.box();
  for (unsigned i = 1; i <= 10; ++i) append(box, letter(i));
  objects::Query query;
  query.total = true;
  const objects::Ids all = idsOf(world.account, query);
  REQUIRE(all.size() == 10);
  const auto part = [&](std::size_t from, std::size_t count) {
    return objects::Ids(all.begin() + static_cast<std::ptrdiff_t>(from),
                        all.begin() + static_cast<std::ptrdiff_t>(from + count));
  };
  query.position = 3;
  query.limit = 4;
  CHECK(idsOf(world.account, query) == part(3, 4));
  query.position = -2;
  CHECK(idsOf(world.account, query) == part(8, 2));
  query.position = INT64_MIN;
  CHECK(idsOf(world.account, query) == part(0, 4));
  query.position = INT64_MAX;
  CHECK(idsOf(world.account, query).empty());
  query.anchor = all[5];
  query.anchorOffset = -2;
  const auto answer = must(objects::query(world.account, {}, query, kGoOn));
  CHECK(answer.ids == part(3, 4));
  CHECK(answer.position == 3);
  CHECK(answer.total == 10U);
  query.anchorOffset = INT64_MIN;
  CHECK(idsOf(world.account, query) == part(0, 4));
  query.anchorOffset = INT64_MAX;
  CHECK(idsOf(world.account, query).empty());
  query.anchor = Id128::random();
  CHECK(codeOf(objects::query(world.account, {}, query, kGoOn)) == Errc::NotFound);
}

TEST_CASE("texts are looked for word by word, and phrases as they are") {
  const auto* const engine = GENERATE("memory", "embedded");
  World world(engine);
  auto box = world.box();
  append(
      box,
      letter(
          1, 0,
          "Cc: Zo\xC3\xAB <zoe@example.org>\r\nX-Mark: red fox\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n"));
  append(box, letter(2, 0, "Date: Mon, 1 Jan 2023 10:00:00 +0000\r\n"));
  append(box,
         "From: c@example.org\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/mixed; "
         "boundary=x\r\n\r\n--x\r\n\r\nHidden treasure\r\n--x\r\nContent-Type: application/pdf\r\n"
         "Content-Disposition: attachment; filename=a.pdf\r\n\r\nabc\r\n--x--\r\n");
  const auto count = [&](const Filter& filter) { return found(world.account, filter).size(); };
  CHECK(count(textOf(Filter::Kind::Subject, "letter 1")) == 1);
  CHECK(count(textOf(Filter::Kind::Subject, "LETTER")) == 2);
  CHECK(count(textOf(Filter::Kind::Subject, "2 letter")) == 1);
  CHECK(count(textOf(Filter::Kind::Subject, "\"2 letter\"")) == 0);
  CHECK(count(textOf(Filter::Kind::Subject, "gr\xC3\xBC\xC3\x9F")) == 1);
  CHECK(count(textOf(Filter::Kind::From, "Berg anna1@")) == 1);
  CHECK(count(textOf(Filter::Kind::Cc, "zoe@example")) == 1);
  CHECK(count(textOf(Filter::Kind::Body, "hidden treasure")) == 1);
  CHECK(count(textOf(Filter::Kind::Body, "Subject")) == 0);
  CHECK(count(textOf(Filter::Kind::Text, "anna2@example.org \"text of letter\"")) == 1);
  Filter header = textOf(Filter::Kind::Header, "fox");
  header.name = "x-mark";
  CHECK(count(header) == 1);
  header.text.clear();
  CHECK(count(header) == 1);
  header.name = "X-None";
  CHECK(count(header) == 0);
  Filter attachment = condition(Filter::Kind::HasAttachment);
  attachment.number = 1;
  CHECK(count(attachment) == 1);
  attachment.number = 0;
  CHECK(count(attachment) == 2);
  objects::Query query;
  query.filter = textOf(Filter::Kind::Subject, "letter");
  query.sort = {{Sort::Key::SentAt, true, {}}};
  const auto byDate = idsOf(world.account, query);
  query.sort = {{Sort::Key::Subject, true, {}}};
  const auto bySubject = idsOf(world.account, query);
  REQUIRE(byDate.size() == 2);
  CHECK(byDate[0] == bySubject[1]);
  query.filter = textOf(Filter::Kind::Text, "x");
  CHECK(codeOf(objects::query(world.account, {}, query, [] { return false; })) == Errc::Cancelled);
}

TEST_CASE("who is not the owner sees and changes what the access list lets him") {
  const auto* const engine = GENERATE("memory", "embedded");
  World world(engine);
  must(world.account.create("Shared"));
  must(world.account.create("Target"));
  auto shared = world.box("Shared");
  append(shared, letter(1));
  append(world.box(), letter(2));
  const objects::Asker bob = Identity{"bob", "", false};
  CHECK(must(objects::mailboxInfos(world.account, bob)).mailboxes.empty());
  must(setAcl(shared, {"bob", AclChange::Mode::Replace, *parseRights("lrs")}));
  const auto boxes = must(objects::mailboxInfos(world.account, bob));
  REQUIRE(boxes.mailboxes.size() == 1);
  CHECK(boxes.mailboxes[0].name == "Shared");
  CHECK(boxes.mailboxes[0].messages == 1);
  CHECK(spellRights(boxes.mailboxes[0].rights) == "lrs");
  CHECK(idsOf(world.account, {}, bob).size() == 1);
  const Id128 his = rowsOf(shared).at(0).facts.emailId;
  const Id128 hidden = rowsOf(world.box()).at(0).facts.emailId;
  const std::vector<Id128> both{his, hidden};
  CHECK(must(objects::emailInfos(world.account, bob, both)).emails.size() == 1);

  using Kind = objects::EmailOutcome::Kind;
  const auto change = [&](const objects::EmailUpdate& update) {
    return must(objects::updateEmails(world.account, bob, {}, {&update, 1})).outcomes.at(0).kind;
  };
  const Modseq before = must(world.account.modseq());
  objects::EmailUpdate seen;
  seen.id = his;
  seen.addFlags = {{kSeen, ""}};
  CHECK(change(seen) == Kind::Updated);
  CHECK((must(objects::emailInfos(world.account, bob, both)).emails.at(0).flags & kSeen) != 0);
  CHECK((must(objects::emailInfos(world.account, {}, both)).emails.at(0).flags & kSeen) == 0);
  CHECK(must(objects::emailChanges(world.account, bob, {before}, 0)).updated == std::vector<Id128>{his});
  CHECK(must(objects::mailboxInfos(world.account, bob)).mailboxes.at(0).unseen == 0);
  objects::EmailUpdate other;
  other.id = his;
  other.addFlags = {{kFlagged, ""}};
  CHECK(change(other) == Kind::Forbidden);
  objects::EmailUpdate gone;
  gone.id = his;
  gone.destroy = true;
  CHECK(change(gone) == Kind::Forbidden);
  gone.id = hidden;
  CHECK(change(gone) == Kind::NotFound);
  objects::EmailUpdate moved;
  moved.id = his;
  moved.setMailboxes = std::vector<Id128>{must(world.box("Target").status()).mailboxId};
  CHECK(change(moved) == Kind::NoMailbox);
  must(setAcl(world.box("Target"), {"bob", AclChange::Mode::Replace, *parseRights("lri")}));
  CHECK(change(moved) == Kind::Forbidden);
  must(setAcl(shared, {"bob", AclChange::Mode::Replace, *parseRights("lrste")}));
  CHECK(codeOf(objects::emailChanges(world.account, bob, {before}, 0)) == Errc::Conflict);
  CHECK(change(moved) == Kind::Updated);
  CHECK(must(shared.status()).messages == 0);
  world.sound();
}

TEST_CASE("an update over quota or with too many keywords is refused, and the others are done") {
  Quota quota;
  quota.messages = 2;
  World world("memory", {}, quota);
  must(world.account.create("Work"));
  auto box = world.box();
  append(box, letter(1));
  append(box, letter(2));
  const auto rows = rowsOf(box);
  std::vector<objects::EmailUpdate> updates(2);
  updates[0].id = rows[0].facts.emailId;
  updates[0].addMailboxes = {must(world.box("Work").status()).mailboxId};
  updates[1].id = rows[1].facts.emailId;
  updates[1].addFlags = {{kFlagged, ""}};
  const auto done = must(objects::updateEmails(world.account, {}, {}, updates));
  CHECK(done.outcomes.at(0).kind == objects::EmailOutcome::Kind::OverQuota);
  CHECK(done.outcomes.at(1).kind == objects::EmailOutcome::Kind::Updated);
  CHECK(must(world.box("Work").status()).messages == 0);
  updates[0].addMailboxes.clear();
  for (int i = 0; i < 65; ++i) updates[0].addFlags.push_back({0, "k" + std::to_string(i)});
  CHECK(must(objects::updateEmails(world.account, {}, {}, updates)).outcomes.at(0).kind ==
        objects::EmailOutcome::Kind::TooManyKeywords);
  CHECK(codeOf(objects::updateEmails(world.account, {}, 1, updates)) == Errc::Conflict);
  world.sound();
}

TEST_CASE("the flags of hundreds of messages far apart change in bounded commits") {
  World world("memory");
  auto box = world.box();
  for (unsigned i = 1; i <= 1500; i += 100) {
    std::vector<MessageWriter> some;
    for (unsigned j = i; j < i + 100; ++j) some.push_back(write(world.account, letter(j)));
    must(box.append(some));
  }
  must(world.account.create("Work"));
  const Id128 work = must(world.box("Work").status()).mailboxId;
  std::vector<objects::EmailUpdate> updates;
  for (const MessageRow& row : rowsOf(box)) {
    if (row.uid % 2 != 0) continue;
    objects::EmailUpdate update;
    update.id = row.facts.emailId;
    update.addFlags = {{kSeen, ""}, {0, "$x"}};
    update.setMailboxes = std::vector<Id128>{work};
    updates.push_back(std::move(update));
  }
  const auto before = must(world.account.modseq());
  const auto done = must(objects::updateEmails(world.account, {}, before, updates));
  CHECK(done.outcomes.size() == updates.size());
  CHECK(must(world.box("Work").status()).messages == updates.size());
  CHECK(must(world.box("Work").status()).unseen == 0);
  const auto changed = must(objects::emailChanges(world.account, {}, {before}, 0));
  CHECK(changed.updated.size() == updates.size());
  CHECK(changed.created.empty());
  CHECK(changed.destroyed.empty());
  // One commit, told in parts.
  objects::Known<Id128> known{before, {}};
  std::set<Id128> told;
  int parts = 0;
  for (bool more = true; more; ++parts) {
    const auto part = must(objects::emailChanges(world.account, {}, known, 100));
    CHECK(part.updated.size() <= 100);
    told.insert(part.updated.begin(), part.updated.end());
    known = {part.newState, part.newAfter};
    more = part.more;
  }
  CHECK(parts == 8);
  CHECK(told.size() == updates.size());
  world.sound();
}
