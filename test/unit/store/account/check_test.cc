// SPDX-License-Identifier: Apache-2.0
#include "common/store/check.h"

#include "common/store/blocks.h"
#include "common/store/records.h"
#include "common/store/schema.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

/// Puts a changed value behind the account layer's back.
template <typename Record>
void tamper(World& world, const Bytes& key, const std::function<void(Record&)>& change) {
  must(world.account.domain().commit(Sync::Durable, [&](Batch& batch) -> Status {
    PH_TRY(const auto value, batch.get(key));
    PH_TRY(auto record, Record::decode(value));
    change(record);
    return batch.put(key, record.encode());
  }));
}

void erase(World& world, const Bytes& key) {
  must(world.account.domain().commit(Sync::Durable, [&](Batch& batch) { return batch.erase(key); }));
}

bool finds(const World& world, View text) {
  const auto report = must(check(world.account, CheckDepth::Bodies));
  for (const auto& finding : report.findings)
    if (finding.text.find(text) != std::string::npos) return true;
  for (const auto& finding : report.findings) UNSCOPED_INFO(finding.text);
  return false;
}

}  // namespace

TEST_CASE("check finds each kind of contradiction") {
  World world("memory");
  auto inbox = world.box();
  for (int i = 0; i < 20; ++i) append(inbox, "Message-ID: <" + std::to_string(i) + ">\n\ntext\n");
  must(world.account.create("copies"));
  must(inbox.copy(one(1), world.box("copies")));
  world.sound();
  const MailboxNo number = inbox.number();
  const auto facts = rowsOf(inbox)[0].facts;

  SECTION("counts") {
    tamper<MailboxRecord>(world, key::mailbox(number), [](auto& r) { ++r.messages; });
    CHECK(finds(world, "count of messages"));
  }
  SECTION("sizes") {
    tamper<MailboxRecord>(world, key::mailbox(number), [](auto& r) { ++r.bytes; });
    CHECK(finds(world, "sum of sizes"));
  }
  SECTION("quota") {
    tamper<UserRecord>(world, key::user(), [](auto& r) { ++r.used.bytes; });
    CHECK(finds(world, "quota"));
  }
  SECTION("UIDNEXT") {
    tamper<MailboxRecord>(world, key::mailbox(number), [](auto& r) { r.uidNext = 5; });
    CHECK(finds(world, "UID is not given out"));
  }
  SECTION("MODSEQ") {
    tamper<UserRecord>(world, key::user(), [](auto& r) { r.modseq = 2; });
    CHECK(finds(world, "HIGHESTMODSEQ passes"));
  }
  SECTION("flags without facts") {
    erase(world, key::cold(number, 0));
    CHECK(finds(world, "has flags but no facts"));
  }
  SECTION("facts without flags") {
    erase(world, key::hot(number, 0));
    CHECK(finds(world, "has facts but no flags"));
  }
  SECTION("a mailbox without its record") {
    erase(world, key::mailbox(number));
    CHECK(finds(world, "no mailbox"));
    CHECK(finds(world, "mailbox that is not there"));
  }
  SECTION("references") {
    erase(world, key::references(facts.emailId));
    CHECK(finds(world, "shared body is not counted"));
  }
  SECTION("indexes") {
    erase(world, key::of('E', std::uint32_t{0}));
    CHECK(finds(world, "EMAILID"));
    CHECK(finds(world, "size of an index"));
  }
  SECTION("a body of another message") {
    tamper<ColdBlock>(world, key::cold(number, 0), [](auto& r) {
      r.entries[2].blob = r.entries[3].blob;
      r.entries[2].facts.size = r.entries[3].facts.size;
    });
    CHECK(finds(world, "text is that of another message"));
  }
  SECTION("garbage") {
    must(world.account.domain().commit(
        Sync::Durable, [&](Batch& batch) { return batch.put(key::hot(number, 0), "garbage"); }));
    CHECK(finds(world, "cannot be read"));
    CHECK(codeOf(inbox.messages(1)) == Errc::Corrupt);
  }
}
