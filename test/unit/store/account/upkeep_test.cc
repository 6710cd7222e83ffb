// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>

#include "common/log/logger.h"
#include "common/store/names.h"
#include "common/store/records.h"
#include "common/store/schema.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

/// Takes the mailbox off the list as AccountHandle::remove() does, and dies there.
void removeHalf(const AccountHandle& account, MailboxNo number, std::uint32_t phantoms) {
  must(account.domain().commit(Sync::Durable, [&](Batch& batch) -> Status {
    PH_TRY(const auto userValue, batch.get(key::user()));
    PH_TRY(auto user, UserRecord::decode(userValue));
    PH_TRY(const auto boxValue, batch.get(key::mailbox(number)));
    PH_TRY(auto box, MailboxRecord::decode(boxValue));
    ++user.dying;
    user.used.bytes -= box.bytes;
    user.used.messages -= box.messages;
    box.dying = true;
    box.messages += phantoms;
    PH_CHECK(batch.put(key::user(), user.encode()));
    PH_CHECK(batch.put(key::mailbox(number), box.encode()));
    return batch.erase(nameKey('N', "Old"));
  }));
}

MailboxNo makeOld(AccountHandle account) {
  must(account.create("Old"));
  auto box = must(account.mailbox("Old"));
  append(box, "Subject: old\r\n\r\nold\r\n");
  return box.number();
}

std::string read(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::uint16_t dying(const AccountHandle& account) {
  const auto snapshot = must(account.domain().snapshot());
  return must(UserRecord::decode(must(snapshot->get(key::user())))).dying;
}

}  // namespace

TEST_CASE("upkeep gives back what removed messages took") {
  World world("embedded");
  const std::string text = "Subject: large\r\n\r\n" + std::string(200'000, 'x') + "\r\n";
  auto box = world.box();
  for (int i = 0; i < 40; ++i) append(box, text);
  const Uid kept = append(box, "Subject: kept\r\n\r\nstays\r\n");
  std::vector<Uid> gone;
  for (const MessageRow& row : rowsOf(box))
    if (row.uid != kept) gone.push_back(row.uid);
  must(box.expunge(UidSet::of(gone), false));
  const auto before = must(world.account.domain().info()).bytesLog;
  must(world.store->upkeep(std::chrono::seconds{20}));
  const auto after = must(world.account.domain().info()).bytesLog;
  INFO(before << " to " << after);
  CHECK(after < before / 4);
  CHECK(textOf(box, kept).find("stays") != std::string::npos);
  world.sound();
}

TEST_CASE("upkeep closes accounts that nobody uses, so that they can be repaired") {
  World world("embedded");
  append(world.box(), "Subject: one\r\n\r\n1\r\n");
  auto other = must(Store::open(world.url, {}, world.clock));
  world.account = AccountHandle{nullptr};
  must(world.store->upkeep(std::chrono::seconds{1}));
  const auto report = must(other->repair({"anna", "", {}}, CheckDepth::Bodies));
  CHECK(report.clean());
}

TEST_CASE("an account with a half removed mailbox opens at once; upkeep clears the rest away") {
  World world("embedded");
  removeHalf(world.account, makeOld(world.account), 0);
  world.account = world.open();
  CHECK(dying(world.account) == 1);
  CHECK(append(world.box(), "Subject: new\r\n\r\nnew\r\n") == 1);
  must(world.store->upkeep(std::chrono::seconds{20}));
  CHECK(dying(world.account) == 0);
  world.sound();
}

TEST_CASE("a removed mailbox that cannot be cleared away locks nobody out and is told by its account") {
  World world("embedded");
  const std::string logs = world.dir.path() + "/log";
  std::filesystem::create_directory(logs);
  log::Settings logging;
  logging.target = log::Target::File;
  logging.directory = logs;
  must(log::configure(logging));
  removeHalf(world.account, makeOld(world.account), 5);
  auto other = must(world.store->account({"bert", "", {}}, Engine::Create::Yes));
  removeHalf(other, makeOld(other), 0);
  world.account = world.open();
  CHECK(append(world.box(), "Subject: new\r\n\r\nnew\r\n") == 1);

  const Status kept = world.store->upkeep(std::chrono::seconds{20});
  CHECK(codeOf(kept) == Errc::Corrupt);
  CHECK(dying(world.account) == 1);
  CHECK(dying(other) == 0);  // what is wrong with one does not touch the others
  const std::string lines = read(logs + "/posthorn");
  must(log::configure({}));
  INFO(lines);
  CHECK(lines.find("upkeep-failed") != std::string::npos);
  CHECK(lines.find("user=anna") != std::string::npos);
  CHECK(lines.find("user=bert") == std::string::npos);
}

TEST_CASE("what a long session removes is given back, though it logged in before the last upkeep") {
  World world("embedded");
  auto box = world.box();
  for (int i = 0; i < 20; ++i) append(box, "Subject: l\r\n\r\n" + std::string(200'000, 'x') + "\r\n");
  must(world.store->upkeep(std::chrono::seconds{20}));
  const auto before = must(world.account.domain().info()).bytesLog;
  must(box.expunge(UidSet::all(), false));
  must(world.store->upkeep(std::chrono::seconds{20}));
  CHECK(must(world.account.domain().info()).bytesLog < before / 4);
}

TEST_CASE("upkeep of one account asks nobody whether it was used") {
  World world("embedded");
  auto box = world.box();
  for (int i = 0; i < 20; ++i) append(box, "Subject: l\r\n\r\n" + std::string(200'000, 'x') + "\r\n");
  must(box.expunge(UidSet::all(), false));
  const auto before = must(world.account.domain().info()).bytesLog;
  auto tool = must(Store::open(world.url, {}, world.clock));
  must(tool->upkeep({"anna", "", {}}, std::chrono::seconds{20}));
  CHECK(must(world.account.domain().info()).bytesLog < before / 4);
  CHECK(codeOf(tool->upkeep({"nobody", "", {}}, std::chrono::seconds{20})) == Errc::NotFound);
}
