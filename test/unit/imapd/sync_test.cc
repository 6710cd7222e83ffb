// SPDX-License-Identifier: Apache-2.0
#include "imapd/sync.h"

#include <random>

#include "test/unit/imapd/model_client.h"

using namespace posthorn;
using namespace posthorn::imapd;
using namespace posthorn::imapd::test;
using store::test::append;

namespace {

constexpr const char* kText = "Subject: x\r\n\r\ntext\r\n";

std::string told(Mail& mail, SyncPolicy policy = SyncPolicy::Full, bool uid = false) {
  std::string out;
  must(sync(mail, policy, uid, out));
  return out;
}

void storeFlags(const World& world, Uid uid, store::SystemFlags flags,
                std::vector<std::string> keywords = {}) {
  must(world.box().storeFlags(one(uid), {store::FlagChange::Mode::Add, flags, std::move(keywords)}));
}

std::set<std::string> flagsOf(const store::MessageRow& row, const std::vector<std::string>& keywords) {
  std::set<std::string> flags;
  for (const View flag : store::spellSystemFlags(row.flags)) flags.emplace(flag);
  for (std::size_t bit = 0; bit < keywords.size(); ++bit)
    if ((row.keywords >> bit & 1) != 0) flags.insert(keywords[bit]);
  return flags;
}

/// Several sessions, and somebody who changes the mailbox without one.
class Crowd {
 public:
  Crowd(const std::string& engine, unsigned seed) : world_(engine), random_(seed) {
    must(world_.account.create("Other"));
    for (auto left = 5 + below(10); left > 0; --left) arrive();
    clients_.emplace_back(world_, Features{});
    clients_.emplace_back(world_, Features{.condstore = true});
    clients_.emplace_back(world_, Features{.condstore = true, .qresync = true});
  }

  void step() {
    ModelClient& client = clients_[below(static_cast<unsigned>(clients_.size()))];
    switch (below(10)) {
      case 0:
      case 1:
        return arrive();
      case 2:
      case 3:
        return change();
      case 4:
        return remove();
      case 5:
        return client.tellMe(SyncPolicy::KeepNumbers, below(2) == 0);
      case 6:
        return client.tellMe(SyncPolicy::Full, below(2) == 0);
      default:
        return command(client);
    }
  }

  void compare() {
    const auto rows = store::test::rowsOf(world_.box());
    const auto keywords = must(world_.box().keywords());
    for (ModelClient& client : clients_) {
      client.tellMe(SyncPolicy::Full, false);
      INFO(client.heard());
      REQUIRE(client.messages().size() == rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        INFO("message " << i + 1);
        REQUIRE(client.messages()[i].uid == rows[i].uid);
        REQUIRE(client.messages()[i].flags);
        REQUIRE(*client.messages()[i].flags == flagsOf(rows[i], keywords));
      }
      // Nothing is told twice.
      REQUIRE(told(client.mail()).empty());
    }
  }

 private:
  unsigned below(unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_); }
  store::SystemFlags someFlags() { return static_cast<store::SystemFlags>(below(store::kAllFlags + 1)); }
  std::vector<std::string> someKeywords() {
    static const std::vector<std::string> kNames{"$Junk", "Work", "later"};
    std::vector<std::string> some;
    if (below(3) == 0) some.push_back(kNames[below(3)]);
    return some;
  }
  Uid anyUid() { return 1 + below(must(world_.box().status()).uidNext); }

  void arrive() { append(world_.box(), kText, someFlags(), someKeywords()); }
  void change() {
    const auto mode = static_cast<store::FlagChange::Mode>(below(3));
    must(world_.box().storeFlags(one(anyUid()), {mode, someFlags(), someKeywords()}));
  }
  void remove() {
    const auto uid = anyUid();
    if (below(3) == 0) {
      must(world_.box().move(one(uid), world_.box("Other")));
    } else {
      must(world_.box().expunge(store::UidSet::of(std::vector<store::UidRange>{{uid, uid + below(3)}}),
                                false));
    }
  }

  void command(ModelClient& client) {
    const auto count = static_cast<unsigned>(client.messages().size());
    if (count == 0) return client.command("NOOP");
    const bool uid = below(2) == 0;
    std::string named = uid ? std::to_string(anyUid()) : std::to_string(1 + below(count));
    if (!uid && below(2) == 0) named += ":" + std::to_string(1 + below(count));
    const std::string prefix = uid ? "UID " : "";
    switch (below(6)) {
      case 0:
        return client.command(prefix + "FETCH " + named + " (FLAGS BODY[])");
      case 1:
        return client.command("EXPUNGE");
      case 2:
        return client.command(prefix + "MOVE " + named + " Other");
      default:
        break;
    }
    static const std::vector<std::string> kItems{"FLAGS", "+FLAGS", "-FLAGS"};
    static const std::vector<std::string> kFlags{"(\\Seen)", "(\\Flagged Work)", "(\\Deleted)", "($Junk)",
                                                 "()"};
    const std::string item = kItems[below(3)] + (below(2) == 0 ? ".SILENT " : " ");
    client.command(prefix + "STORE " + named + " " + item + kFlags[below(5)]);
  }

  World world_;
  std::mt19937 random_;
  std::vector<ModelClient> clients_;
};

}  // namespace

TEST_CASE("whatever happens, clients that believe what they are told know the mailbox") {
  const auto engine = anyEngine();
  const unsigned seeds = engine == "memory" ? 60 : 8;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    INFO("seed " << seed);
    Crowd crowd(engine, seed);
    for (int step = 0; step < 80; ++step) {
      crowd.step();
      if (step % 20 == 19) crowd.compare();
    }
  }
}

TEST_CASE("own changes are told once, by their command") {
  World world(anyEngine());
  for (int i = 0; i < 3; ++i) append(world.box(), kText);
  Mail own = selected(world);
  Mail other = selected(world);
  CHECK(run(own, "STORE 2 +FLAGS (\\Seen)").untagged == "* 2 FETCH (FLAGS (\\Seen \\Recent))\r\n");
  CHECK(told(own).empty());
  CHECK(told(other) == "* 2 FETCH (FLAGS (\\Seen))\r\n");
  CHECK(run(own, "STORE 1:3 +FLAGS.SILENT (\\Answered)").untagged.empty());
  CHECK(told(own).empty());
  CHECK(told(other).size() > 3 * 20);
  // Marked by FETCH: its response says so, sync() has nothing to add.
  CHECK(run(own, "FETCH 1 BODY[TEXT]").untagged ==
        "* 1 FETCH (BODY[TEXT] {6}\r\ntext\r\n FLAGS (\\Seen \\Answered \\Recent))\r\n");
  CHECK(told(own).empty());
}

TEST_CASE("a silent STORE does not hide what others have done to the message") {
  World world(anyEngine());
  for (int i = 0; i < 3; ++i) append(world.box(), kText);
  Mail own = selected(world);
  storeFlags(world, 2, store::kFlagged, {"Work"});
  // The client knows of \Seen and cannot know of \Flagged (RFC 3501 6.4.6).
  const auto ran = run(own, "STORE 1:3 +FLAGS.SILENT (\\Seen)");
  std::size_t fetches = 0;
  for (const auto& response : responses(ran.untagged)) {
    const auto* fetch = std::get_if<imap::FetchData>(&response);
    if (fetch == nullptr) continue;
    ++fetches;
    CHECK(fetch->number == 2);
    CHECK(ran.untagged.find("* FLAGS (") < ran.untagged.find("FETCH"));
    CHECK(ran.untagged.find("\\Flagged") != std::string::npos);
  }
  CHECK(fetches == 1);
  CHECK(told(own).empty());
}

TEST_CASE("with KeepNumbers expunges wait, and come later with the right numbers") {
  World world(anyEngine());
  for (int i = 0; i < 5; ++i) append(world.box(), kText);
  Mail mail = selected(world);
  must(world.box().expunge(one(2), false));
  must(world.box().expunge(one(4), false));
  append(world.box(), kText);
  storeFlags(world, 5, store::kSeen);
  CHECK(told(mail, SyncPolicy::None).empty());
  const auto kept = told(mail, SyncPolicy::KeepNumbers);
  CHECK(kept.find("EXPUNGE") == std::string::npos);
  CHECK(kept.find("* 6 EXISTS\r\n") != std::string::npos);
  CHECK(kept.find("* 5 FETCH (FLAGS (\\Seen") != std::string::npos);
  CHECK(told(mail, SyncPolicy::KeepNumbers).empty());
  CHECK(told(mail) == "* 2 EXPUNGE\r\n* 3 EXPUNGE\r\n");
  CHECK(told(mail).empty());
}

TEST_CASE("what came and went between two looks was never there") {
  World world(anyEngine());
  append(world.box(), kText);
  Mail mail = selected(world);
  const auto uid = append(world.box(), kText);
  must(world.box().expunge(one(uid), false));
  CHECK(told(mail).empty());
  append(world.box(), kText);
  CHECK(told(mail).find("* 2 EXISTS\r\n") == 0);
}

TEST_CASE("VANISHED names UIDs, in ranges") {
  World world(anyEngine());
  for (int i = 0; i < 8; ++i) append(world.box(), kText);
  Mail mail = selected(world, {.condstore = true, .qresync = true});
  must(world.box().expunge(store::UidSet::of(std::vector<store::UidRange>{{2, 4}, {7, 7}}), false));
  CHECK(told(mail) == "* VANISHED 2:4,7\r\n");
  CHECK(told(mail).empty());
}

TEST_CASE("keywords are announced before they are used") {
  World world(anyEngine());
  append(world.box(), kText);
  Mail mail = selected(world);
  storeFlags(world, 1, 0, {"Fresh"});
  const auto out = told(mail);
  REQUIRE(out.find("* FLAGS (") != std::string::npos);
  CHECK(out.find("* FLAGS (") < out.find("FETCH (FLAGS (\\Recent Fresh)"));
  CHECK(out.find("[PERMANENTFLAGS (") != std::string::npos);
  CHECK(out.find("FETCH (FLAGS (\\Recent Fresh)") != std::string::npos);
}

TEST_CASE("FETCH responses carry what the client has switched on") {
  World world(anyEngine());
  append(world.box(), kText);
  Mail plain = selected(world);
  Mail condstore = selected(world, {.condstore = true});
  storeFlags(world, 1, store::kSeen);
  const auto modseq = std::to_string(must(world.box().status()).highestModseq);
  CHECK(told(plain, SyncPolicy::Full, true) == "* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))\r\n");
  CHECK(told(condstore) == "* 1 FETCH (FLAGS (\\Seen) MODSEQ (" + modseq + "))\r\n");
}

TEST_CASE("expunges are found also when the store has forgotten them") {
  World world("memory");
  std::vector<ModelClient> clients;
  for (int i = 0; i < 300; ++i) append(world.box(), kText);
  clients.emplace_back(world, Features{});
  clients.emplace_back(world, Features{.condstore = true, .qresync = true});
  const auto since = must(world.box().status()).highestModseq;
  must(world.box().expunge(store::UidSet::of(std::vector<store::UidRange>{{5, 9}, {250, 299}}), false));
  for (int round = 0; round < 90; ++round) {
    std::vector<store::MessageWriter> messages;
    for (int i = 0; i < 250; ++i) messages.push_back(store::test::write(world.account, kText));
    must(world.box().append(messages));
    must(world.box().expunge(store::UidSet::of(std::vector<store::UidRange>{{301, 0xFFFFFFFFU}}), false));
  }
  const auto last = append(world.box(), kText);
  REQUIRE_FALSE(must(world.box().changesSince(since)).goneComplete);
  for (ModelClient& client : clients) {
    client.tellMe(SyncPolicy::KeepNumbers, false);
    CHECK(client.messages().size() == 301);
    client.tellMe(SyncPolicy::Full, false);
    REQUIRE(client.messages().size() == 246);
    CHECK(client.messages()[4].uid == 10);
    CHECK(client.messages()[244].uid == 300);
    CHECK(client.messages()[245].uid == last);
  }
}

TEST_CASE("a mailbox that is gone is a conflict") {
  World world(anyEngine());
  must(world.account.create("Box"));
  Mail mail = selected(world, {}, "SELECT Box");
  must(world.account.remove("Box"));
  std::string out;
  CHECK(store::test::codeOf(sync(mail, SyncPolicy::Full, false, out)) == Errc::Conflict);
  CHECK(out.empty());
}
