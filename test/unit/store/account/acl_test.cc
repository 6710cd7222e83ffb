// SPDX-License-Identifier: Apache-2.0
#include "common/store/acl.h"

#include <algorithm>
#include <fstream>

#include "common/store/reader.h"
#include "common/store/schema.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

using Mode = AclChange::Mode;
constexpr View kText = "Subject: x\n\ntext\n";

const Identity kBob{"bob", "example.org", false};
const Identity kCarl{"carl@other.org", "other.org", false};
const Identity kAdmin{"root", "example.org", true};

void give(const MailboxHandle& box, std::string identifier, View rights, Mode mode = Mode::Replace) {
  must(setAcl(box, {std::move(identifier), mode, parseRights(rights).value()}));
}

std::string rightsText(const MailboxHandle& box, const Identity& who) {
  return spellRights(must(rightsOn(box, who)));
}

MailboxHandle bobs(const MailboxHandle& box, View rights = "lrs") {
  return box.as({"bob", parseRights(rights).value()});
}

AccountHandle accountOf(const World& world, std::string id) {
  return must(world.store->account({std::move(id), "", {}}, Engine::Create::Yes));
}

FlagChange change(Mode mode, SystemFlags flags, std::vector<std::string> keywords = {}) {
  const auto how = mode == Mode::Add      ? FlagChange::Mode::Add
                   : mode == Mode::Remove ? FlagChange::Mode::Remove
                                          : FlagChange::Mode::Replace;
  return {how, flags, std::move(keywords)};
}

std::vector<SystemFlags> flagsOf(const MailboxHandle& box) {
  std::vector<SystemFlags> flags;
  for (const auto& row : must(box.window(UidSet::all(), 1, Columns::Flags)).rows)
    flags.push_back(row.message.flags);
  return flags;
}

std::vector<std::string> namesOf(const std::vector<VisibleMailbox>& visible) {
  std::vector<std::string> names;
  for (const auto& one : visible) names.push_back(one.name);
  return names;
}

}  // namespace

TEST_CASE("rights are letters, and c and d stand for their members") {
  CHECK(parseRights("") == 0U);
  CHECK(parseRights("lrswipkxtea") == kAllRights);
  CHECK(parseRights("c") == (kMayCreate | kMayRemove));
  CHECK(parseRights("d") == (kMayDeleteMessages | kMayExpunge));
  CHECK(parseRights("lrswipcda") == kAllRights);
  for (const View bad : {"L", "q", "0", " ", "lr-", "+l"}) CHECK_FALSE(parseRights(bad));
  CHECK(spellRights(0).empty());
  CHECK(spellRights(kAllRights) == "lrswipkxteacd");
  CHECK(spellRights(kMayLookUp | kMayRemove) == "lxc");
  CHECK(spellRights(kMayExpunge) == "ed");
}

TEST_CASE("an access list gives what its entries give and none takes away") {
  const auto may = [](const Identity& who, const Acl& acl) {
    return spellRights(rightsOf(who, "anna", acl));
  };
  CHECK(may({"anna", "example.org", false}, {}) == "lrswipkxteacd");
  CHECK(may({"anna", "example.org", false}, {{"-anna", kAllRights}, {"-anyone", kAllRights}}) ==
        "lrswipkxteacd");
  CHECK(may(kAdmin, {{"-anyone", kAllRights}}) == "lrswipkxteacd");
  CHECK(may(kBob, {}).empty());
  CHECK(may(kBob, {{"bob", kMayRead}}) == "r");
  CHECK(may(kBob, {{"bobby", kAllRights}}).empty());
  CHECK(may(kBob, {{"anyone", kMayLookUp}, {"bob", kMayRead}}) == "lr");
  CHECK(may(kBob, {{"anyone@example.org", kMayLookUp}}) == "l");
  CHECK(may(kCarl, {{"anyone@example.org", kMayLookUp}}).empty());
  CHECK(may(kCarl, {{"anyone@other.org", kMayLookUp}}) == "l");
  CHECK(may({"dora", "", false}, {{"anyone@", kMayLookUp}}).empty());
  CHECK(may(kBob, {{"-bob", kMayRead}, {"anyone", kMayLookUp | kMayRead}}) == "l");
  CHECK(may(kCarl, {{"-bob", kMayRead}, {"anyone", kMayLookUp | kMayRead}}) == "lr");
  CHECK(may(kBob, {{"-anyone", kMayRead}, {"bob", kMayLookUp | kMayRead}}) == "l");
  CHECK(may(kCarl, {{"-anyone@other.org", kAllRights}, {"anyone", kAllRights}}).empty());
}

TEST_CASE("an access list is changed as SETACL says") {
  Acl acl;
  must(changeAcl(acl, {"bob", Mode::Replace, kMayRead}));
  must(changeAcl(acl, {"anyone", Mode::Add, kMayLookUp}));
  must(changeAcl(acl, {"-bob", Mode::Add, kMayWrite}));
  must(changeAcl(acl, {"bob", Mode::Add, kMayLookUp}));
  CHECK(acl == Acl{{"-bob", kMayWrite}, {"anyone", kMayLookUp}, {"bob", kMayLookUp | kMayRead}});
  must(changeAcl(acl, {"bob", Mode::Remove, kMayLookUp}));
  must(changeAcl(acl, {"anyone", Mode::Remove, kAllRights}));
  must(changeAcl(acl, {"carl", Mode::Remove, kAllRights}));
  must(changeAcl(acl, {"-bob", Mode::Replace, 0}));
  CHECK(acl == Acl{{"bob", kMayRead}});
  CHECK(must(decodeAcl(encodeAcl(acl))) == acl);
  for (std::size_t i = acl.size(); i < kMaxAclEntries; ++i)
    must(changeAcl(acl, {"u" + std::to_string(i), Mode::Replace, kMayRead}));
  CHECK(codeOf(changeAcl(acl, {"v", Mode::Replace, kMayRead})) == Errc::Limit);
  must(changeAcl(acl, {"bob", Mode::Replace, kMayWrite}));
  CHECK(must(decodeAcl(encodeAcl(acl))) == acl);
}

TEST_CASE("a list that cannot be read gives nobody rights") {
  const Bytes good = encodeAcl({{"anyone", kMayRead}, {"bob", kAllRights}});
  CHECK(codeOf(decodeAcl(good.substr(0, good.size() - 1))) == Errc::Corrupt);
  CHECK(codeOf(decodeAcl(good + "x")) == Errc::Corrupt);
  CHECK(codeOf(decodeAcl(encodeAcl({{"bob", 1}, {"anyone", 1}}))) == Errc::Corrupt);
  CHECK(codeOf(decodeAcl(encodeAcl({{"bob", 1}, {"bob", 1}}))) == Errc::Corrupt);
  CHECK(codeOf(decodeAcl(encodeAcl({{"", 1}}))) == Errc::Corrupt);
  // Rights of a later release are kept and give nothing here.
  const Acl later = must(decodeAcl(encodeAcl({{"bob", kMayRead | 1U << 30}})));
  CHECK(rightsOf(kBob, "anna", later) == kMayRead);
}

TEST_CASE("a mailbox's list lasts, and its change is a change of the mailbox list") {
  World world(anyEngine());
  auto inbox = world.box();
  CHECK(must(aclOf(inbox)).empty());
  const Modseq before = must(world.account.modseq());
  give(inbox, "bob", "lrs");
  const auto changes = must(world.account.listChanges(before));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == ListChange::Kind::Changed);
  CHECK(changes[0].mailbox == inbox.number());
  CHECK(changes[0].modseq > before);
  CHECK(must(world.account.modseq()) == changes[0].modseq);
  give(inbox, "bob", "lrs");  // nothing new
  CHECK(must(world.account.modseq()) == changes[0].modseq);
  CHECK(rightsText(inbox, kBob) == "lrs");
  CHECK(rightsText(inbox, kCarl).empty());
  give(inbox, "bob", "");
  CHECK(rightsText(inbox, kBob).empty());
  CHECK(must(aclOf(inbox)).empty());
  world.sound();
}

TEST_CASE("a name is taken out of all lists of an account at once") {
  World world(anyEngine());
  must(world.account.create("Work"));
  must(world.account.create("Play"));
  give(world.box("Work"), "bob", "lrs");
  give(world.box("Work"), "carl@other.org", "lr");
  give(world.box("Play"), "bob", "lrswite");
  give(world.box(), "anyone", "lr");
  give(world.box(), "-bob", "r");
  const Modseq before = must(world.account.modseq());
  CHECK(must(revokeAll(world.account, "bob")) == 2);
  CHECK(rightsText(world.box("Work"), kBob).empty());
  CHECK(rightsText(world.box("Play"), kBob).empty());
  CHECK(must(aclOf(world.box("Play"))).empty());
  CHECK(rightsText(world.box("Work"), kCarl) == "lr");
  CHECK(rightsText(world.box(), kBob) == "l");
  const auto changes = must(world.account.listChanges(before));
  CHECK(changes.size() == 2);
  const Modseq after = must(world.account.modseq());
  CHECK(must(revokeAll(world.account, "bob")) == 0);
  CHECK(must(world.account.modseq()) == after);
  world.sound();
}

TEST_CASE("a new mailbox has its parent's list, RENAME keeps a list, DELETE drops it") {
  World world(anyEngine());
  must(world.account.create("Work"));
  give(world.box("Work"), "bob", "lrk");
  must(world.account.create("Work/2026/May"));
  CHECK(rightsText(world.box("Work/2026"), kBob) == "lrkc");
  CHECK(rightsText(world.box("Work/2026/May"), kBob) == "lrkc");
  must(world.account.create("Play"));
  CHECK(rightsText(world.box("Play"), kBob).empty());
  give(world.box("Work"), "bob", "l");  // of the parent alone
  CHECK(rightsText(world.box("Work/2026"), kBob) == "lrkc");
  must(world.account.rename("Work/2026", "Play/2026"));
  CHECK(rightsText(world.box("Play/2026/May"), kBob) == "lrkc");
  CHECK(rightsText(world.box("Play"), kBob).empty());
  CHECK(namesOf(must(visibleTo(world.account, kBob))) ==
        std::vector<std::string>{"Play/2026", "Play/2026/May", "Work"});
  must(world.account.remove("Work"));
  must(world.account.create("Work"));
  CHECK(rightsText(world.box("Work"), kBob).empty());
  world.sound();
}

TEST_CASE("the name of INBOX keeps its list when its messages go elsewhere") {
  World world(anyEngine());
  append(world.box(), kText);
  give(world.box(), "bob", "lr");
  must(world.account.create("Open"));
  give(world.box("Open"), "carl@other.org", "lr");
  must(world.account.rename("INBOX", "Open/Old"));
  CHECK(rightsText(world.box(), kBob) == "lr");
  CHECK(rightsText(world.box("Open/Old"), kBob).empty());
  CHECK(rightsText(world.box("Open/Old"), kCarl) == "lr");
  must(world.account.rename("INBOX", "Apart"));
  CHECK(rightsText(world.box(), kBob) == "lr");
  CHECK(rightsText(world.box("Apart"), kBob).empty());
  world.sound();
}

TEST_CASE("one sees what lists let him see, an administrator everything") {
  World world(anyEngine());
  must(world.account.create("A"));
  must(world.account.create("B"));
  CHECK(must(visibleTo(world.account, kBob)).empty());
  give(world.box("A"), "anyone", "r");
  give(world.box("B"), "bob", "l");
  const auto visible = must(visibleTo(world.account, kBob));
  REQUIRE(namesOf(visible) == std::vector<std::string>{"A", "B"});
  CHECK(visible[0].rights == kMayRead);
  CHECK(visible[1].rights == kMayLookUp);
  CHECK(visible[1].status == must(world.box("B").status()));
  CHECK(namesOf(must(visibleTo(world.account, kCarl))) == std::vector<std::string>{"A"});
  CHECK(namesOf(must(visibleTo(world.account, kAdmin))) == std::vector<std::string>{"A", "B", "INBOX"});
  CHECK(namesOf(must(visibleTo(world.account, {"anna", "", false}))).size() == 3);
}

TEST_CASE("each reader has a \\Seen of his own") {
  World world(anyEngine());
  auto inbox = world.box();
  append(inbox, kText);
  append(inbox, kText, kSeen);
  append(inbox, kText, kFlagged);
  auto bob = bobs(inbox);
  CHECK(must(bob.status()).unseen == 3);
  CHECK(must(inbox.status()).unseen == 2);
  CHECK(flagsOf(bob) == std::vector<SystemFlags>{0, 0, kFlagged});
  CHECK(must(bob.open()).firstUnseen == 1);
  const Modseq before = must(bob.status()).highestModseq;
  const auto marked = must(bob.storeFlags(UidSet::of(std::vector<Uid>{1, 3}), change(Mode::Add, kSeen)));
  CHECK(marked.changed == std::vector<Uid>{1, 3});
  CHECK(flagsOf(bob) == std::vector<SystemFlags>{kSeen, 0, kSeen | kFlagged});
  CHECK(flagsOf(inbox) == std::vector<SystemFlags>{0, kSeen, kFlagged});
  CHECK(must(bob.status()).unseen == 1);
  CHECK(must(inbox.status()).unseen == 2);
  CHECK(must(bob.open()).firstUnseen == 2);
  CHECK(must(bob.open()).status.unseen == 1);
  // His other sessions are told, the owner's and other readers' have nothing to tell.
  const auto his = must(bob.changesSince(before));
  REQUIRE(his.changed.size() == 2);
  CHECK(his.changed[1].uid == 3);
  CHECK(his.changed[1].flags == (kSeen | kFlagged));
  CHECK(his.changed[1].modseq > before);
  CHECK(must(inbox.changesSince(before)).changed.empty());
  auto carl = inbox.as({"carl", kAllRights});
  CHECK(must(carl.changesSince(before)).changed.empty());
  CHECK(must(carl.status()).unseen == 3);
  CHECK(must(carl.storeFlags(one(1), {FlagChange::Mode::Add, kFlagged, {}, before})).modified.empty());
  CHECK(must(bob.storeFlags(one(3), {FlagChange::Mode::Add, kFlagged, {}, before})).modified ==
        std::vector<Uid>{3});
  // The same marks again change nothing.
  CHECK(must(bob.storeFlags(one(3), change(Mode::Add, kSeen))).changed.empty());
  must(bob.storeFlags(one(3), change(Mode::Remove, kSeen)));
  CHECK(must(bob.status()).unseen == 2);
  world.sound();
}

TEST_CASE("a reader's changes touch the flags of his rights alone") {
  World world(anyEngine());
  auto inbox = world.box();
  append(inbox, kText, kFlagged | kDeleted, {"$Old"});
  const auto replaced = [&](View rights) {
    must(inbox.storeFlags(one(1), change(Mode::Replace, kFlagged | kDeleted, {"$Old"})));
    auto bob = bobs(inbox, rights);
    must(bob.storeFlags(one(1), change(Mode::Remove, kSeen)));
    must(bob.storeFlags(one(1), change(Mode::Replace, kSeen | kAnswered, {"$New"})));
    const auto row = rowsOf(inbox.as({"bob", kAllRights})).at(0);
    std::string names;
    const auto table = must(inbox.keywords());
    for (std::size_t bit = 0; bit < table.size(); ++bit)
      if ((row.keywords >> bit & 1) != 0) names += table[bit];
    must(inbox.as({"bob", kAllRights}).storeFlags(one(1), change(Mode::Remove, kSeen)));
    return std::pair(row.flags, names);
  };
  CHECK(replaced("lr") == std::pair(SystemFlags{kFlagged | kDeleted}, std::string("$Old")));
  CHECK(replaced("lrs") == std::pair(SystemFlags{kFlagged | kDeleted | kSeen}, std::string("$Old")));
  CHECK(replaced("lrt") == std::pair(SystemFlags{kFlagged}, std::string("$Old")));
  CHECK(must(inbox.keywords()).size() == 1);
  CHECK(replaced("lrw") == std::pair(SystemFlags{kAnswered | kDeleted}, std::string("$New")));
  CHECK(replaced("lrswt") == std::pair(SystemFlags{kAnswered | kSeen}, std::string("$New")));
  world.sound();
}

TEST_CASE("what a reader adds keeps the flags of his rights, and is \\Seen for him alone") {
  World world(anyEngine());
  must(world.account.create("Other"));
  auto inbox = world.box();
  const auto other = world.box("Other");
  append(bobs(inbox, "lri"), kText, kAllFlags, {"$A"});
  append(bobs(inbox, "lrist"), kText, kAllFlags, {"$A"});
  append(bobs(inbox, "lriw"), kText, kAllFlags, {"$A"});
  CHECK(flagsOf(inbox) == std::vector<SystemFlags>{0, kDeleted, kAnswered | kFlagged | kDraft});
  CHECK(flagsOf(bobs(inbox)) == std::vector<SystemFlags>{0, kDeleted | kSeen, kAnswered | kFlagged | kDraft});
  CHECK(rowsOf(inbox)[1].keywords == 0);
  CHECK(rowsOf(inbox)[2].keywords == 1);
  // The owner's \Seen does not go with copies of others, theirs does.
  must(inbox.storeFlags(UidSet::all(), change(Mode::Add, kSeen)));
  const auto copied = must(bobs(inbox).copy(UidSet::all(), bobs(other, "lris")));
  CHECK(copied.target == std::vector<Uid>{1, 2, 3});
  CHECK(flagsOf(other) == std::vector<SystemFlags>{0, 0, 0});
  CHECK(flagsOf(bobs(other)) == std::vector<SystemFlags>{0, kSeen, 0});
  CHECK(must(other.status()).unseen == 3);
  CHECK(must(bobs(other).status()).unseen == 2);
  must(bobs(inbox).move(one(2), bobs(other, "lrist")));
  CHECK(flagsOf(bobs(other)).at(3) == (kDeleted | kSeen));
  CHECK(flagsOf(other).at(3) == kDeleted);
  world.sound();
}

TEST_CASE("messages go into another account and come whole") {
  World world(anyEngine());
  const auto bob = accountOf(world, "bob");
  auto his = must(bob.mailbox("INBOX"));
  auto inbox = world.box();
  append(inbox, "Subject: one\n\n1\n", kFlagged, {"$A", "$B"});
  append(inbox, "Subject: two\n\n2\n", kSeen);
  append(inbox, "Subject: three\n\n3\n");
  append(his, kText, 0, {"$B"});
  const auto reading = bobs(inbox, "lrste");
  must(reading.as({"bob", kAllRights}).storeFlags(one(3), change(Mode::Add, kSeen)));
  const auto copied = must(bobs(inbox).copy(UidSet::of(std::vector<Uid>{1, 2}), his));
  CHECK(copied.source == std::vector<Uid>{1, 2});
  CHECK(copied.target == std::vector<Uid>{2, 3});
  CHECK(copied.uidValidity == his.uidValidity());
  CHECK(textOf(his, 2) == "Subject: one\r\n\r\n1\r\n");
  const auto rows = rowsOf(his);
  CHECK(rows[1].flags == kFlagged);
  CHECK(rows[2].flags == 0);  // unseen by him
  CHECK(rows[1].facts.internalDate == rowsOf(inbox)[0].facts.internalDate);
  CHECK(must(his.keywords()) == std::vector<std::string>{"$B", "$A"});
  CHECK(rows[1].keywords == 3);
  auto from = reading;
  CHECK(must(from.move(UidSet::of(std::vector<Uid>{2, 3}), his)).target == std::vector<Uid>{4, 5});
  CHECK(flagsOf(his).at(4) == kSeen);
  CHECK(must(inbox.uids()) == std::vector<Uid>{1});
  CHECK(must(world.account.used()).messages == 1);
  CHECK(must(bob.used()).messages == 5);
  world.sound();
  CHECK(must(check(bob, CheckDepth::Bodies)).clean());
}

TEST_CASE("what has no room in another account is not copied, and not lost by MOVE") {
  World world(anyEngine());
  const auto bob = must(world.store->account({"bob", "", {-1, 300}}, Engine::Create::Yes));
  auto his = must(bob.mailbox("INBOX"));
  auto inbox = world.box();
  for (int i = 0; i < 301; ++i) append(inbox, kText);  // more than one commit takes
  CHECK(codeOf(inbox.copy(UidSet::all(), his)) == Errc::OverQuota);
  CHECK(must(his.uids()).empty());
  CHECK(codeOf(inbox.move(UidSet::all(), his)) == Errc::OverQuota);
  CHECK(must(his.uids()).empty());
  CHECK(must(inbox.uids()).size() == 301);
  // Somebody takes the room in between: what COPY has made is taken back.
  UidSet most = UidSet::of(std::vector<UidRange>{{1, 300}});
  CHECK(must(inbox.move(most, his)).target.size() == 300);
  CHECK(must(inbox.uids()) == std::vector<Uid>{301});
  world.sound();
}

TEST_CASE("what readers have seen goes with the messages") {
  World world(anyEngine());
  auto inbox = world.box();
  for (int i = 0; i < 130; ++i) append(inbox, kText);
  must(bobs(inbox).storeFlags(UidSet::all(), change(Mode::Add, kSeen)));
  must(inbox.as({"carl", kAllRights}).storeFlags(UidSet::all(), change(Mode::Add, kSeen)));
  const auto rows = [&] {
    const auto snapshot = must(world.account.domain().snapshot());
    std::size_t count = 0;
    must(snapshot->scan(key::of('V'), key::after(key::of('V')), [&](View, View) { return ++count > 0; }));
    return count;
  };
  CHECK(rows() == 6);
  must(inbox.expunge(UidSet::of(std::vector<UidRange>{{64, 127}}), false));
  CHECK(rows() == 4);
  CHECK(must(bobs(inbox).status()).unseen == 0);
  append(inbox, kText);
  CHECK(must(bobs(inbox).status()).unseen == 1);
  must(world.account.create("Other"));
  auto other = world.box("Other");
  must(inbox.move(UidSet::all(), other));
  CHECK(rows() == 0);
  must(bobs(other).storeFlags(UidSet::all(), change(Mode::Add, kSeen)));
  CHECK(rows() == 2);
  must(world.account.remove("Other"));
  CHECK(rows() == 0);
  world.sound();
}

TEST_CASE("what a reader changes is found also far behind") {
  World world(anyEngine());
  auto inbox = world.box();
  for (int i = 0; i < 200; ++i) append(inbox, kText);
  auto bob = bobs(inbox);
  const Modseq before = must(bob.status()).highestModseq;
  must(bob.storeFlags(one(7), change(Mode::Add, kSeen)));
  must(inbox.storeFlags(one(150), change(Mode::Add, kFlagged)));
  must(bob.storeFlags(one(199), change(Mode::Add, kSeen)));
  std::vector<Uid> changed;
  for (const auto& row : must(bob.changesSince(before)).changed) changed.push_back(row.uid);
  CHECK(changed == std::vector<Uid>{7, 150, 199});
  const auto window = must(bob.window(one(7), 1, Columns::Facts));
  CHECK(window.rows.at(0).message.flags == kSeen);
  CHECK(window.rows.at(0).message.modseq > before);
}

TEST_CASE("hints are hints: a list decides without them, and they can be written again") {
  World world(anyEngine());
  const auto bob = accountOf(world, "bob");
  CHECK(must(sharersOf(bob)).empty());
  // The list is durable before the hint: a process that ends in between leaves this.
  give(world.box(), "bob", "lr");
  CHECK(must(sharersOf(bob)).empty());
  CHECK(rightsText(world.box(), kBob) == "lr");
  CHECK(namesOf(must(visibleTo(world.account, kBob))) == std::vector<std::string>{"INBOX"});
  // Whoever looks writes it, as often as he likes.
  must(noteSharer(bob, "anna", true));
  const Modseq modseq = must(bob.modseq());
  must(noteSharer(bob, "anna", true));
  must(noteSharer(bob, "zoe@other.org", true));
  CHECK(must(sharersOf(bob)) == std::vector<std::string>{"anna", "zoe@other.org"});
  CHECK(must(bob.modseq()) == modseq);
  // And a stale one gives nothing.
  give(world.box(), "bob", "");
  CHECK(must(visibleTo(world.account, kBob)).empty());
  must(noteSharer(bob, "anna", false));
  CHECK(must(sharersOf(bob)) == std::vector<std::string>{"zoe@other.org"});
  CHECK(must(check(bob, CheckDepth::Bodies)).clean());
}

TEST_CASE("lists, hints and what readers have seen come back from the log alone") {
  World world("embedded");
  auto inbox = world.box();
  append(inbox, kText);
  append(inbox, kText);
  give(inbox, "bob", "lrs");
  must(bobs(inbox).storeFlags(one(2), change(Mode::Add, kSeen)));
  must(noteSharer(world.account, "bob", true));
  const std::string url = world.url;
  world.account = AccountHandle(nullptr);
  inbox = MailboxHandle(world.account, 0, 0);
  world.store.reset();
  world.store = must(Store::open(url, {}, world.clock));
  CHECK(must(world.store->repair({"anna", "", {}}, CheckDepth::Bodies)).clean());
  world.account = world.open();
  CHECK(rightsText(world.box(), kBob) == "lrs");
  CHECK(flagsOf(bobs(world.box())) == std::vector<SystemFlags>{0, kSeen});
  CHECK(must(sharersOf(world.account)) == std::vector<std::string>{"bob"});
}

TEST_CASE("a reader's block is read back or refused") {
  SeenBlock block;
  block.set(0, true, 5);
  block.set(63, true, 9);
  block.set(7, false, 6);
  const Bytes value = block.encode();
  CHECK(must(SeenBlock::decode(value)) == block);
  CHECK(block.maxModseq == 9);
  CHECK(SeenBlock().encode().empty());
  CHECK(codeOf(SeenBlock::decode(value + "x")) == Errc::Corrupt);
  CHECK(codeOf(SeenBlock::decode(value.substr(1))) == Errc::Corrupt);
  CHECK(codeOf(SeenBlock::decode("")) == Errc::Corrupt);
}
