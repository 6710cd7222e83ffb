// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "test/unit/store/account/support.h"

// Random operations against a model that a reader can check by eye; then the view is thrown away and rebuilt
// from the log, and everything that can be seen must be as it was.

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

struct ModelMessage {
  std::string text;
  SystemFlags flags = 0;
  bool operator==(const ModelMessage&) const = default;
};
using ModelBox = std::map<Uid, ModelMessage>;

/// Everything that a client could see of an account.
struct Visible {
  struct Box {
    MailboxStatus status;
    std::vector<MessageRow> rows;
    std::vector<std::string> keywords;
    std::vector<std::string> texts;
    std::vector<Tombstone> gone;
    bool operator==(const Box&) const = default;
  };
  std::map<std::string, Box> boxes;
  QuotaUse used;
  Modseq modseq = 0;
  bool operator==(const Visible&) const = default;
};

Visible see(const AccountHandle& account) {
  Visible seen;
  seen.used = must(account.used());
  seen.modseq = must(account.modseq());
  for (const auto& entry : must(account.list())) {
    const auto box = must(account.mailbox(entry.name));
    Visible::Box& kept = seen.boxes[entry.name + (entry.subscribed ? "+" : "")];
    kept.status = must(box.status());
    kept.rows = rowsOf(box);
    kept.keywords = must(box.keywords());
    kept.gone = must(box.changesSince(0)).gone;
    for (const auto& row : kept.rows) kept.texts.push_back(textOf(box, row.uid));
  }
  return seen;
}

class Play {
 public:
  Play(World& world, std::uint64_t seed) : world_(world), random_(seed) {
    for (const char* name : {"INBOX", "b", "c"}) {
      if (std::string(name) != "INBOX") must(world.account.create(name));
      boxes_[name];
    }
  }

  void step() {
    switch (random_() % 10) {
      case 0:
      case 1:
      case 2:
        return append();
      case 3:
      case 4:
        return flags();
      case 5:
        return expunge();
      case 6:
        return transfer(false);
      case 7:
        return transfer(true);
      case 8:
        return recreate();
      default:
        return keyword();
    }
  }

  void compare() {
    for (const auto& [name, model] : boxes_) {
      const auto box = world_.box(name);
      ModelBox real;
      for (const auto& row : rowsOf(box)) real[row.uid] = {textOf(box, row.uid), row.flags};
      CHECK(real == model);
    }
  }

 private:
  std::string any() { return std::next(boxes_.begin(), static_cast<long>(random_() % boxes_.size()))->first; }
  UidSet some() {
    const Uid first = static_cast<Uid>(1 + random_() % 60);
    return UidSet::of(std::vector<UidRange>{{first, first + static_cast<Uid>(random_() % 20)}});
  }

  void append() {
    const auto name = any();
    std::vector<MessageWriter> messages;
    std::vector<ModelMessage> models;
    for (std::size_t i = 0; i <= random_() % 4; ++i) {
      const std::string id = std::to_string(random_() % 1000);
      const std::string text = "Message-ID: <" + id + ">\r\nReferences: <" + std::to_string(random_() % 100) +
                               ">\r\n\r\n" + std::string(random_() % 5000, 'x') + "\r\n";
      models.push_back({text, static_cast<SystemFlags>(random_() & kAllFlags)});
      messages.push_back(write(world_.account, text, models.back().flags));
    }
    const auto result = must(world_.box(name).append(messages));
    for (std::size_t i = 0; i < models.size(); ++i)
      REQUIRE(boxes_[name].emplace(result.uids[i], models[i]).second);
  }

  void flags() {
    const auto name = any();
    const auto set = some();
    const auto flags = static_cast<SystemFlags>(random_() & kAllFlags);
    const auto mode = static_cast<FlagChange::Mode>(random_() % 3);
    must(world_.box(name).storeFlags(set, {mode, flags, {}, std::nullopt}));
    for (auto& [uid, message] : boxes_[name]) {
      if (!set.contains(uid)) continue;
      if (mode == FlagChange::Mode::Add) message.flags = static_cast<SystemFlags>(message.flags | flags);
      if (mode == FlagChange::Mode::Remove) message.flags = static_cast<SystemFlags>(message.flags & ~flags);
      if (mode == FlagChange::Mode::Replace) message.flags = flags;
    }
  }

  void keyword() {
    must(world_.box(any()).storeFlags(
        some(), {FlagChange::Mode::Add, 0, {"k" + std::to_string(random_() % 70)}, std::nullopt}));
  }

  void expunge() {
    const auto name = any();
    const auto set = some();
    const bool onlyDeleted = random_() % 2 == 0;
    must(world_.box(name).expunge(set, onlyDeleted));
    std::erase_if(boxes_[name], [&](const auto& entry) {
      return set.contains(entry.first) && (!onlyDeleted || (entry.second.flags & kDeleted) != 0);
    });
  }

  void transfer(bool moves) {
    const auto from = any();
    const auto to = any();
    const auto set = some();
    auto source = world_.box(from);
    const auto result = must(moves ? source.move(set, world_.box(to)) : source.copy(set, world_.box(to)));
    for (std::size_t i = 0; i < result.source.size(); ++i) {
      REQUIRE(boxes_[to].emplace(result.target[i], boxes_[from].at(result.source[i])).second);
      if (moves) boxes_[from].erase(result.source[i]);
    }
  }

  void recreate() {
    if (random_() % 8 != 0) return;
    must(world_.account.remove("c"));
    must(world_.account.create("c"));
    boxes_["c"].clear();
  }

  World& world_;
  std::mt19937_64 random_;
  std::map<std::string, ModelBox> boxes_;
};

}  // namespace

TEST_CASE("random operations do what a model says, and a rebuild changes nothing that can be seen") {
  const auto engine = anyEngine();
  const auto seed = GENERATE(1U, 2U, 3U);
  World world(engine);
  Play play(world, seed);
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 60; ++i) play.step();
    play.compare();
    world.sound();
    if (round % 2 == 1) must(world.account.domain().maintain(1'000'000));
  }
  const Visible before = see(world.account);
  world.account = AccountHandle{nullptr};
  const auto report = must(world.store->repair({"anna", "", {}}, CheckDepth::Bodies));
  for (const auto& finding : report.findings) UNSCOPED_INFO(finding.text);
  CHECK(report.clean());
  CHECK(report.messages > 0);
  world.account = world.open();
  CHECK(see(world.account) == before);
  play.compare();
}
