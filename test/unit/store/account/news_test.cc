// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/events/notifier.h"
#include "common/events/publisher.h"
#include "common/store/reader.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;
using events::EventType;

namespace {

/// What enpd is to the store.
class Service {
 public:
  Service() : listener_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    char folder[] = "/tmp/posthorn-news.XXXXXX";
    REQUIRE(::mkdtemp(folder) != nullptr);
    folder_ = folder;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path().data(), path().size());
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), 4) == 0);
    area_->want(events::kAllEvents & ~events::maskOf(EventType::StateChange));
  }
  ~Service() {
    ::unlink(path().c_str());
    ::rmdir(folder_.c_str());
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  [[nodiscard]] std::string path() const { return folder_ + "/events.sock"; }
  [[nodiscard]] std::shared_ptr<const events::Notifier> notifier(std::size_t header = 0,
                                                                 std::size_t body = 0) {
    events::Publisher::Settings settings;
    settings.socket = path();
    settings.targets = {events::kAllEvents, true, header, body};
    settings.hostname = "eman";
    settings.process = "test";
    publisher_ = std::make_shared<events::Publisher>(settings);
    return std::make_shared<const events::Notifier>(std::shared_ptr<const events::Area>(area_), publisher_);
  }
  void want(events::EventMask mask) { area_->want(mask); }
  [[nodiscard]] events::Publisher::Counts counts() const { return publisher_->counts(); }

  /// All that has come.
  std::vector<events::Event> heard() {
    if (!connection_)
      connection_ = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    std::vector<events::Event> all;
    Bytes buffer(events::kMaxEventPacket, '\0');
    while (connection_) {
      const ssize_t n = ::recv(connection_.get(), buffer.data(), buffer.size(), 0);
      if (n <= 0) break;
      const auto packet = must(events::decodeEvent(View(buffer).substr(0, static_cast<std::size_t>(n))));
      CHECK(packet.lost == 0);
      all.push_back(packet.event);
    }
    return all;
  }
  events::Event one() {
    const auto all = heard();
    REQUIRE(all.size() == 1);
    return all.front();
  }

 private:
  std::string folder_;
  UniqueFd listener_;
  UniqueFd connection_;
  std::shared_ptr<events::Area> area_ = events::Area::create({1, 2}, 1).value();
  std::shared_ptr<events::Publisher> publisher_;
};

/// anna's account, told to `service`.
struct Told {
  explicit Told(Origin origin = Origin::Client, std::size_t header = 0, std::size_t body = 0)
      : world(anyEngine()) {
    world.store->announceTo(service.notifier(header, body));
    world.store->actAs(origin);
    world.account = world.open();
    CHECK(service.heard().empty());  // it was there already
  }
  Service service;
  World world;
};

FlagChange change(FlagChange::Mode mode, SystemFlags flags, std::vector<std::string> keywords = {}) {
  FlagChange made;
  made.mode = mode;
  made.flags = flags;
  made.keywords = std::move(keywords);
  return made;
}

constexpr View kText = "Subject: one\r\n\r\nbody\r\n";

}  // namespace

TEST_CASE("added messages are NewMsg or UpdateMsg, with what the mailbox is afterwards") {
  const auto [origin, type] = GENERATE(std::pair(Origin::Client, EventType::UpdateMsg),
                                       std::pair(Origin::Delivery, EventType::NewMsg),
                                       std::pair(Origin::Server, EventType::UpdateMsg));
  Told told(origin);
  auto box = told.world.box();
  const Uid uid = append(box, kText);
  const auto event = told.service.one();
  CHECK(event.type == type);
  CHECK(event.owner == "anna");
  CHECK(event.mailbox == "INBOX");
  CHECK(event.uidValidity == box.uidValidity());
  CHECK(event.uids == std::vector<events::EventUids>{{uid, uid}});
  CHECK(event.lastUid == uid);
  CHECK(event.numMsgs == 1);
  CHECK(event.numSeen == 0);
  CHECK(event.numDel == 0);
  CHECK(event.size == kText.size());
  CHECK(event.hdrLen == (origin == Origin::Server ? 0 : 16));
  CHECK(event.modseq == must(box.status()).highestModseq);
  CHECK(event.hostname == "eman");
  CHECK(event.header.empty());
}

TEST_CASE("payload is as much of the message as is wanted") {
  Told told(Origin::Delivery, 7, 100);
  auto box = told.world.box();
  append(box, kText);
  const auto event = told.service.one();
  CHECK(event.header == "Subject");
  CHECK(event.body == "body\r\n");
}

TEST_CASE("flags are told by what became of them, as sets") {
  Told told;
  auto box = told.world.box();
  for (int i = 0; i < 3; ++i) append(box, kText);
  told.service.heard();
  const UidSet all = UidSet::all();
  using Mode = FlagChange::Mode;

  must(box.storeFlags(all, change(Mode::Add, kSeen)));
  auto event = told.service.one();
  CHECK(event.type == EventType::ReadMsg);
  CHECK(event.uids == std::vector<events::EventUids>{{1, 3}});
  CHECK(event.numSeen == 3);

  must(box.storeFlags(all, change(Mode::Add, kSeen)));  // nothing changes
  CHECK(told.service.heard().empty());

  must(box.storeFlags(one(2), change(Mode::Add, kDeleted | kFlagged, {"$Junk"})));
  auto two = told.service.heard();
  REQUIRE(two.size() == 2);
  CHECK(two[0].type == EventType::TrashMsg);
  CHECK(two[0].numDel == 1);
  CHECK(two[1].type == EventType::ChangeFlag);
  CHECK(two[1].flagMode == events::FlagMode::Add);
  CHECK(two[1].flags == std::vector<std::string>{"\\Flagged", "$Junk"});

  must(box.storeFlags(one(2), change(Mode::Remove, kSeen | kDeleted)));
  two = told.service.heard();
  REQUIRE(two.size() == 2);
  CHECK(two[0].type == EventType::MsgFlags);
  CHECK(two[0].flags == std::vector<std::string>{"\\Seen"});
  CHECK(two[0].numSeen == 2);
  CHECK(two[1].type == EventType::MsgFlags);
  CHECK(two[1].flags == std::vector<std::string>{"\\Deleted"});
  CHECK(two[1].flagMode == events::FlagMode::Remove);

  must(box.storeFlags(one(2), change(Mode::Replace, kSeen)));
  two = told.service.heard();
  REQUIRE(two.size() == 2);
  CHECK(two[0].type == EventType::ReadMsg);
  CHECK(two[1].type == EventType::ChangeFlag);
  CHECK(two[1].flagMode == events::FlagMode::Replace);
  CHECK(two[1].flags == std::vector<std::string>{"\\Seen"});
}

TEST_CASE("what is gone is told by who took it and how") {
  Told told;
  auto box = told.world.box();
  for (int i = 0; i < 5; ++i) append(box, kText);
  must(box.storeFlags(one(1), change(FlagChange::Mode::Add, kDeleted)));
  told.service.heard();

  must(box.expunge(UidSet::all(), true));
  auto event = told.service.one();
  CHECK(event.type == EventType::ExpungeMsg);
  CHECK(event.uids == std::vector<events::EventUids>{{1, 1}});
  CHECK(event.numMsgs == 4);
  CHECK(event.numDel == 0);
  CHECK(event.lastUid == 5);

  must(box.expunge(one(2), false));
  CHECK(told.service.one().type == EventType::DeleteMsg);

  told.world.store->actAs(Origin::Server);
  auto server = told.world.open();
  must(must(server.mailbox("INBOX")).expunge(UidSet::all(), false));
  event = told.service.one();
  CHECK(event.type == EventType::PurgeMsg);
  CHECK(event.uids == std::vector<events::EventUids>{{3, 5}});
  CHECK(event.numMsgs == 0);
}

TEST_CASE("copies are told at their target, and a move at both ends") {
  Told told;
  auto box = told.world.box();
  must(told.world.account.create("Work"));
  for (int i = 0; i < 2; ++i) append(box, kText);
  told.service.heard();

  must(box.copy(UidSet::all(), told.world.box("Work")));
  auto event = told.service.one();
  CHECK(event.type == EventType::CopyMsg);
  CHECK(event.mailbox == "Work");
  CHECK(event.oldMailbox == "INBOX");
  CHECK(event.uids == std::vector<events::EventUids>{{1, 2}});
  CHECK(event.numMsgs == 2);

  must(box.move(one(1), told.world.box("Work")));
  const auto two = told.service.heard();
  REQUIRE(two.size() == 2);
  CHECK(two[0].type == EventType::CopyMsg);
  CHECK(two[0].uids == std::vector<events::EventUids>{{3, 3}});
  CHECK(two[1].type == EventType::DeleteMsg);
  CHECK(two[1].mailbox == "INBOX");
  CHECK(two[1].uids == std::vector<events::EventUids>{{1, 1}});
  CHECK(two[1].numMsgs == 1);
}

TEST_CASE("a mailbox is called by the name that it has now") {
  Told told;
  must(told.world.account.create("Work"));
  auto box = told.world.box("Work");
  must(told.world.account.rename("Work", "Play"));
  told.service.heard();
  append(box, kText);
  CHECK(told.service.one().mailbox == "Play");
}

TEST_CASE("the mailbox list is told, from the first mailboxes on") {
  Told told;
  must(told.world.store->account({"bert", "", {}}, Engine::Create::Yes));
  const auto first = told.service.heard();
  REQUIRE_FALSE(first.empty());
  CHECK(first.front().type == EventType::CreateFolder);
  CHECK(first.front().owner == "bert");
  CHECK(first.front().mailbox == "INBOX");
  CHECK(first.front().lastUid == 0);

  must(told.world.account.create("a/b"));
  auto event = told.service.one();
  CHECK(event.type == EventType::CreateFolder);
  CHECK(event.mailbox == "a/b");
  CHECK(event.uidValidity == told.world.box("a/b").uidValidity());
  must(told.world.account.rename("a", "c"));
  event = told.service.one();
  CHECK(event.type == EventType::RenameFolder);
  CHECK(event.oldMailbox == "a");
  CHECK(event.mailbox == "c");
  must(told.world.account.remove("c/b"));
  event = told.service.one();
  CHECK(event.type == EventType::DeleteFolder);
  CHECK(event.mailbox == "c/b");
  CHECK_FALSE(told.world.account.remove("c/b").ok());
  CHECK(told.service.heard().empty());
}

TEST_CASE("a client that is refused for the quota is OverQuota") {
  Told told;
  const AccountHandle small =
      must(told.world.store->account({"bert", "", Quota{100, -1}}, Engine::Create::Yes));
  told.service.heard();
  auto box = must(small.mailbox("INBOX"));
  auto large = write(small, "Subject: x\r\n\r\n" + std::string(200, 'x') + "\r\n");
  CHECK_FALSE(box.append(large).ok());
  const auto event = told.service.one();
  CHECK(event.type == EventType::OverQuota);
  CHECK(event.owner == "bert");
  CHECK(event.diskQuota == 100);
  CHECK(event.messageQuota == -1);
  CHECK(event.diskUsed == 0);
}

TEST_CASE("every commit that moves the account's MODSEQ is a StateChange, and no other") {
  Told told;
  told.service.want(events::maskOf(EventType::StateChange));
  auto box = told.world.box();
  append(box, kText);
  auto event = told.service.one();
  CHECK(event.type == EventType::StateChange);
  CHECK(event.modseq == must(told.world.account.modseq()));
  CHECK(event.mailbox.empty());
  must(told.world.account.subscribe("INBOX", false));
  CHECK(told.service.one().modseq == must(told.world.account.modseq()));
  must(box.claimRecent(1));
  CHECK(told.service.heard().empty());
}

TEST_CASE("a huge STORE makes few events, whatever its UIDs are") {
  Told told(Origin::Server);
  auto box = told.world.box();
  told.service.want(0);
  constexpr int kRounds = 40;
  std::vector<Uid> odd;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<MessageWriter> writers;
    for (int i = 0; i < 100; ++i) writers.push_back(write(told.world.account, kText));
    for (const Uid uid : must(box.append(writers)).uids)
      if (uid % 2 == 1) odd.push_back(uid);
  }
  REQUIRE(odd.size() == 2000);
  CHECK(told.service.heard().empty());
  CHECK(told.service.counts().attempts == 0);

  told.service.want(events::kAllEvents);
  must(box.storeFlags(UidSet::of(odd), change(FlagChange::Mode::Add, kSeen)));
  std::size_t told2 = 0;
  std::size_t events = 0;
  for (const auto& event : told.service.heard()) {
    if (event.type != EventType::ReadMsg) continue;
    ++events;
    told2 += event.uids.size();
    CHECK(event.uids.size() <= events::kMaxEventRanges);
  }
  CHECK(told2 == odd.size());
  CHECK(events == 2);
}

TEST_CASE("what somebody else does in an account is told in his name") {
  Told told;
  auto box = must(told.world.account.actingAs("bob").mailbox("INBOX")).as({"bob", kAllRights});
  append(box, kText);
  const auto added = told.service.one();
  CHECK(added.owner == "anna");
  CHECK(added.user == "bob");
  must(box.storeFlags(one(1), change(FlagChange::Mode::Add, kSeen)));
  const auto read = told.service.one();
  CHECK(read.type == EventType::ReadMsg);
  CHECK(read.user == "bob");
  CHECK(read.numSeen == 0);  // the owner has not
  append(told.world.box(), kText);
  CHECK(told.service.one().user.empty());
}
